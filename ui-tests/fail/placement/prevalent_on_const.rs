//! `#[prevalent]` on a `const`.

use prevalent::prevalent;

#[prevalent]
const N: u64 = 1;

fn main() {}
