//! Values that do not fit.
//! mistakes: 4
use prevalent::prevalent;

#[prevalent]
#[derive(Debug, Default)]
pub struct Sessions {
    n: u64,
}

#[prevalent(store = "Handle", vis = private, tx_derive = Debug, reply_derive("Debug"))]
impl Sessions {
    #[tx]
    pub fn add(&mut self) {}
}

fn main() {}
