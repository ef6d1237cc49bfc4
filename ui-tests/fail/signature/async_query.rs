//! A query cannot be `async`.

use prevalent::prevalent;

#[prevalent]
#[derive(Debug, Default)]
pub struct Sessions {
    n: u64,
}

#[prevalent]
impl Sessions {
    #[query]
    pub async fn n(&self) -> u64 {
        self.n
    }
}

fn main() {}
