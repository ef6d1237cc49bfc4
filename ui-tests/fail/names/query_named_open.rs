//! `open` is a constructor of the store.

use prevalent::prevalent;

#[prevalent]
#[derive(Debug, Default)]
pub struct Sessions {
    n: u64,
}

#[prevalent]
impl Sessions {
    #[query]
    pub fn open(&self) -> u64 {
        self.n
    }
}

fn main() {}
