//! An unknown option.
//! mistakes: 2
use prevalent::prevalent;

#[prevalent]
#[derive(Debug, Default)]
pub struct Sessions {
    n: u64,
}

#[prevalent]
impl Sessions {
    #[tx(durable)]
    pub fn add(&mut self) {}

    #[tx = "add"]
    pub fn put(&mut self) {}
}

fn main() {}
