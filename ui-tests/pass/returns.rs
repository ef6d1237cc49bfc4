//! What transactions and queries may return, and the attributes of their methods.
#![deny(warnings)]

use prevalent::prevalent;

#[derive(Debug, PartialEq)]
pub enum Refused {
    NoMoney,
}

#[prevalent]
#[derive(Debug, Default)]
pub struct Account {
    money: u64,
}

/// A reply needs no serde and no Clone.
pub struct Receipt(pub u64);

#[deprecated]
#[prevalent::data]
#[derive(Debug)]
pub struct OldStep(pub u64);

#[prevalent(tx_derive(Debug))]
impl Account {
    #[tx]
    #[allow(deprecated)]
    pub fn with_old_types(&mut self, step: OldStep, steps: &[OldStep], one: &OldStep) -> OldStep {
        let _ = (steps, one);
        step
    }

    #[tx]
    pub fn deposit(&mut self, amount: u64) -> Receipt {
        self.money += amount;
        Receipt(self.money)
    }

    #[tx]
    pub fn withdraw(&mut self, amount: u64) -> Result<u64, Refused> {
        self.money = self.money.checked_sub(amount).ok_or(Refused::NoMoney)?;
        Ok(self.money)
    }

    #[tx]
    #[deprecated = "use `withdraw`"]
    #[must_use]
    pub fn take(&mut self, amount: u64) -> &'static str {
        self.money -= amount;
        "taken"
    }

    #[tx]
    #[expect(unused_variables, reason = "it is a test")]
    #[inline]
    #[track_caller]
    pub fn nothing(&mut self, unused: u8) -> Option<Box<dyn Fn(u8) -> u8 + Send>> {
        None
    }

    #[query]
    #[deprecated]
    pub fn old(&self) -> &'static str {
        "old"
    }

    #[query]
    #[must_use]
    pub fn money(&self) -> u64 {
        self.money
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let store = AccountStore::in_memory();
    assert_eq!(store.deposit(3).wait()?.0, 3);
    assert_eq!(store.withdraw(1).wait()?, Ok(2));
    assert_eq!(store.withdraw(9).wait()?, Err(Refused::NoMoney));
    #[allow(deprecated)]
    let taken = store.take(1).wait()?;
    assert_eq!(taken, "taken");
    assert!(store.nothing(1).wait()?.is_none());
    assert_eq!(store.money(), 1);
    Ok(())
}
