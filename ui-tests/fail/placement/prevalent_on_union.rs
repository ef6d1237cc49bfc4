//! `#[prevalent]` on a `union`.

use prevalent::prevalent;

#[prevalent]
pub union Either {
    a: u8,
    b: u8,
}

fn main() {}
