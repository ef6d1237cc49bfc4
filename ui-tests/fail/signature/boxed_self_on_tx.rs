//! A transaction takes `&mut self`.

use prevalent::prevalent;

#[prevalent]
#[derive(Debug, Default)]
pub struct Sessions {
    n: u64,
}

#[prevalent]
impl Sessions {
    #[tx]
    pub fn add(self: Box<Self>, n: u64) {
        let _ = n;
    }
}

fn main() {}
