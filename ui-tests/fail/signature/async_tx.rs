//! A transaction cannot be `async`.

use prevalent::prevalent;

#[prevalent]
#[derive(Debug, Default)]
pub struct Sessions {
    n: u64,
}

#[prevalent]
impl Sessions {
    #[tx]
    pub async fn add(&mut self, n: u64) {
        self.n += n;
    }
}

fn main() {}
