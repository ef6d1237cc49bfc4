//! The argument of a query is not stored.

use prevalent::prevalent;

#[prevalent]
#[derive(Debug, Default)]
pub struct Sessions {
    n: u64,
}

#[prevalent]
impl Sessions {
    #[query]
    pub fn n(&self, #[serde(default)] m: u64) -> u64 {
        m
    }
}

fn main() {}
