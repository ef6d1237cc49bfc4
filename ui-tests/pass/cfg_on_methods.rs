//! Methods that are compiled under a condition.
#![deny(warnings)]
#![allow(unexpected_cfgs)]

use prevalent::{Model, prevalent};

#[prevalent]
#[derive(Debug, Default)]
pub struct Flags {
    n: u8,
}

#[prevalent]
impl Flags {
    #[tx]
    #[cfg(no_such_thing)]
    pub fn gone(&mut self, x: Missing, cx: &prevalent::TxContext) -> Missing {
        x
    }

    #[cfg(not(no_such_thing))]
    #[tx]
    pub fn here(&mut self, n: &str) -> u8 {
        self.n += n.len() as u8;
        self.n
    }

    #[cfg(no_such_thing)]
    #[tx]
    pub fn either(&mut self) -> u8 {
        1
    }

    #[cfg(not(no_such_thing))]
    #[tx]
    pub fn either(&mut self, #[cfg(no_such_thing)] gone: Missing, #[cfg(not(no_such_thing))] n: u8) -> u8 {
        n
    }

    #[cfg(no_such_thing)]
    #[query]
    pub fn gone_query(&self) -> Missing {
        Missing
    }

    #[cfg_attr(not(no_such_thing), must_use)]
    #[query]
    pub fn n(&self) -> u8 {
        self.n
    }
}

#[prevalent]
#[derive(Debug, Default)]
pub struct NoneLeft;

#[prevalent]
impl NoneLeft {
    #[cfg(no_such_thing)]
    #[tx]
    pub fn gone(&mut self) {}
}

#[prevalent]
#[cfg(no_such_thing)]
pub struct GoneToo(Missing);

#[prevalent]
#[cfg(no_such_thing)]
impl GoneToo {
    #[tx]
    pub fn gone(&mut self, missing: Missing) {}
}

fn main() {
    let store = FlagsStore::in_memory();
    assert_eq!(store.here("ab").wait().unwrap(), 2);
    assert_eq!(store.either(5).wait().unwrap(), 5);
    assert_eq!(store.n(), 2);
    assert_eq!(Flags::TRANSACTIONS.len(), 2);
    assert!(NoneLeft::TRANSACTIONS.is_empty());
}
