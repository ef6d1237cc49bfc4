//! What is retired has no method on the store.
//! mistakes: 3
use prevalent::prevalent;

#[prevalent]
#[derive(Debug, Default)]
pub struct Sessions {
    n: u64,
}

#[prevalent]
impl Sessions {
    #[tx(retired, method = "create_it")]
    pub fn create(&mut self) {}

    #[tx(retired = true)]
    pub fn delete(&mut self) {}

    #[query(retired)]
    pub fn count(&self) -> u64 {
        self.n
    }
}

fn main() {}
