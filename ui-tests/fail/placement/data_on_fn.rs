//! `#[prevalent::data]` on a function.

#[prevalent::data]
pub fn step() {}

fn main() {}
