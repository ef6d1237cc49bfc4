//! serde is derived already.

use prevalent::prevalent;

#[prevalent]
#[derive(Debug, Default)]
pub struct Sessions {
    n: u64,
}

#[prevalent(tx_derive(Debug, serde::Serialize))]
impl Sessions {
    #[tx]
    pub fn add(&mut self) {}
}

fn main() {}
