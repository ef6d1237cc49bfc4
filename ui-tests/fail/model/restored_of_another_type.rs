//! `restored` takes `&mut self`.

use prevalent::prevalent;

#[prevalent(restored = Self::rebuild)]
#[derive(Debug, Default)]
pub struct Sessions {
    n: u64,
}

impl Sessions {
    fn rebuild(&self) -> u64 {
        self.n
    }
}

fn main() {}
