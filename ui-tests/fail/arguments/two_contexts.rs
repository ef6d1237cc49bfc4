//! A transaction has one `TxContext`.

use prevalent::prevalent;

#[prevalent]
#[derive(Debug, Default)]
pub struct Sessions {
    n: u64,
}

#[prevalent]
impl Sessions {
    #[tx]
    pub fn add(&mut self, cx: &prevalent::TxContext, n: u64, again: &prevalent::TxContext) {
        let _ = (cx, n, again);
    }
}

fn main() {}
