//! A model without transactions, and one without anything.
#![deny(warnings)]

use prevalent::prevalent;

#[prevalent]
#[derive(Debug, Default)]
pub struct Fixed {
    n: u8,
}

#[prevalent]
impl Fixed {
    #[query]
    pub fn n(&self) -> u8 {
        self.n
    }
}

#[prevalent]
#[derive(Debug, Default)]
pub struct Empty;

#[prevalent(tx_derive(Debug, Clone), reply_derive(Debug))]
impl Empty {}

fn main() {
    assert_eq!(FixedStore::in_memory().n(), 0);
    let _ = EmptyStore::in_memory();
}
