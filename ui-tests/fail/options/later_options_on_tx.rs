//! Options of a later release.
//! mistakes: 4
use prevalent::prevalent;

#[prevalent]
#[derive(Debug, Default)]
pub struct Sessions {
    n: u64,
}

#[prevalent]
impl Sessions {
    #[tx(rev = 2, upgrade = Self::up, retired, idempotent)]
    pub fn add(&mut self) {}
}

fn main() {}
