//! A name needs letters.

use prevalent::prevalent;

#[prevalent(name = "")]
#[derive(Debug, Default)]
pub struct Sessions {
    n: u64,
}

fn main() {}
