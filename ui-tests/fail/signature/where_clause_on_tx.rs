//! A transaction cannot have a `where` clause.

use prevalent::prevalent;

#[prevalent]
#[derive(Debug, Default)]
pub struct Sessions {
    n: u64,
}

#[prevalent]
impl Sessions {
    #[tx]
    pub fn add(&mut self, n: u64)
    where
        u64: Copy,
    {
        self.n += n;
    }
}

fn main() {}
