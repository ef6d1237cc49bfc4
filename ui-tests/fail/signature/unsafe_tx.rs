//! A transaction cannot be `unsafe`.

use prevalent::prevalent;

#[prevalent]
#[derive(Debug, Default)]
pub struct Sessions {
    n: u64,
}

#[prevalent]
impl Sessions {
    #[tx]
    pub unsafe fn add(&mut self, n: u64) {
        self.n += n;
    }
}

fn main() {}
