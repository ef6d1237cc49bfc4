//! A retry that reaches a newer version of the program.

use prevalent::testing::SimDisk;
use prevalent::{Error, SchemaError, Seq};

macro_rules! shop {
    ($module:ident, $(#[$attribute:meta])* ($($argument:ident: $ty:ty = $value:expr),*) -> $reply:ty, $of:expr; $($more:item)*) => {
        mod $module {
            use prevalent::Key;

            $($more)*

            #[prevalent::prevalent(name = "shop")]
            #[derive(Debug, Default)]
            pub(super) struct Shop {
                pub(super) executed: u64,
            }

            #[prevalent::prevalent]
            impl Shop {
                $(#[$attribute])*
                pub(super) fn buy(&mut self, key: Key, $($argument: $ty),*) -> $reply {
                    let _ = (key, $($argument),*);
                    self.executed += 1;
                    let of: fn(u64) -> $reply = $of;
                    of(self.executed)
                }
            }

            pub(super) fn open(disk: &prevalent::testing::SimDisk) -> ShopStore {
                let builder = ShopStore::builder("").on_disk(disk.clone());
                builder.no_snapshot_on_close().open().wait().unwrap()
            }

            pub(super) fn buy(store: &ShopStore, key: &str) -> prevalent::Commit<$reply> {
                store.buy(key.into(), $($value),*)
            }
        }
    };
}

shop!(first, #[tx(idempotent)] (count: u32 = 7) -> Receipt, |number| Receipt { number, total: 5 };
    #[prevalent::data]
    #[derive(Debug, PartialEq)]
    pub(super) struct Receipt { pub(super) number: u64, pub(super) total: u32 }
);

// The fields of the reply are others; of the arguments one is wider, and one is new.
shop!(second, #[tx(idempotent)] (count: u64 = 7, note: Option<String> = None) -> Receipt,
    |number| Receipt { total: 6, number, note: None };
    #[prevalent::data]
    #[derive(Debug, PartialEq)]
    pub(super) struct Receipt {
        pub(super) total: u64,
        pub(super) number: u64,
        #[serde(default)]
        pub(super) note: Option<String>,
    }
);

// It can't be read as this one.
shop!(third, #[tx(idempotent)] (count: u32 = 7) -> Receipt, |_| Receipt { text: String::new() };
    #[prevalent::data]
    #[derive(Debug, PartialEq)]
    pub(super) struct Receipt { pub(super) text: String }
);

// It was not idempotent once.
shop!(before, #[tx] (count: u32 = 7) -> u64, |number| number;);
shop!(after, #[tx(idempotent)] (count: u32 = 7) -> u64, |number| number;);

/// With what was executed in a snapshot, or in the journal.
fn written(with_snapshot: bool) -> SimDisk {
    let disk = SimDisk::new();
    let store = first::open(&disk);
    assert_eq!(first::buy(&store, "a").wait().unwrap().total, 5);
    if with_snapshot {
        store.snapshot().wait().unwrap();
    }
    store.close().wait().unwrap();
    disk
}

#[test]
fn a_reply_is_read_by_names_and_arguments_of_other_types_are_the_same_thing() {
    let disk = written(true);
    let store = second::open(&disk);
    let again = second::buy(&store, "a");
    assert_eq!(again.seq(), Some(Seq::from(1)));
    assert_eq!(again.wait().unwrap(), second::Receipt { total: 5, number: 1, note: None });
    assert_eq!(store.read(|shop| shop.executed), 1);
    // It stays as it is in the next snapshot, too.
    second::buy(&store, "b").wait().unwrap();
    store.snapshot().wait().unwrap();
    drop(store);
    let store = second::open(&disk);
    assert_eq!(second::buy(&store, "a").wait().unwrap().total, 5);
    assert_eq!(second::buy(&store, "b").wait().unwrap().total, 6);
    assert_eq!(store.stats().ordered_seq, Seq::from(2));
}

#[test]
fn what_is_replayed_by_newer_code_is_remembered_as_newer_code_would() {
    let disk = written(false);
    let store = second::open(&disk);
    assert_eq!(second::buy(&store, "a").wait().unwrap().total, 6);
    let other = store.buy("a".into(), 8, None).wait();
    assert!(matches!(other, Err(Error::KeyReused { .. })), "{other:?}");
    assert_eq!(store.stats().ordered_seq, Seq::from(1));
}

#[test]
fn a_reply_that_can_not_be_read_any_more_is_told_as_such_and_nothing_is_executed_again() {
    let disk = written(true);
    let store = third::open(&disk);
    let error = third::buy(&store, "a").wait().unwrap_err();
    match &error {
        Error::Schema(SchemaError::ReplyUnreadable { tx, seq, .. }) => {
            assert_eq!((tx.as_str(), *seq), ("buy", Seq::from(1)));
            assert!(error.to_string().contains("not executed again"), "{error}");
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(store.stats().ordered_seq, Seq::from(1));
    assert_eq!(third::buy(&store, "b").seq(), Some(Seq::from(2)));
}

#[test]
fn a_transaction_that_becomes_idempotent_is_so_for_what_is_replayed_too() {
    let disk = SimDisk::new();
    let store = before::open(&disk);
    for count in 1..=2 {
        assert_eq!(before::buy(&store, "a").wait().unwrap(), count);
    }
    drop(store);
    let store = after::open(&disk);
    assert_eq!(store.read(|shop| shop.executed), 2, "what was journaled is executed");
    assert_eq!(after::buy(&store, "a").wait().unwrap(), 2);
    drop(store);
    let store = before::open(&disk);
    assert_eq!(before::buy(&store, "a").wait().unwrap(), 3);
}
