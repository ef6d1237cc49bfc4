//! An option that is given twice.

use prevalent::prevalent;

#[prevalent(name = "a", name = "b")]
#[derive(Debug, Default)]
pub struct Sessions {
    n: u64,
}

fn main() {}
