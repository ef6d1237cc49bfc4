//! A query takes `&self`.

use prevalent::prevalent;

#[prevalent]
#[derive(Debug, Default)]
pub struct Sessions {
    n: u64,
}

#[prevalent]
impl Sessions {
    #[query]
    pub fn n(self) -> u64 {
        self.n
    }
}

fn main() {}
