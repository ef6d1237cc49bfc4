//! Each method is told its own mistake, and the others are generated.
//! mistakes: 3
use prevalent::prevalent;

#[prevalent]
#[derive(Debug, Default)]
pub struct Sessions {
    n: u64,
}

#[prevalent]
impl Sessions {
    #[tx]
    pub async fn add(&mut self, n: u64) {
        self.n += n;
    }

    #[tx]
    pub fn right(&mut self) {}

    #[query]
    pub fn n(&mut self) -> u64 {
        self.n
    }

    #[tx(nmae = "x")]
    pub fn named(&mut self) {}
}

fn main() {
    let store = SessionsStore::in_memory();
    store.right().detach();
}
