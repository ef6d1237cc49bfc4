//! `rollback` is an option of the model.

use prevalent::prevalent;

#[prevalent]
#[derive(Clone, Debug, Default)]
pub struct Sessions {
    n: u64,
}

#[prevalent(rollback)]
impl Sessions {
    #[tx]
    pub fn add(&mut self) {
        self.n += 1;
    }
}

fn main() {}
