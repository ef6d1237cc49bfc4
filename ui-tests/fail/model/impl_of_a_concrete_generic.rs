//! A model cannot be generic.

use prevalent::prevalent;

pub struct Index<T>(Vec<T>);

#[prevalent]
impl Index<u64> {
    #[tx]
    pub fn add(&mut self, n: u64) {
        self.0.push(n);
    }
}

fn main() {}
