//! A transaction cannot be generic.

use prevalent::prevalent;

#[prevalent]
#[derive(Debug, Default)]
pub struct Sessions {
    n: u64,
}

#[prevalent]
impl Sessions {
    #[tx]
    pub fn add<const N: usize>(&mut self, n: [u64; N]) {
        self.n += n[0];
    }
}

fn main() {}
