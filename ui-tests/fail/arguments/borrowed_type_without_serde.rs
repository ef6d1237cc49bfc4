//! An argument needs serde.

use prevalent::prevalent;

#[prevalent]
#[derive(Debug, Default)]
pub struct Sessions {
    n: u64,
}

pub struct Step(u64);

#[prevalent]
impl Sessions {
    #[tx]
    pub fn add(&mut self, step: &Step) {
        self.n += step.0;
    }
}

fn main() {}
