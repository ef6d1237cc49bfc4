//! `#[tx]` without an `#[prevalent] impl`.
//! mistakes: 2
use prevalent::{prevalent, query, tx};

#[prevalent]
#[derive(Debug, Default)]
pub struct Sessions {
    n: u64,
}

impl Sessions {
    #[tx]
    pub fn add(&mut self) {}

    #[query]
    pub fn n(&self) -> u64 {
        self.n
    }
}

fn main() {}
