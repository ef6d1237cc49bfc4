//! Promise 11: what other code wrote is read by names, and an open that did so leaves a snapshot, so that history is not
//! rewritten twice.

use futures_util::FutureExt;
use prevalent::testing::{Fault, Loss, SimDisk};
use prevalent::{ChangedBodies, Error, SchemaError, Seq, Store};

/// Versions of one program.
mod versions {
    pub(super) mod first {
        #[prevalent::prevalent(name = "account")]
        #[derive(Debug, Default)]
        pub(crate) struct Account {
            pub(crate) balance: i64,
            pub(crate) notes: Vec<(String, u32)>,
        }
        #[prevalent::prevalent]
        impl Account {
            #[tx]
            pub(crate) fn deposit(&mut self, amount: i64) {
                self.balance += amount;
            }
            #[tx]
            pub(crate) fn note(&mut self, text: &str, priority: u32) {
                self.notes.push((text.to_owned(), priority));
            }
            #[tx]
            pub(crate) fn fail(&mut self) {
                self.balance = 0;
                panic!("this method is a mistake");
            }
        }
    }

    /// `deposit` counts twice, and priorities are wider.
    pub(super) mod second {
        #[prevalent::prevalent(name = "account")]
        #[derive(Debug, Default)]
        pub(crate) struct Account {
            #[serde(default)]
            pub(crate) deposits: u64,
            pub(crate) notes: Vec<(String, u64)>,
            pub(crate) balance: i64,
        }
        #[prevalent::prevalent]
        impl Account {
            #[tx]
            pub(crate) fn note(&mut self, priority: u64, text: String) {
                self.notes.push((text, priority));
            }
            #[tx]
            pub(crate) fn deposit(&mut self, amount: i64) {
                self.deposits += 1;
                self.balance += 2 * amount;
            }
            #[tx]
            pub(crate) fn fail(&mut self) {
                self.balance = 0;
                panic!("this method is a mistake");
            }
        }
    }

    /// `deposit` counts three times.
    pub(super) mod third {
        #[prevalent::prevalent(name = "account")]
        #[derive(Debug, Default)]
        pub(crate) struct Account {
            pub(crate) balance: i64,
        }
        #[prevalent::prevalent]
        impl Account {
            #[tx]
            pub(crate) fn deposit(&mut self, amount: i64) {
                self.balance += 3 * amount;
            }
        }
    }
}

use versions::{first, second, third};

macro_rules! open {
    ($version:ident, $disk:expr) => {
        $version::AccountStore::builder("")
            .no_snapshot_on_close()
            .on_disk($disk.clone())
            .open()
            .wait()
    };
}

/// What the first program leaves: two deposits and a note, in a journal that was closed, or not.
fn journal(is_closed: bool) -> SimDisk {
    let disk = SimDisk::new();
    let store = open!(first, disk).unwrap();
    store.deposit(1).wait().unwrap();
    store.note("hello", 7).wait().unwrap();
    store.deposit(10).wait().unwrap();
    let killed = disk.after_kill();
    drop(store);
    if is_closed { disk } else { killed }
}

#[test]
fn an_open_with_other_code_tells_what_it_did_and_leaves_a_snapshot() {
    for is_closed in [true, false] {
        let disk = journal(is_closed);
        let store = open!(second, disk).unwrap();
        let recovery = store.recovery().clone();
        assert_eq!(recovery.closed_cleanly, is_closed);
        let bodies: Vec<_> = recovery
            .changed_bodies
            .iter()
            .map(|body| (body.tx.as_str(), body.transactions, u64::from(body.first_seq)))
            .collect();
        assert_eq!(bodies, [("deposit", 2, 1), ("note", 1, 2)]);
        let [note] = recovery.converted.as_slice() else { panic!("{recovery:?}") };
        assert_eq!(
            (note.tx.as_str(), note.transactions, note.first_seq),
            ("note", 1, Seq::from(2))
        );
        assert!(recovery.model_converted, "{recovery:?}");
        assert_eq!(store.stats().last_snapshot.unwrap().seq, Seq::from(3));
        let check = |account: &second::Account| {
            assert_eq!((account.balance, account.deposits), (22, 2));
            assert_eq!(account.notes, [("hello".to_owned(), 7)]);
        };
        store.read(check);

        // The third program replays nothing of the first one, though its deposits count three times.
        store.deposit(100).wait().unwrap();
        let disk = disk.after_kill();
        drop(store);
        let store = open!(third, disk).unwrap();
        assert_eq!(store.recovery().transactions, 1);
        assert_eq!(store.read(|account| account.balance), 22 + 300);
    }
}

#[test]
fn a_model_that_was_converted_is_stored_anew_even_if_nothing_was_replayed() {
    let disk = SimDisk::new();
    let store = first::AccountStore::builder("").on_disk(disk.clone()).open().wait().unwrap();
    store.deposit(5).wait().unwrap();
    Store::close(&store).wait().unwrap();
    let before = disk.file_names();
    let store = open!(second, disk).unwrap();
    assert!(store.recovery().model_converted && store.recovery().transactions == 0);
    drop(store);
    assert_eq!(disk.file_names(), before, "it takes the place of the one before");
    let store = open!(second, disk).unwrap();
    assert!(!store.recovery().model_converted);
    assert_eq!(store.read(|account| account.balance), 5);
}

#[test]
fn the_same_code_again_leaves_no_snapshot_and_writes_nothing() {
    let disk = journal(true);
    let before = disk.operations().len();
    drop(open!(first, disk).unwrap());
    let written = disk.operations().split_off(before);
    assert!(!written.iter().any(|it| it.file.contains("snapshot")), "{written:?}");
}

#[test]
fn a_converting_open_that_is_interrupted_is_done_again() {
    let balance = |disk: &SimDisk| {
        let store = open!(second, disk).unwrap_or_else(|error| panic!("{error}"));
        store.read(|account| (account.balance, account.deposits, account.notes.len()))
    };
    let mut images = 0;
    for is_closed in [true, false] {
        let disk = journal(is_closed).after_kill();
        let store = open!(second, disk).unwrap();
        drop(store);
        for point in disk.crash_points() {
            for image in disk.images_at(point, Loss::KeepOrDrop).take(200) {
                assert_eq!(balance(&image), (22, 2, 1), "{point}");
                images += 1;
            }
        }
    }
    assert!(images > 50, "{images}");
}

#[test]
fn a_converting_open_that_fails_has_lost_nothing() {
    let operations = {
        let disk = journal(true).after_kill();
        let store = open!(second, disk).unwrap();
        let operations = disk.operations().len();
        drop(store);
        operations
    };
    assert!(operations > 4, "{operations}");
    let mut failed = 0;
    for number in 0..operations {
        for fault in [Fault::Eio, Fault::Enospc, Fault::EioAfterEffect] {
            let disk = journal(true).after_kill();
            disk.fail_operation(number, fault);
            let opened = open!(second, disk);
            failed += usize::from(opened.is_err());
            if let Ok(store) = opened {
                assert_eq!(store.read(|account| account.balance), 22);
            }
            disk.heal();
            let store = open!(second, disk).unwrap();
            assert_eq!(store.read(|account| account.balance), 22, "{number}: {fault:?}");
        }
    }
    assert!(failed > 4, "{failed}");
}

#[test]
fn other_bodies_are_refused_where_that_is_asked_for_before_anything_is_written() {
    for is_closed in [true, false] {
        let disk = journal(is_closed);
        let before = disk.operations().len();
        let builder = || second::AccountStore::builder("").on_disk(disk.clone());
        let error = builder().changed_bodies(ChangedBodies::Refuse).open().wait().unwrap_err();
        match &error {
            Error::Schema(SchemaError::ChangedBody { tx, seq, .. }) => {
                assert_eq!((tx.as_str(), *seq), ("deposit", Seq::from(1)));
            }
            other => panic!("{other:?}"),
        }
        assert_eq!(disk.operations().len(), before, "{error}");
        let store = builder().changed_bodies(ChangedBodies::Allow).open().wait().unwrap();
        assert_eq!(store.recovery().changed_bodies.len(), 2);
        drop(store);
        // Nothing is left to replay.
        assert!(builder().changed_bodies(ChangedBodies::Refuse).open().wait().is_ok());
    }
}

#[test]
fn a_subscription_reads_history_through_the_names() {
    let disk = journal(false);
    let store = open!(second, disk).unwrap();
    store.note(1, "later".to_owned()).wait().unwrap();
    let mut subscription = store.subscribe(Seq::from(1));
    let mut seen = Vec::new();
    for _ in 0..4 {
        let event = futures_executor::block_on(subscription.next()).unwrap().unwrap();
        seen.push(match event.tx {
            second::AccountTx::Note { priority, text } => format!("{text} {priority}"),
            second::AccountTx::Deposit { amount } => format!("{amount}"),
            second::AccountTx::Fail => "failed".to_owned(),
        });
    }
    assert_eq!(seen, ["1", "hello 7", "10", "later 1"]);
    assert!(subscription.next().now_or_never().is_none());
}

#[test]
fn a_rebuild_after_a_panic_begins_with_the_converted_state() {
    prevalent_tests::ledger::hush();
    let disk = journal(false);
    let store = open!(second, disk).unwrap();
    store.deposit(1).wait().unwrap();
    assert!(matches!(store.fail().wait(), Err(Error::TxPanicked { .. })));
    assert_eq!(store.read(|account| (account.balance, account.deposits)), (24, 3));
    drop(store);
    assert_eq!(open!(second, disk).unwrap().read(|account| account.balance), 24);
}

#[test]
fn transactions_of_two_programs_in_one_segment_are_each_read_as_they_were_written() {
    // The tail of the first program is carried over into a segment of the second one.
    let disk = journal(false);
    let store = open!(second, disk).unwrap();
    store.note(9, "second".to_owned()).wait().unwrap();
    let disk = disk.after_kill();
    drop(store);
    // The snapshot of the conversion rots, and the one before it takes its place.
    let snapshot = disk.file_names().into_iter().rfind(|name| name.ends_with(".snapshot")).unwrap();
    let mut content = disk.file(&snapshot).unwrap();
    *content.last_mut().unwrap() ^= 1;
    disk.set_file(&snapshot, content);
    let store = open!(second, disk).unwrap();
    assert_eq!(store.recovery().damaged.len(), 1);
    assert_eq!(store.recovery().transactions, 4);
    let notes = store.read(|account| account.notes.clone());
    assert_eq!(notes, [("hello".to_owned(), 7), ("second".to_owned(), 9)]);
    assert_eq!(store.read(|account| account.balance), 22);
}

#[test]
fn the_dictionary_does_not_grow_from_crash_to_crash() {
    let mut disk = journal(false);
    let mut sizes = Vec::new();
    for round in 0..12 {
        let store = open!(second, disk).unwrap();
        store.deposit(round).wait().unwrap();
        let newest = disk.file_names().into_iter().rfind(|name| name.ends_with(".journal"));
        sizes.push(disk.file(&newest.unwrap()).unwrap().len());
        let killed = disk.after_kill();
        drop(store);
        disk = killed;
    }
    assert!(sizes[11] <= sizes[2] + 64, "{sizes:?}");
}

/// A program whose methods count how often they are called, and one that can't read all of its transactions.
mod counted {
    use std::sync::atomic::AtomicUsize;

    pub(crate) static CALLS: AtomicUsize = AtomicUsize::new(0);

    macro_rules! program {
        ($version:ident, $($variant:ident)*) => {
            pub(crate) mod $version {
                use super::CALLS;
                use std::sync::atomic::Ordering;

                #[prevalent::data]
                pub(crate) enum Kind {
                    $($variant),*
                }

                #[prevalent::prevalent(name = "counted")]
                #[derive(Debug, Default)]
                pub(crate) struct Counted {
                    count: u64,
                }

                #[prevalent::prevalent]
                impl Counted {
                    #[tx]
                    pub(crate) fn count(&mut self, kind: Kind) {
                        let _ = kind;
                        self.count += 1;
                        CALLS.fetch_add(1, Ordering::SeqCst);
                    }
                }
            }
        };
    }
    program!(old, Small Large Huge);
    program!(new, Large Small);
}

#[test]
fn what_can_not_be_read_is_found_before_anything_is_replayed() {
    use std::sync::atomic::Ordering::SeqCst;

    use counted::{CALLS, new, old};

    let disk = SimDisk::new();
    let store = old::CountedStore::builder("").on_disk(disk.clone()).open().wait().unwrap();
    for kind in [old::Kind::Small, old::Kind::Large, old::Kind::Huge, old::Kind::Small] {
        store.count(kind).wait().unwrap();
    }
    drop(store);
    assert_eq!(CALLS.load(SeqCst), 4);
    let error = new::CountedStore::builder("").on_disk(disk).open().wait().unwrap_err();
    match &error {
        Error::Schema(SchemaError::Undecodable { what, seq, reason, .. }) => {
            assert_eq!((what.as_str(), *seq), ("count", Seq::from(3)));
            assert!(reason.contains("unknown variant `Huge`"), "{error}");
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(CALLS.load(SeqCst), 4, "nothing was replayed");
}

/// An upgrade that can't stand thirteen.
mod upgrading {
    pub(super) mod before {
        #[prevalent::prevalent(name = "list")]
        #[derive(Debug, Default)]
        pub(crate) struct List {
            pub(crate) items: Vec<u8>,
        }
        #[prevalent::prevalent]
        impl List {
            #[tx]
            pub(crate) fn add(&mut self, item: u8) {
                self.items.push(item);
            }
        }
    }

    pub(super) mod after {
        #[prevalent::prevalent(name = "list")]
        #[derive(Debug, Default)]
        pub(crate) struct List {
            pub(crate) items: Vec<u8>,
        }
        #[prevalent::prevalent]
        impl List {
            #[tx(rev = 2, upgrade(1 => text_of))]
            pub(crate) fn add(&mut self, text: &str) {
                self.items.extend(text.bytes());
            }
        }

        fn text_of((item,): (u8,)) -> (String,) {
            assert!(item != 13, "no text for it");
            (item.to_string(),)
        }
    }
}

#[test]
fn a_panic_of_an_upgrade_is_one_of_the_replay_and_its_transaction_can_be_made_void() {
    let disk = SimDisk::new();
    let store =
        upgrading::before::ListStore::builder("").no_snapshot_on_close().on_disk(disk.clone());
    let store = store.open().wait().unwrap();
    for item in [1, 13, 2] {
        store.add(item).wait().unwrap();
    }
    store.close().wait().unwrap();
    let before: Vec<_> = disk.file_names().iter().map(|name| disk.file(name)).collect();
    let open = |voids: Option<u64>| {
        let mut builder = upgrading::after::ListStore::builder("").on_disk(disk.clone());
        if let Some(seq) = voids {
            builder = builder.void_on_replay_panic(seq);
        }
        builder.open().wait()
    };
    let error = open(None).unwrap_err();
    let Error::ReplayPanicked { seq, tx, message, .. } = &error else { panic!("{error}") };
    assert_eq!((*seq, tx.as_str()), (Seq::from(2), "add"));
    assert!(message.contains("the upgrade panicked: no text for it"), "{message}");
    assert_eq!(disk.file_names().iter().map(|name| disk.file(name)).collect::<Vec<_>>(), before);

    let store = open(Some(2)).unwrap();
    assert_eq!(store.read(|list| list.items.clone()), b"12");
    store.close().wait().unwrap();
    assert_eq!(open(None).unwrap().read(|list| list.items.clone()), b"12");
}

/// An enum by hand, that has more variants than it says.
mod boundless {
    use std::fmt;

    use serde::de::{Deserialize, Deserializer, EnumAccess, VariantAccess, Visitor};
    use serde::ser::{Serialize, Serializer};

    #[derive(Clone, Copy, Debug, Default, PartialEq)]
    pub(crate) struct Kind(pub(crate) u32);

    impl Serialize for Kind {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let name = ["A", "B"].get(self.0 as usize).copied().unwrap_or("Other");
            serializer.serialize_unit_variant("Kind", self.0, name)
        }
    }

    impl<'de> Deserialize<'de> for Kind {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            deserializer.deserialize_enum("Kind", &["A", "B"], KindVisitor)
        }
    }

    struct KindVisitor;

    impl<'de> Visitor<'de> for KindVisitor {
        type Value = Kind;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a kind")
        }

        fn visit_enum<A: EnumAccess<'de>>(self, data: A) -> Result<Kind, A::Error> {
            let (Index(index), contents) = data.variant()?;
            contents.unit_variant()?;
            Ok(Kind(index))
        }
    }

    struct Index(u32);

    impl<'de> Deserialize<'de> for Index {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            struct IndexVisitor;
            impl Visitor<'_> for IndexVisitor {
                type Value = Index;
                fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    f.write_str("an index")
                }
                fn visit_u64<E: serde::de::Error>(self, index: u64) -> Result<Index, E> {
                    u32::try_from(index).map(Index).map_err(E::custom)
                }
            }
            deserializer.deserialize_identifier(IndexVisitor)
        }
    }

    #[prevalent::prevalent]
    #[derive(Debug, Default)]
    pub(crate) struct Kinds {
        pub(crate) kinds: Vec<u32>,
    }

    #[prevalent::prevalent]
    impl Kinds {
        #[tx]
        pub(crate) fn add(&mut self, kind: Kind) {
            self.kinds.push(kind.0);
        }
    }

    /// One is part of the model.
    #[prevalent::prevalent]
    #[derive(Debug, Default)]
    pub(crate) struct Kept {
        kind: Kind,
    }

    #[prevalent::prevalent]
    impl Kept {
        #[tx]
        pub(crate) fn set(&mut self, kind: u32) {
            self.kind = Kind(kind);
        }
    }
}

#[test]
fn a_build_with_debug_assertions_refuses_what_is_not_written_as_its_schema_says() {
    use boundless::{Kind, KindsStore};

    let store = KindsStore::in_memory();
    store.add(Kind(1)).wait().unwrap();
    let result = store.add(Kind(4)).wait();
    if cfg!(debug_assertions) {
        let Err(Error::Encoding { tx, reason, .. }) = &result else { panic!("{result:?}") };
        assert_eq!(tx, "add");
        assert!(reason.contains("no variant of index 4"), "{reason}");
        assert!(reason.contains("prevalent::opaque"), "{reason}");
        assert_eq!(store.read(|kinds| kinds.kinds.clone()), [1]);
        assert_eq!(store.stats().ordered_seq, Seq::from(1), "nothing was ordered");
    } else {
        result.unwrap();
    }
}

/// Programs whose states can't be stored.
mod unfit {
    use std::sync::LazyLock;

    use serde::de::{Deserialize, Deserializer, Visitor};
    use serde::ser::{Error, Serialize, Serializer};

    /// A number that can be anything but 7, which it is first.
    #[derive(Debug)]
    pub(super) struct Fussy(u64);

    impl Default for Fussy {
        fn default() -> Self {
            Fussy(7)
        }
    }

    impl Serialize for Fussy {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            if self.0 == 7 {
                Err(S::Error::custom("not 7"))
            } else {
                serializer.serialize_u64(self.0)
            }
        }
    }

    impl<'de> Deserialize<'de> for Fussy {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            u64::deserialize(deserializer).map(Fussy)
        }
    }

    /// Nobody has a name like this: it is more than a file may describe.
    static NAME: LazyLock<String> = LazyLock::new(|| "n".repeat(5 << 20));

    #[derive(Debug, Default)]
    pub(super) struct Named(u64);

    impl Serialize for Named {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.serialize_newtype_struct(&NAME, &self.0)
        }
    }

    impl<'de> Deserialize<'de> for Named {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            struct Inside;
            impl<'de> Visitor<'de> for Inside {
                type Value = Named;

                fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                    f.write_str("a number with a name")
                }

                fn visit_newtype_struct<D: Deserializer<'de>>(
                    self,
                    inside: D,
                ) -> Result<Named, D::Error> {
                    u64::deserialize(inside).map(Named)
                }
            }
            deserializer.deserialize_newtype_struct(&NAME, Inside)
        }
    }

    pub(super) mod fussy {
        #[prevalent::prevalent(name = "account")]
        #[derive(Debug, Default)]
        pub(crate) struct Account {
            pub(crate) balance: i64,
            #[serde(default)]
            pub(crate) added: super::Fussy,
        }
        #[prevalent::prevalent]
        impl Account {
            #[tx]
            pub(crate) fn deposit(&mut self, amount: i64) {
                self.balance += amount;
            }
            #[tx(retired)]
            pub(crate) fn note(&mut self, text: &str, priority: u32) {
                let _ = text;
                self.balance += i64::from(priority);
            }
        }
    }

    pub(super) mod named {
        #[prevalent::prevalent(name = "account")]
        #[derive(Debug, Default)]
        pub(crate) struct Account {
            pub(crate) balance: i64,
            #[serde(default)]
            pub(crate) added: super::Named,
        }
        #[prevalent::prevalent]
        impl Account {
            #[tx]
            pub(crate) fn deposit(&mut self, amount: i64) {
                self.balance += amount;
            }
        }
    }
}

#[test]
fn a_converted_state_that_cannot_be_stored_fails_the_open_before_anything_is_written() {
    use unfit::fussy;
    for is_closed in [true, false] {
        let disk = journal(is_closed);
        let (names, before) = (disk.file_names(), disk.operations().len());
        for _ in 0..2 {
            let error = open!(fussy, disk).unwrap_err();
            assert!(matches!(&error, Error::Encoding { .. }), "{error}");
            assert!(error.to_string().contains("not 7"), "{error}");
            assert_eq!(disk.operations().len(), before, "{:?}", disk.operations());
            assert_eq!(disk.file_names(), names);
        }
        // The program before it goes on as if nothing had been.
        assert_eq!(open!(first, disk).unwrap().read(|account| account.balance), 11);
    }
}

#[test]
fn a_model_with_more_types_than_the_format_describes_is_not_opened_and_nothing_is_written() {
    use unfit::named;
    for disk in [SimDisk::new(), journal(true), journal(false)] {
        let before = disk.operations().len();
        let error = open!(named, disk).unwrap_err();
        assert!(matches!(&error, Error::Encoding { .. }), "{error}");
        assert!(error.to_string().contains("more types than the format allows"), "{error}");
        assert_eq!(disk.operations().len(), before, "{:?}", disk.operations());
    }
}
