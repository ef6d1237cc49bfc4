//! An option that belongs on the impl.
//! mistakes: 2
use prevalent::prevalent;

#[prevalent(store = Handle, tx_derive(Debug))]
#[derive(Debug, Default)]
pub struct Sessions {
    n: u64,
}

fn main() {}
