//! The key is a `prevalent::Key`, and not another type of that name.

use prevalent::prevalent;

#[prevalent::data]
#[derive(Debug)]
pub struct Key(u64);

#[prevalent]
#[derive(Debug, Default)]
pub struct Bank {
    money: u64,
}

#[prevalent]
impl Bank {
    #[tx(idempotent)]
    pub fn deposit(&mut self, key: &Key, amount: u64) {
        let _ = key;
        self.money += amount;
    }
}

fn main() {}
