//! A query has no stable name.

use prevalent::prevalent;

#[prevalent]
#[derive(Debug, Default)]
pub struct Sessions {
    n: u64,
}

#[prevalent]
impl Sessions {
    #[query(name = "sum")]
    pub fn sum(&self) -> u64 {
        self.n
    }
}

fn main() {}
