//! An argument cannot be a pattern.

use prevalent::prevalent;

#[prevalent]
#[derive(Debug, Default)]
pub struct Sessions {
    n: u64,
}

#[prevalent]
impl Sessions {
    #[tx]
    pub fn add(&mut self, (a, b): (u64, u64)) {
        self.n += a + b;
    }
}

fn main() {}
