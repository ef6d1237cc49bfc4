//! A model cannot borrow.

use prevalent::prevalent;

#[prevalent]
#[derive(Debug, Default)]
pub struct Index<'a> {
    name: &'a str,
}

fn main() {}
