//! An option that belongs on the struct.
//! mistakes: 2
use prevalent::prevalent;

#[prevalent]
#[derive(Debug, Default)]
pub struct Sessions {
    n: u64,
}

#[prevalent(name = "sessions", serde = manual)]
impl Sessions {
    #[tx]
    pub fn add(&mut self) {}
}

fn main() {}
