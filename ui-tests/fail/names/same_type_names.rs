//! The generated types need names of their own.

use prevalent::prevalent;

#[prevalent]
#[derive(Debug, Default)]
pub struct Sessions {
    n: u64,
}

#[prevalent(tx = Change, reply = Change)]
impl Sessions {
    #[tx]
    pub fn add(&mut self) {}
}

fn main() {}
