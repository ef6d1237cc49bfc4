//! `#[prevalent]` on a `mod`.

use prevalent::prevalent;

#[prevalent]
mod inner {}

fn main() {}
