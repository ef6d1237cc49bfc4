//! Both on one method.

use prevalent::prevalent;

#[prevalent]
#[derive(Debug, Default)]
pub struct Sessions {
    n: u64,
}

#[prevalent]
impl Sessions {
    #[tx]
    #[query]
    pub fn add(&mut self) {}
}

fn main() {}
