//! A transaction takes `&TxContext`.

use prevalent::prevalent;

#[prevalent]
#[derive(Debug, Default)]
pub struct Sessions {
    n: u64,
}

#[prevalent]
impl Sessions {
    #[tx]
    pub fn add(&mut self, cx: prevalent::TxContext) {
        let _ = cx;
    }
}

fn main() {}
