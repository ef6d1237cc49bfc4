//! `open` needs a first state.

use prevalent::prevalent;

#[prevalent]
pub struct Board {
    size: u64,
}

#[prevalent]
impl Board {
    #[tx]
    pub fn grow(&mut self) {
        self.size += 1;
    }
}

fn main() {
    let _ = BoardStore::open("dir");
}
