//! An option of a later release.

use prevalent::prevalent;

#[prevalent]
#[derive(Debug, Default)]
pub struct Sessions {
    n: u64,
}

#[prevalent]
impl Sessions {
    #[tx(idempotent)]
    pub fn add(&mut self) {}
}

fn main() {}
