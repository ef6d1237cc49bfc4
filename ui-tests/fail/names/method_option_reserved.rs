//! `builder` is a constructor of the store.

use prevalent::prevalent;

#[prevalent]
#[derive(Debug, Default)]
pub struct Sessions {
    n: u64,
}

#[prevalent]
impl Sessions {
    #[tx(method = "builder")]
    pub fn add(&mut self) {}
}

fn main() {}
