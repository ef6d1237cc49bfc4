//! What happens at most once needs a key, which is called so.
//! mistakes: 2
use prevalent::{Key, prevalent};

#[prevalent]
#[derive(Debug, Default)]
pub struct Bank {
    money: u64,
}

#[prevalent]
impl Bank {
    #[tx(idempotent)]
    pub fn deposit(&mut self, amount: u64) {
        self.money += amount;
    }

    #[tx(idempotent)]
    pub fn withdraw(&mut self, amount: u64, id: &Key) {
        let _ = id;
        self.money -= amount;
    }
}

fn main() {}
