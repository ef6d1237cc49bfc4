//! `#[prevalent]` on a `trait`.

use prevalent::prevalent;

#[prevalent]
pub trait Add {}

fn main() {}
