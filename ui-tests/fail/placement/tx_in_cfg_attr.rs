//! A marker behind a condition.
//! mistakes: 2
use prevalent::prevalent;

#[prevalent]
#[derive(Debug, Default)]
pub struct Sessions {
    n: u64,
}

#[prevalent]
impl Sessions {
    #[cfg_attr(all(), tx)]
    pub fn add(&mut self) {}

    #[cfg_attr(all(), prevalent::query)]
    pub fn sum(&self) -> u64 {
        self.n
    }
}

fn main() {}
