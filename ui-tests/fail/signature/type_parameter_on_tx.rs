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
    pub fn add<T: Into<u64>>(&mut self, n: T) {
        self.n += n.into();
    }
}

fn main() {}
