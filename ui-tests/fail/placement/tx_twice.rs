//! The same twice.

use prevalent::prevalent;

#[prevalent]
#[derive(Debug, Default)]
pub struct Sessions {
    n: u64,
}

#[prevalent]
impl Sessions {
    #[tx]
    #[tx(name = "x")]
    pub fn add(&mut self) {}
}

fn main() {}
