//! The accounts: plain data, plain methods.

use std::collections::BTreeMap;

/// All accounts.
#[prevalent::data]
#[derive(Debug, Default)]
pub struct Accounts {
    balances: BTreeMap<String, u64>,
}

impl Accounts {
    pub fn open(&mut self, name: String) {
        self.balances.entry(name).or_default();
    }

    pub fn deposit(&mut self, name: &str, amount: u64) -> Option<u64> {
        let balance = self.balances.get_mut(name)?;
        *balance += amount;
        Some(*balance)
    }

    /// Tells whether there was enough.
    pub fn take(&mut self, name: &str, amount: u64) -> bool {
        let Some(balance) = self.balances.get_mut(name) else { return false };
        if *balance < amount {
            return false;
        }
        *balance -= amount;
        true
    }
}
