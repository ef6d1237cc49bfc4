//! A transaction cannot name lifetimes.

use prevalent::prevalent;

#[prevalent]
#[derive(Debug, Default)]
pub struct Sessions {
    n: u64,
}

#[prevalent]
impl Sessions {
    #[tx]
    pub fn add(&mut self, token: std::borrow::Cow<'_, str>) {
        let _ = token;
    }
}

fn main() {}
