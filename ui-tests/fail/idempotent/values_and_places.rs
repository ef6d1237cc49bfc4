//! `idempotent` takes no value, is given once, and on a transaction.
//! mistakes: 5
use prevalent::{Key, prevalent};

#[prevalent]
#[derive(Debug, Default)]
pub struct Bank {
    money: u64,
}

#[prevalent]
impl Bank {
    #[tx(idempotent = true)]
    pub fn deposit(&mut self, key: Key) {
        let _ = key;
    }

    #[tx(idempotent(key))]
    pub fn withdraw(&mut self, key: Key) {
        let _ = key;
    }

    #[tx(idempotent, idempotent)]
    pub fn close(&mut self, key: Key) {
        let _ = key;
    }

    #[tx(once)]
    pub fn open_it(&mut self, key: Key) {
        let _ = key;
    }

    #[query(idempotent)]
    pub fn money(&self) -> u64 {
        self.money
    }
}

fn main() {}
