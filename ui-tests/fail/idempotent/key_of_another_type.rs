//! The key is a `prevalent::Key`.
//! mistakes: 3
use prevalent::{Key, prevalent};

#[prevalent]
#[derive(Debug, Default)]
pub struct Bank {
    money: u64,
}

#[prevalent]
impl Bank {
    #[tx(idempotent)]
    pub fn deposit(&mut self, key: &str, amount: u64) {
        let _ = key;
        self.money += amount;
    }

    #[tx(idempotent)]
    pub fn withdraw(&mut self, key: u128, amount: u64) {
        let _ = key;
        self.money -= amount;
    }

    #[tx(idempotent)]
    pub fn close(&mut self, key: Option<&Key>) {
        let _ = key;
    }
}

fn main() {}
