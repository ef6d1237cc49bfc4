//! Two methods cannot be one variant.

use prevalent::prevalent;

#[prevalent]
#[derive(Debug, Default)]
pub struct Sessions {
    n: u64,
}

#[prevalent]
impl Sessions {
    #[tx]
    pub fn add_one(&mut self) {}

    #[tx]
    pub fn add__one(&mut self) {}
}

fn main() {}
