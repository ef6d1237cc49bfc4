//! A transaction cannot be `const`.

use prevalent::prevalent;

#[prevalent]
#[derive(Debug, Default)]
pub struct Sessions {
    n: u64,
}

#[prevalent]
impl Sessions {
    #[tx]
    pub const fn add(&mut self, n: u64) {
        self.n += n;
    }
}

fn main() {}
