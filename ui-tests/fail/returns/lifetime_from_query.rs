//! A query returns an owned value.

use prevalent::prevalent;

#[prevalent]
#[derive(Debug, Default)]
pub struct Sessions {
    n: u64,
}

#[prevalent]
impl Sessions {
    #[query]
    pub fn n(&self) -> std::slice::Iter<'_, u64> {
        std::slice::from_ref(&self.n).iter()
    }
}

fn main() {}
