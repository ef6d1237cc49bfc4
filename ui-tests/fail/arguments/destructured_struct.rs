//! An argument cannot be a pattern.

use prevalent::prevalent;

#[prevalent]
#[derive(Debug, Default)]
pub struct Sessions {
    n: u64,
}

#[prevalent::data]
pub struct Pair {
    a: u64,
    b: u64,
}

#[prevalent]
impl Sessions {
    #[tx]
    pub fn add(&mut self, Pair { a, b }: Pair) {
        self.n += a + b;
    }
}

fn main() {}
