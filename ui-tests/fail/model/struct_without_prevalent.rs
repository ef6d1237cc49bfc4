//! The struct needs `#[prevalent]` too.

use prevalent::prevalent;

#[derive(Debug, Default)]
pub struct Sessions {
    n: u64,
}

#[prevalent]
impl Sessions {
    #[tx]
    pub fn add(&mut self) {
        self.n += 1;
    }
}

fn main() {
    let store = SessionsStore::in_memory();
    store.add().detach();
}
