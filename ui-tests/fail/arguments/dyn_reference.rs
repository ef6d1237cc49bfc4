//! A `dyn` argument cannot be stored.

use prevalent::prevalent;

#[prevalent]
#[derive(Debug, Default)]
pub struct Sessions {
    n: u64,
}

#[prevalent]
impl Sessions {
    #[tx]
    pub fn add(&mut self, token: &dyn std::fmt::Debug) {
        let _ = token;
    }
}

fn main() {}
