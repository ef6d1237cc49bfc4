//! An option that belongs on the impl.

use prevalent::prevalent;

#[prevalent(store = Handle, tx_derive(Debug))]
#[derive(Debug, Default)]
pub struct Sessions {
    n: u64,
}

fn main() {}
