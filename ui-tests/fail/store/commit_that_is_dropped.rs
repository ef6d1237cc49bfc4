//! A commit handle must be used.

#![deny(warnings)]

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
    let store = BoardStore::builder_in_memory().initial(|| Board { size: 1 }).open().wait().unwrap();
    store.grow();
}
