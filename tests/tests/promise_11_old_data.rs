//! Promise 11, as far as it goes by now: transactions are known by their stable names, and a store by its model's.

use prevalent::testing::SimDisk;
use prevalent::{Error, SchemaError, Seq, prevalent};

/// Versions of one model, as a program's history would have them.
mod versions {
    /// The first one.
    pub(super) mod first {
        #[prevalent::prevalent(name = "account")]
        #[derive(Debug, Default)]
        pub(crate) struct Account {
            pub(crate) balance: i64,
        }
        #[prevalent::prevalent]
        impl Account {
            #[tx]
            pub(crate) fn deposit(&mut self, amount: i64) {
                self.balance += amount;
            }
            #[tx]
            pub(crate) fn withdraw(&mut self, amount: i64) {
                self.balance -= amount;
            }
            #[tx]
            pub(crate) fn double(&mut self) {
                self.balance *= 2;
            }
            #[tx]
            pub(crate) fn fail(&mut self) {
                self.balance = 0;
                panic!("this method is a mistake");
            }
        }
    }

    /// The order is another one, there is a new method in front, and the struct and a method have other names.
    pub(super) mod second {
        #[prevalent::prevalent(name = "account")]
        #[derive(Debug, Default)]
        pub(crate) struct Konto {
            pub(crate) balance: i64,
        }
        #[prevalent::prevalent]
        impl Konto {
            #[tx]
            pub(crate) fn audit(&mut self, expected: i64) -> bool {
                self.balance == expected
            }
            #[tx]
            pub(crate) fn double(&mut self) {
                self.balance *= 2;
            }
            #[tx(name = "withdraw")]
            pub(crate) fn take_out(&mut self, amount: i64) {
                self.balance -= amount;
            }
            #[tx]
            pub(crate) fn deposit(&mut self, amount: i64) {
                self.balance += amount;
            }
            #[tx]
            pub(crate) fn fail(&mut self) {
                self.balance += 1;
            }
        }
    }

    /// `double` and `withdraw` are retired.
    pub(super) mod retiring {
        #[prevalent::prevalent(name = "account")]
        #[derive(Debug, Default)]
        pub(crate) struct Account {
            pub(crate) balance: i64,
        }
        #[prevalent::prevalent(reply_derive(Debug))]
        impl Account {
            #[tx(retired)]
            fn double(&mut self) {
                self.balance *= 2;
            }
            #[tx(retired)]
            fn withdraw(&mut self, amount: i64) {
                self.balance -= amount;
            }
            #[tx]
            pub(crate) fn deposit(&mut self, amount: i64) {
                self.balance += amount;
            }
        }
    }

    /// `double` and `fail` are gone.
    pub(super) mod third {
        #[prevalent::prevalent(name = "account")]
        #[derive(Debug, Default)]
        pub(crate) struct Account {
            pub(crate) balance: i64,
        }
        #[prevalent::prevalent]
        impl Account {
            #[tx]
            pub(crate) fn withdraw(&mut self, amount: i64) {
                self.balance -= amount;
            }
            #[tx]
            pub(crate) fn deposit(&mut self, amount: i64) {
                self.balance += amount;
            }
        }
    }
}

use versions::{first, retiring, second, third};

macro_rules! open {
    ($store:ty, $disk:expr) => {
        <$store>::builder("").no_snapshot_on_close().on_disk($disk.clone()).open().wait()
    };
}

#[test]
fn reordered_added_and_renamed_methods_never_misread_an_old_journal() {
    let disk = SimDisk::new();
    let store = open!(first::AccountStore, disk).unwrap();
    store.deposit(100).wait().unwrap();
    store.withdraw(30).wait().unwrap();
    store.double().wait().unwrap();
    drop(store);
    let store = open!(second::KontoStore, disk).unwrap();
    assert!(store.audit(140).wait().unwrap());
    store.take_out(40).wait().unwrap();
    drop(store);
    // Back again: what has the old names is understood by the old code.
    let store = second::KontoStore::builder("").on_disk(disk.clone()).open().wait().unwrap();
    assert_eq!(store.read(|konto| konto.balance), 100);
    store.close().wait().unwrap();
    let store = open!(first::AccountStore, disk).unwrap();
    store.withdraw(1).wait().unwrap();
    assert_eq!(store.read(|account| account.balance), 99);
}

#[test]
fn after_a_crash_too_the_names_of_the_journal_are_the_ones_that_count() {
    let disk = SimDisk::new();
    let store = open!(first::AccountStore, disk).unwrap();
    for amount in [100, 20, 3] {
        store.deposit(amount).wait().unwrap();
    }
    // The last transactions are carried over into a new segment, whose dictionary goes on with other names.
    let disk = disk.after_kill();
    let store = open!(second::KontoStore, disk).unwrap();
    store.take_out(23).wait().unwrap();
    let disk = disk.after_kill();
    let store = open!(second::KontoStore, disk).unwrap();
    assert!(store.audit(100).wait().unwrap());
}

#[test]
fn a_removed_transaction_is_refused_only_while_it_must_be_replayed() {
    let disk = SimDisk::new();
    let store = open!(first::AccountStore, disk).unwrap();
    store.deposit(10).wait().unwrap();
    store.double().wait().unwrap();
    store.double().wait().unwrap();
    drop(store);
    let before = disk.operations().len();
    let error = open!(third::AccountStore, disk).unwrap_err();
    match &error {
        Error::Schema(SchemaError::UnknownTransaction { model, tx, seq, .. }) => {
            assert_eq!((model.as_str(), tx.as_str(), *seq), ("account", "double", Seq::from(2)));
        }
        other => panic!("{other:?}"),
    }
    assert!(error.to_string().contains("#[tx(name = \"double\")]"), "{error}");
    assert_eq!(disk.operations().len(), before, "nothing was written");

    // A snapshot behind it, and nothing needs it any more.
    let store = open!(first::AccountStore, disk).unwrap();
    store.snapshot().wait().unwrap();
    store.deposit(2).wait().unwrap();
    drop(store);
    let store = open!(third::AccountStore, disk).unwrap();
    assert_eq!(store.read(|account| account.balance), 42);
    store.withdraw(1).wait().unwrap();
    drop(store);
    assert_eq!(open!(third::AccountStore, disk).unwrap().read(|account| account.balance), 41);
}

#[test]
fn a_retired_transaction_is_replayed_and_committed_no_more() {
    let disk = SimDisk::new();
    let store = open!(first::AccountStore, disk).unwrap();
    store.deposit(10).wait().unwrap();
    store.double().wait().unwrap();
    store.withdraw(3).wait().unwrap();
    drop(store);
    let store = open!(retiring::AccountStore, disk).unwrap();
    assert_eq!(store.read(|account| account.balance), 17);

    let (before, stats) = (disk.operations().len(), store.stats());
    #[expect(deprecated, reason = "it is what the compiler warns of")]
    let retired = [
        (retiring::AccountTx::Double, "double"),
        (retiring::AccountTx::Withdraw { amount: 1 }, "withdraw"),
    ];
    for (tx, name) in retired {
        let commit = store.commit(tx);
        assert_eq!(commit.seq(), None);
        match commit.wait() {
            Err(Error::Encoding { tx, reason, .. }) => {
                assert_eq!(tx, name);
                assert!(reason.contains("retired"), "{reason}");
            }
            other => panic!("{other:?}"),
        }
    }
    store.flush().wait().unwrap();
    assert_eq!(disk.operations().len(), before, "nothing was journaled");
    assert_eq!((store.stats().seq, store.stats().durable_seq), (stats.seq, stats.durable_seq));
    store.deposit(1).wait().unwrap();
    drop(store);
    assert_eq!(open!(first::AccountStore, disk).unwrap().read(|account| account.balance), 18);
}

#[test]
fn a_transaction_that_is_not_compiled_counts_as_removed() {
    let disk = SimDisk::new();
    let store = open!(first::AccountStore, disk).unwrap();
    store.deposit(10).wait().unwrap();
    drop(store);
    let store = open!(conditional::AccountStore, disk).unwrap();
    drop(store);
    let store = open!(first::AccountStore, disk).unwrap();
    store.double().wait().unwrap();
    drop(store);
    match open!(conditional::AccountStore, disk) {
        Err(Error::Schema(SchemaError::UnknownTransaction { tx, .. })) => assert_eq!(tx, "double"),
        other => panic!("{other:?}"),
    }
}

/// `double` is there under a condition that is not met.
mod conditional {
    #[prevalent::prevalent(name = "account")]
    #[derive(Debug, Default)]
    pub(crate) struct Account {
        pub(crate) balance: i64,
    }
    #[prevalent::prevalent]
    impl Account {
        #[tx]
        pub(crate) fn deposit(&mut self, amount: i64) {
            self.balance += amount;
        }
        #[cfg(any())]
        #[tx]
        pub(crate) fn double(&mut self) {
            self.balance *= 2;
        }
    }
}

#[test]
fn a_removed_transaction_that_is_void_is_never_replayed_and_so_not_refused() {
    let disk = SimDisk::new();
    let store = open!(first::AccountStore, disk).unwrap();
    store.deposit(10).wait().unwrap();
    store.fail().wait().unwrap_err();
    store.deposit(1).wait().unwrap();
    drop(store);
    let store = open!(third::AccountStore, disk).unwrap();
    assert_eq!(store.read(|account| account.balance), 11);
    drop(store);
    // But one that isn't void still is, though a void comes before it.
    let store = open!(first::AccountStore, disk).unwrap();
    store.double().wait().unwrap();
    store.fail().wait().unwrap_err();
    drop(store);
    match open!(third::AccountStore, disk) {
        Err(Error::Schema(SchemaError::UnknownTransaction { tx, seq, .. })) => {
            assert_eq!((tx.as_str(), seq), ("double", Seq::from(4)));
        }
        other => panic!("{other:?}"),
    }
}

#[prevalent(name = "somebody_else")]
#[derive(Debug, Default)]
struct Other {
    balance: i64,
}

#[prevalent(vis = pub(self))]
impl Other {
    #[tx]
    fn deposit(&mut self, amount: i64) {
        self.balance += amount;
    }
}

#[test]
fn another_model_s_store_is_refused() {
    for closed in [false, true] {
        let disk = SimDisk::new();
        let store = open!(first::AccountStore, disk).unwrap();
        store.deposit(1).wait().unwrap();
        if closed {
            store.close().wait().unwrap();
        }
        drop(store);
        let before = disk.operations().len();
        match open!(OtherStore, disk) {
            Err(Error::WrongModel { found, expected, .. }) => {
                assert_eq!((found.as_str(), expected.as_str()), ("account", "somebody_else"));
            }
            other => panic!("{other:?}"),
        }
        assert_eq!(disk.operations().len(), before);
    }
}

/// `deposit` takes something else now.
mod retyped {
    #[prevalent::prevalent(name = "account")]
    #[derive(Debug, Default)]
    pub(crate) struct Account {
        pub(crate) balance: i64,
    }
    #[prevalent::prevalent]
    impl Account {
        #[tx]
        pub(crate) fn deposit(&mut self, from: &str, amounts: &[i64]) {
            self.balance += amounts.iter().sum::<i64>() * i64::from(!from.is_empty());
        }
    }
}

#[test]
fn what_has_other_types_is_an_error_of_open_that_names_it_and_nothing_is_written() {
    let disk = SimDisk::new();
    let store = open!(first::AccountStore, disk).unwrap();
    store.deposit(1).wait().unwrap();
    drop(store);
    let before = disk.operations().len();
    match open!(retyped::AccountStore, disk) {
        Err(Error::Schema(SchemaError::IncompatibleTransaction { tx, seq, .. })) => {
            assert_eq!((tx.as_str(), seq), ("deposit", Seq::from(1)));
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(disk.operations().len(), before);
}
