//! The model of these tests.

use prevalent::testing::Disk;
use prevalent::{Builder, Durability, Key, prevalent};

/// It counts how often something was executed.
#[prevalent(name = "bank")]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Bank {
    pub(crate) money: i64,
    pub(crate) executed: Vec<String>,
}

/// A reply that is neither `Clone` nor small.
#[prevalent::data]
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Receipt {
    pub(crate) number: u64,
    pub(crate) balance: i64,
    pub(crate) text: String,
}

#[prevalent(tx_derive(Debug), reply_derive(Debug, PartialEq))]
impl Bank {
    #[tx(idempotent)]
    #[expect(clippy::needless_pass_by_value, reason = "keys may be owned, too")]
    pub(crate) fn deposit(&mut self, key: Key, amount: i64) -> Receipt {
        self.executed.push(key.to_string());
        self.money += amount;
        let number = self.executed.len() as u64;
        Receipt { number, balance: self.money, text: format!("{amount} for you") }
    }

    /// It notes what it refuses.
    #[tx(idempotent)]
    pub(crate) fn withdraw(&mut self, amount: i64, why: &str, key: &Key) -> Result<i64, String> {
        self.executed.push(format!("{key}: {why}"));
        if self.money < amount {
            return Err(format!("there is only {}", self.money));
        }
        self.money -= amount;
        Ok(self.money)
    }

    /// It panics where there is less than this.
    #[tx(idempotent)]
    pub(crate) fn expect(&mut self, key: &Key, amount: i64) {
        self.executed.push(key.to_string());
        assert!(self.money >= amount, "a panic that belongs to the test");
    }

    #[tx(idempotent)]
    #[expect(clippy::needless_pass_by_value, reason = "keys may be owned, too")]
    pub(crate) fn large(&mut self, key: Key, bytes: usize) -> String {
        self.executed.push(key.to_string());
        "x".repeat(bytes)
    }

    #[tx]
    pub(crate) fn give(&mut self, amount: i64) {
        self.money += amount;
    }
}

pub(crate) const MODES: [Durability; 3] =
    [Durability::Always, Durability::Every(std::time::Duration::from_hours(1)), Durability::Manual];

pub(crate) fn builder(disk: impl Disk, durability: Durability) -> Builder<BankStore> {
    BankStore::builder("").on_disk(disk).durability(durability).no_snapshot_on_close()
}

#[track_caller]
pub(crate) fn open(disk: impl Disk, durability: Durability) -> BankStore {
    builder(disk, durability).open().wait().unwrap()
}

pub(crate) fn bank(store: &BankStore) -> Bank {
    store.read(Clone::clone)
}
