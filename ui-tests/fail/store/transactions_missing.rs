//! The impl needs `#[prevalent]` too.

use prevalent::prevalent;

#[prevalent]
#[derive(Debug, Default)]
pub struct Sessions {
    n: u64,
}

impl Sessions {
    pub fn add(&mut self) {
        self.n += 1;
    }
}

fn main() {
    fn store<M: prevalent::Model>() {}
    store::<Sessions>();
}
