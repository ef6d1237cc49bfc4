//! A model cannot be generic.

use prevalent::prevalent;

pub struct Index<T>(Vec<T>);

#[prevalent]
impl<T> Index<T> {
    #[tx]
    pub fn add(&mut self, n: u64) {
        let _ = n;
    }
}

fn main() {}
