//! A transaction cannot be generic, over lifetimes either.

use prevalent::prevalent;

#[prevalent]
#[derive(Debug, Default)]
pub struct Sessions {
    n: u64,
}

#[prevalent]
impl Sessions {
    #[tx]
    pub fn add<'a>(&mut self, n: &'a str, m: &'a str) {
        let _ = (n, m);
    }
}

fn main() {}
