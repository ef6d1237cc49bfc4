//! `removed` is not available yet.

use prevalent::prevalent;

#[prevalent]
#[derive(Debug, Default)]
pub struct Sessions {
    n: u64,
}

#[prevalent(removed("old"))]
impl Sessions {
    #[tx]
    pub fn add(&mut self) {}
}

fn main() {}
