//! A model cannot be generic.

use prevalent::prevalent;

#[prevalent]
#[derive(Debug, Default)]
pub struct Index<T> {
    items: Vec<T>,
}

fn main() {}
