//! A transaction cannot name lifetimes.

use prevalent::prevalent;

#[prevalent]
#[derive(Debug, Default)]
pub struct Sessions {
    n: u64,
}

#[prevalent]
impl Sessions {
    #[tx]
    pub fn add(&mut self, token: &'static str) {
        let _ = token;
    }
}

fn main() {}
