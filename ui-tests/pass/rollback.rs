//! A model that is rolled back: what fails leaves no trace, however its reply is written.
#![deny(warnings)]

use prevalent::prevalent;

pub type Outcome<T> = std::result::Result<T, Refused>;

#[derive(Debug, PartialEq)]
pub struct Refused;

/// Neither this one nor what else is called like it is a `Result`.
#[derive(Debug, PartialEq)]
pub enum Result {
    Ok,
    Err,
}

#[prevalent(rollback)]
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Account {
    money: u64,
}

#[prevalent(reply_derive(Debug))]
impl Account {
    #[tx]
    pub fn set(&mut self, to: u64) {
        self.money = to;
    }

    #[tx]
    pub fn by_alias(&mut self, to: u64, refuse: bool) -> Outcome<u64> {
        self.money = to;
        if refuse { Err(Refused) } else { Ok(to) }
    }

    #[tx]
    pub fn by_path(&mut self, to: u64) -> std::result::Result<(), Refused> {
        self.money = to;
        Err(Refused)
    }

    #[tx]
    pub fn only_called_so(&mut self, to: u64) -> Result {
        self.money = to;
        Result::Err
    }

    #[tx]
    pub fn none(&mut self, to: u64) -> Option<u64> {
        self.money = to;
        None
    }

    #[tx]
    pub fn inside(&mut self, to: u64) -> Option<Outcome<u64>> {
        self.money = to;
        Some(Err(Refused))
    }

    #[tx]
    pub fn outside(&mut self, to: u64) -> Outcome<Option<Outcome<u64>>> {
        self.money = to;
        Ok(Some(Err(Refused)))
    }

    #[query]
    pub fn money(&self) -> u64 {
        self.money
    }
}

#[prevalent(rollback)]
#[derive(Clone, Debug)]
enum Private {
    On(u64),
}

#[prevalent(vis = pub(self))]
impl Private {
    #[tx]
    fn fail(&mut self) -> std::result::Result<u64, String> {
        let Private::On(number) = self;
        *number += 1;
        Err(number.to_string())
    }
}

fn main() -> std::result::Result<(), Box<dyn std::error::Error>> {
    let store = AccountStore::in_memory();
    store.set(1).wait()?;
    assert_eq!(store.by_alias(2, false).wait()?, Ok(2));
    assert_eq!(store.money(), 2);
    assert_eq!(store.by_alias(3, true).wait()?, Err(Refused));
    assert_eq!(store.by_path(3).wait()?, Err(Refused));
    assert_eq!(store.money(), 2);
    let reply = store.commit(AccountTx::ByPath { to: 3 }).wait()?;
    assert!(matches!(reply, AccountReply::ByPath(Err(Refused))));
    assert_eq!(store.money(), 2);
    assert_eq!(store.only_called_so(4).wait()?, Result::Err);
    assert_eq!(store.money(), 4);
    assert_eq!(store.none(5).wait()?, None);
    assert_eq!(store.money(), 5);
    assert_eq!(store.inside(6).wait()?, Some(Err(Refused)));
    assert_eq!(store.money(), 6);
    assert_eq!(store.outside(7).wait()?, Ok(Some(Err(Refused))));
    assert_eq!(store.money(), 7);

    let store = PrivateStore::builder_in_memory().initial(|| Private::On(1)).open().wait()?;
    for _ in 0..2 {
        assert_eq!(store.fail().wait()?, Err("2".to_owned()));
    }
    Ok(())
}
