//! `#[prevalent::data]` on an impl.

pub struct Step(u64);

#[prevalent::data]
impl Step {}

fn main() {}
