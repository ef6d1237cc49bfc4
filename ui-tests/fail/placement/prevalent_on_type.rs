//! `#[prevalent]` on a `type`.

use prevalent::prevalent;

#[prevalent]
type N = u64;

fn main() {}
