//! A query has no `TxContext`.

use prevalent::prevalent;

#[prevalent]
#[derive(Debug, Default)]
pub struct Sessions {
    n: u64,
}

#[prevalent]
impl Sessions {
    #[query]
    pub fn n(&self, cx: &prevalent::TxContext) -> u64 {
        let _ = cx;
        self.n
    }
}

fn main() {}
