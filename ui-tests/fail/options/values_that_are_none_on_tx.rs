//! Values that do not fit.
//! mistakes: 3
use prevalent::prevalent;

#[prevalent]
#[derive(Debug, Default)]
pub struct Sessions {
    n: u64,
}

#[prevalent]
impl Sessions {
    #[tx(name = add)]
    pub fn add(&mut self) {}

    #[tx(method = "not a name")]
    pub fn put(&mut self) {}

    #[tx(method)]
    pub fn set(&mut self) {}
}

fn main() {}
