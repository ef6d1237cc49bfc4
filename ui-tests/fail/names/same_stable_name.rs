//! Two transactions cannot have one name.

use prevalent::prevalent;

#[prevalent]
#[derive(Debug, Default)]
pub struct Sessions {
    n: u64,
}

#[prevalent]
impl Sessions {
    #[tx]
    pub fn add(&mut self) {}

    #[tx(name = "add")]
    pub fn put(&mut self) {}
}

fn main() {}
