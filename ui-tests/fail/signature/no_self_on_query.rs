//! A query needs `&self`.

use prevalent::prevalent;

#[prevalent]
#[derive(Debug, Default)]
pub struct Sessions {
    n: u64,
}

#[prevalent]
impl Sessions {
    #[query]
    pub fn n() -> u64 {
        0
    }
}

fn main() {}
