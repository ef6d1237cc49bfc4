//! A model without `Default` gets its first state from `initial`.

use prevalent::prevalent;

#[prevalent]
pub struct Board {
    size: u32,
}

#[prevalent]
impl Board {
    fn of_size(size: u32) -> Self {
        Self { size }
    }

    /// Makes it bigger.
    #[tx]
    pub fn grow(&mut self) -> u32 {
        self.size += 1;
        self.size
    }
}

fn main() {
    let store: BoardStore = BoardStore::builder_in_memory().initial(|| Board::of_size(3)).open().wait().unwrap();
    assert_eq!(store.grow().wait().unwrap(), 4);
    let _ = || BoardStore::builder("dir").initial(|| Board::of_size(3)).open();
}
