//! Transactions that happen at most once, in all their forms.
#![deny(warnings)]

use prevalent::{Key, prevalent};

mod types {
    /// Nobody needs to be `Clone`.
    #[prevalent::data]
    #[derive(Debug, PartialEq)]
    pub struct Receipt(pub u64);

    pub type Outcome<T> = Result<T, String>;
}

#[prevalent]
#[derive(Debug, Default)]
pub struct Bank {
    money: u64,
}

#[prevalent]
impl Bank {
    #[tx(idempotent)]
    pub fn deposit(&mut self, key: Key, amount: u64) -> types::Receipt {
        // Nothing has to be done with the key.
        self.money += amount;
        types::Receipt(self.money)
    }

    /// The key may stand anywhere, and be borrowed beside others; another one is an argument like any other.
    #[tx(idempotent, name = "take", method = "take")]
    pub fn withdraw(&mut self, why: &str, other: Key, key: &prevalent::Key) -> types::Outcome<Key> {
        self.money = self.money.checked_sub(1).ok_or(why)?;
        let _ = key;
        Ok(other)
    }

    #[tx(idempotent)]
    pub fn clear(&mut self, mut key: Key) {
        key = Key::from(key.as_bytes());
        let _ = key;
        self.money = 0;
    }

    #[tx(idempotent, retired)]
    fn gone(&mut self, key: &Key) -> u8 {
        0
    }

    #[cfg(any())]
    #[tx(idempotent)]
    pub fn never(&mut self, key: Key) {}

    /// Here it is just a name.
    #[tx]
    pub fn plain(&mut self, key: &str) {
        self.money += key.len() as u64;
    }
}

#[prevalent(rollback)]
#[derive(Clone, Debug, Default)]
struct Private(u64);

#[prevalent(vis = pub(self))]
impl Private {
    #[tx(idempotent)]
    fn add(&mut self, key: Key) -> u64 {
        let _ = key;
        self.0 += 1;
        self.0
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let store = BankStore::in_memory();
    for _ in 0..2 {
        assert_eq!(store.deposit("a".into(), 1).wait()?, types::Receipt(1));
    }
    for key in [Key::from(1_u64), Key::from(1_u64)] {
        assert_eq!(store.take("too poor", "x".into(), &key).wait()?, Ok("x".into()));
    }
    store.clear(Key::random()).wait()?;
    store.plain("four").wait()?;
    let tx = || BankTx::Deposit { key: "b".to_owned().into(), amount: 2 };
    for _ in 0..2 {
        let BankReply::Deposit(receipt) = store.commit(tx()).wait()? else { unreachable!() };
        assert_eq!(receipt, types::Receipt(6));
    }
    let store = PrivateStore::in_memory();
    for _ in 0..2 {
        assert_eq!(store.add([7; 16].into()).wait()?, 1);
    }
    Ok(())
}
