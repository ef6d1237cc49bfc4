//! `#[prevalent]` on a `fn`.

use prevalent::prevalent;

#[prevalent]
pub fn add() {}

fn main() {}
