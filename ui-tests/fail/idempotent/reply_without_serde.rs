//! The reply is remembered.

use prevalent::{Key, prevalent};

#[prevalent]
#[derive(Debug, Default)]
pub struct Bank {
    money: u64,
}

pub struct Receipt(u64);

#[prevalent]
impl Bank {
    #[tx(idempotent)]
    pub fn deposit(&mut self, key: Key, amount: u64) -> Receipt {
        let _ = key;
        self.money += amount;
        Receipt(self.money)
    }
}

fn main() {}
