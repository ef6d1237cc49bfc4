//! The model of these tests: as it is with `rollback`, and as it is without.

use prevalent::testing::Disk;
use prevalent::{Builder, Durability, Error, Past, Seq};

macro_rules! board {
    ($(#[$doc:meta])* $module:ident $(, $rollback:ident)?) => {
        $(#[$doc])*
        pub(crate) mod $module {
            use prevalent::TxContext;

            #[prevalent::prevalent(name = "board" $(, $rollback)?)]
            #[derive(Clone, Debug, Default, PartialEq, Eq)]
            pub(crate) struct Board {
                pub(crate) lines: Vec<String>,
                /// As many as there are lines, whatever is seen.
                pub(crate) count: u64,
                pub(crate) drawn: u64,
            }

            #[prevalent::prevalent(tx_derive(Clone, Debug, PartialEq))]
            impl Board {
                #[tx]
                pub(crate) fn put(&mut self, text: &str, cx: &TxContext) -> u64 {
                    self.change(text, cx);
                    self.count
                }

                /// It changes everything, and then refuses.
                #[tx]
                pub(crate) fn refuse(&mut self, text: &str, cx: &TxContext) -> Result<u64, String> {
                    self.change(text, cx);
                    Err(format!("{} lines are too many", self.count))
                }

                /// Where nobody calls it a `Result`, it is one.
                #[tx]
                pub(crate) fn refuse_by_alias(&mut self, text: &str, cx: &TxContext) -> std::fmt::Result {
                    self.change(text, cx);
                    Err(std::fmt::Error)
                }

                /// It changes half, and then panics.
                #[tx]
                pub(crate) fn explode(&mut self, text: &str) {
                    self.lines.push(text.to_owned());
                    panic!("an explosion that belongs to the test");
                }

                fn change(&mut self, text: &str, cx: &TxContext) {
                    self.lines.push(text.to_owned());
                    std::thread::yield_now();
                    self.count += 1;
                    self.drawn = cx.random_u64();
                }
            }
        }
    };
}

board! {
    /// With roll-back.
    on, rollback
}

board! {
    /// Without.
    off
}

pub(crate) const MODES: [Durability; 3] =
    [Durability::Always, Durability::Every(std::time::Duration::from_hours(1)), Durability::Manual];

pub(crate) fn builder(disk: impl Disk, durability: Durability) -> Builder<on::BoardStore> {
    on::BoardStore::builder("").on_disk(disk).durability(durability).no_snapshot_on_close()
}

#[track_caller]
pub(crate) fn open(disk: impl Disk, durability: Durability) -> on::BoardStore {
    builder(disk, durability).open().wait().unwrap()
}

#[track_caller]
pub(crate) fn past(disk: impl Disk, seq: u64) -> Past<on::Board> {
    builder(disk, Durability::Always).open_at(Seq::from(seq)).wait().unwrap()
}

pub(crate) fn board(store: &on::BoardStore) -> on::Board {
    store.read(Clone::clone)
}

#[track_caller]
pub(crate) fn assert_panicked<R: std::fmt::Debug>(result: Result<R, Error>, expected: u64) {
    match result.unwrap_err() {
        Error::TxPanicked { seq, tx: "explode", message, .. } => {
            assert_eq!(seq, Seq::from(expected));
            assert!(message.starts_with("an explosion"), "{message}");
        }
        other => panic!("{other:?}"),
    }
}
