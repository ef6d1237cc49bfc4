//! A transaction returns an owned value.

use prevalent::prevalent;

#[prevalent]
#[derive(Debug, Default)]
pub struct Sessions {
    n: u64,
}

#[prevalent]
impl Sessions {
    #[tx]
    pub fn add(&mut self) -> &u64 {
        &self.n
    }
}

fn main() {}
