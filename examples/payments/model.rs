//! Accounts, and payments between them.

use std::collections::HashMap;

use prevalent::{Key, prevalent};

/// What everybody has.
#[prevalent]
#[derive(Debug, Default)]
pub struct Bank {
    accounts: HashMap<String, u64>,
}

/// Why there was no payment.
#[prevalent::data]
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Declined {
    /// So much was there.
    #[error("there is only {0} in the account")]
    Insufficient(u64),
}

#[prevalent(tx_derive(Debug))]
impl Bank {
    /// Puts money into an account.
    #[tx]
    pub fn deposit(&mut self, account: String, amount: u64) {
        *self.accounts.entry(account).or_default() += amount;
    }

    /// Moves money. Who doesn't hear the answer asks again with the same key, and pays once all the same.
    #[tx(idempotent)]
    pub fn pay(&mut self, key: &Key, from: &str, to: String, amount: u64) -> Result<u64, Declined> {
        // Check first, then change: an `Err` keeps what was changed before it.
        let there = self.balance(from);
        let left = there.checked_sub(amount).ok_or(Declined::Insufficient(there))?;
        self.accounts.insert(from.to_owned(), left);
        *self.accounts.entry(to).or_default() += amount;
        Ok(left)
    }

    /// What is in an account.
    #[query]
    pub fn balance(&self, account: &str) -> u64 {
        self.accounts.get(account).copied().unwrap_or(0)
    }
}
