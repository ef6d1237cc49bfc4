//! `#[prevalent]` on the impl of a trait.

use prevalent::prevalent;

#[prevalent]
#[derive(Debug, Default)]
pub struct Sessions {
    n: u64,
}

pub trait Add {
    fn add(&mut self);
}

#[prevalent]
impl Add for Sessions {
    #[tx]
    fn add(&mut self) {}
}

fn main() {}
