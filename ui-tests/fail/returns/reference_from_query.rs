//! A query returns an owned value.

use prevalent::prevalent;

#[prevalent]
#[derive(Debug, Default)]
pub struct Sessions {
    n: u64,
}

#[prevalent]
impl Sessions {
    #[query]
    pub fn n(&self) -> Option<&u64> {
        Some(&self.n)
    }
}

fn main() {}
