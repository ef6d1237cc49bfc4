//! `#[tx]` on a function.

#[prevalent::tx]
fn add() {}

fn main() {}
