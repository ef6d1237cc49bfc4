//! An unknown option.

#[prevalent::data(name = "x")]
pub struct Step(u64);

fn main() {}
