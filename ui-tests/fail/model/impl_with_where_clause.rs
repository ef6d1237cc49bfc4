//! The impl of a model cannot have a `where` clause.

use prevalent::prevalent;

#[prevalent]
#[derive(Debug, Default)]
pub struct Sessions {
    n: u64,
}

#[prevalent]
impl Sessions
where
    u64: Copy,
{
    #[tx]
    pub fn add(&mut self) {}
}

fn main() {}
