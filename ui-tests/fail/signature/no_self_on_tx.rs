//! A transaction needs `&mut self`.
//! mistakes: 2
use prevalent::prevalent;

#[prevalent]
#[derive(Debug, Default)]
pub struct Sessions {
    n: u64,
}

#[prevalent]
impl Sessions {
    #[tx]
    pub fn add(n: u64) {
        let _ = n;
    }

    #[tx]
    pub fn nothing() {}
}

fn main() {}
