//! Two methods of the store cannot have one name.

use prevalent::prevalent;

#[prevalent]
#[derive(Debug, Default)]
pub struct Sessions {
    n: u64,
}

#[prevalent]
impl Sessions {
    #[tx]
    pub fn add(&mut self) {}

    #[query(method = "add")]
    pub fn sum(&self) -> u64 {
        self.n
    }
}

fn main() {}
