//! Misspelt markers.
//! mistakes: 3
use prevalent::prevalent;

#[prevalent]
#[derive(Debug, Default)]
pub struct Sessions {
    n: u64,
}

#[prevalent]
impl Sessions {
    #[transaction]
    pub fn add(&mut self) {}

    #[qeury]
    pub fn sum(&self) -> u64 {
        self.n
    }

    #[txn]
    pub fn put(&mut self) {}
}

fn main() {}
