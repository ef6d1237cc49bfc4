//! A query cannot be generic.

use prevalent::prevalent;

#[prevalent]
#[derive(Debug, Default)]
pub struct Sessions {
    n: u64,
}

#[prevalent]
impl Sessions {
    #[query]
    pub fn find<T: PartialEq<u64>>(&self, n: T) -> bool {
        n == self.n
    }
}

fn main() {}
