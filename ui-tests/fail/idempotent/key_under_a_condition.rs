//! The key is always there, and there is one.
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
    pub fn deposit(&mut self, #[cfg(unix)] key: Key, amount: u64) {
        #[cfg(unix)]
        let _ = key;
        self.money += amount;
    }

    #[tx(idempotent)]
    pub fn withdraw(&mut self, #[cfg(unix)] key: Key, #[cfg(not(unix))] key: &Key, amount: u64) {
        let _ = key;
        self.money -= amount;
    }
}

fn main() {}
