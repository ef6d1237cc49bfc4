//! Models whose `Clone` or `Drop` panics; and what cloning costs whom.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use prevalent::testing::SimDisk;
use prevalent::{Error, Seq};

/// A value whose clone panics when it is told to.
mod brittle {
    use super::{AtomicBool, Ordering};

    pub(super) static CLONE_PANICS: AtomicBool = AtomicBool::new(false);

    #[prevalent::data]
    #[derive(Debug, Default)]
    pub(super) struct Brittle;

    impl Clone for Brittle {
        fn clone(&self) -> Self {
            assert!(!CLONE_PANICS.load(Ordering::SeqCst), "a clone that belongs to the test");
            Brittle
        }
    }

    #[prevalent::prevalent(rollback)]
    #[derive(Clone, Debug, Default)]
    pub(super) struct Vase {
        pub(super) flowers: Vec<u64>,
        brittle: Brittle,
    }

    #[prevalent::prevalent]
    impl Vase {
        #[tx]
        pub(super) fn put(&mut self, flower: u64) {
            self.flowers.push(flower);
        }
    }
}

#[test]
fn a_clone_that_panics_is_the_panic_of_its_transaction() {
    use brittle::{CLONE_PANICS, Vase, VaseStore};
    let disk = SimDisk::new();
    let open = || VaseStore::builder("").no_snapshot_on_close().on_disk(disk.clone()).open().wait();
    let store = open().unwrap();
    store.put(1).wait().unwrap();
    CLONE_PANICS.store(true, Ordering::SeqCst);
    match store.put(2).wait() {
        Err(Error::TxPanicked { seq, tx: "put", message, .. }) => {
            assert_eq!((seq, message.as_str()), (Seq::from(2), "a clone that belongs to the test"));
        }
        other => panic!("{other:?}"),
    }
    let flowers = |vase: &Vase| vase.flowers.clone();
    assert_eq!(store.read(flowers), [1]);
    CLONE_PANICS.store(false, Ordering::SeqCst);
    store.put(3).wait().unwrap();
    assert_eq!(store.read(flowers), [1, 3]);
    drop(store);
    CLONE_PANICS.store(true, Ordering::SeqCst);
    assert!(matches!(open(), Err(Error::ReplayPanicked { .. })));
    CLONE_PANICS.store(false, Ordering::SeqCst);
    assert_eq!(open().unwrap().read(flowers), [1, 3]);
}

/// A value that panics when it is dropped, once it is armed.
mod mine {
    #[prevalent::data]
    #[derive(Clone, Debug, Default)]
    pub(super) struct Mine {
        pub(super) is_armed: bool,
    }

    impl Drop for Mine {
        fn drop(&mut self) {
            assert!(!self.is_armed, "a drop that belongs to the test");
        }
    }

    #[prevalent::prevalent(rollback)]
    #[derive(Clone, Debug, Default)]
    pub(super) struct Field {
        pub(super) steps: Vec<u64>,
        mine: Mine,
    }

    #[prevalent::prevalent]
    impl Field {
        #[tx]
        pub(super) fn arm(&mut self, is_armed: bool) {
            self.mine.is_armed = is_armed;
        }

        #[tx]
        pub(super) fn step(&mut self, number: u64) {
            self.steps.push(number);
        }

        #[tx]
        pub(super) fn refuse(&mut self, number: u64) -> Result<(), u64> {
            self.steps.push(number);
            Err(number)
        }

        #[tx]
        pub(super) fn explode(&mut self, number: u64) {
            struct Payload;
            impl Drop for Payload {
                fn drop(&mut self) {
                    panic!("a payload that belongs to the test");
                }
            }
            self.steps.push(number);
            std::panic::panic_any(Payload);
        }
    }
}

#[test]
fn a_panic_in_the_drop_of_what_is_thrown_away_harms_nothing() {
    use mine::{Field, FieldStore};
    let disk = SimDisk::new();
    let open = || {
        FieldStore::builder("").no_snapshot_on_close().on_disk(disk.clone()).open().wait().unwrap()
    };
    let store = open();
    let steps = |field: &Field| field.steps.clone();
    store.arm(true).wait().unwrap();
    // The old state is dropped; then the new one; then the one that a panic has left, while there is a panic already.
    store.step(1).wait().unwrap();
    assert_eq!(store.refuse(2).wait().unwrap(), Err(2));
    match store.explode(3).wait() {
        Err(Error::TxPanicked { seq, .. }) => assert_eq!(seq, Seq::from(4)),
        other => panic!("{other:?}"),
    }
    store.step(4).wait().unwrap();
    assert_eq!(store.read(steps), [1, 4]);
    assert_eq!(store.stats().rebuilds, 0);
    store.arm(false).wait().unwrap();
    drop(store);
    let store = open();
    assert_eq!(store.read(steps), [1, 4]);
    store.step(5).wait().unwrap();
}

macro_rules! counted {
    ($module:ident, $clones:ident $(, $rollback:ident)?) => {
        static $clones: AtomicU64 = AtomicU64::new(0);

        mod $module {
            use super::Ordering;

            #[prevalent::prevalent($($rollback)?)]
            #[derive(Debug, Default)]
            pub(super) struct Counted {
                number: u64,
            }

            impl Clone for Counted {
                fn clone(&self) -> Self {
                    super::$clones.fetch_add(1, Ordering::SeqCst);
                    Counted { number: self.number }
                }
            }

            #[prevalent::prevalent]
            impl Counted {
                #[tx]
                pub(super) fn add(&mut self, number: u64) -> Result<u64, u64> {
                    self.number += number;
                    Ok(self.number)
                }
            }
        }
    };
}

counted!(plain, CLONES_OF_PLAIN);
counted!(guarded, CLONES_OF_GUARDED, rollback);

#[test]
fn a_model_is_cloned_once_for_each_transaction_and_never_without_the_option() {
    macro_rules! run {
        ($module:ident) => {
            let disk = SimDisk::new();
            let open = || {
                let builder = $module::CountedStore::builder("").on_disk(disk.clone());
                builder.no_snapshot_on_close().open().wait().unwrap()
            };
            let store = open();
            for number in 0..10 {
                store.add(number).wait().unwrap().unwrap();
            }
            drop(store);
            assert_eq!(open().recovery().transactions, 10);
        };
    }
    run!(plain);
    assert_eq!(CLONES_OF_PLAIN.load(Ordering::SeqCst), 0);
    run!(guarded);
    assert_eq!(CLONES_OF_GUARDED.load(Ordering::SeqCst), 20, "live, and in the replay");
}
