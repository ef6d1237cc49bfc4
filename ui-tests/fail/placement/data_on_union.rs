//! `#[prevalent::data]` on a union.

#[prevalent::data]
pub union Either {
    a: u8,
    b: u8,
}

fn main() {}
