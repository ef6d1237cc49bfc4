//! A reference inside a type cannot be stored.

use prevalent::prevalent;

#[prevalent]
#[derive(Debug, Default)]
pub struct Sessions {
    n: u64,
}

#[prevalent]
impl Sessions {
    #[tx]
    pub fn add(&mut self, token: &&str) {
        let _ = token;
    }
}

fn main() {}
