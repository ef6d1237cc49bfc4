//! Promise 3: what ran live is what is replayed.
#![expect(
    clippy::needless_pass_by_value,
    clippy::trivially_copy_pass_by_ref,
    reason = "what is taken how is what is tested, or is serde's to say"
)]

use std::collections::BTreeMap;

use prevalent::testing::SimDisk;
use prevalent::{Durability, Error, Seq, prevalent};
use prevalent_tests::disk::{Call, Watched};
use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An even number: decoding makes any number even.
#[derive(Clone, Debug, PartialEq, Serialize)]
struct Even(u64);

impl<'de> Deserialize<'de> for Even {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Even(u64::deserialize(deserializer)? & !1))
    }
}

/// Leaves out a field that is `None`: postcard would misread what follows.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Skipping {
    #[serde(skip_serializing_if = "Option::is_none", default)]
    maybe: Option<u8>,
    last: u8,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Flattened {
    #[serde(flatten)]
    rest: BTreeMap<String, u8>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(untagged)]
enum Untagged {
    Number(u64),
    Text(String),
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "kind")]
enum Tagged {
    Number { number: u64 },
}

/// Panics while it is written, or while it is read.
#[derive(Clone, Copy, Debug)]
enum Panicking {
    Writing,
    Reading,
}

impl Serialize for Panicking {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Panicking::Writing => panic!("can't write that"),
            Panicking::Reading => serializer.serialize_u8(1),
        }
    }
}

impl<'de> Deserialize<'de> for Panicking {
    fn deserialize<D: Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        panic!("can't read that")
    }
}

/// Doesn't say how long it is.
#[derive(Clone, Debug)]
struct Endless {
    map: bool,
}

impl Serialize for Endless {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.map {
            let mut map = serializer.serialize_map(None)?;
            map.serialize_entry(&1, &2)?;
            map.end()
        } else {
            let mut seq = serializer.serialize_seq(None)?;
            seq.serialize_element(&1)?;
            seq.end()
        }
    }
}

impl<'de> Deserialize<'de> for Endless {
    fn deserialize<D: Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        unreachable!("it is never written")
    }
}

/// Writes more than it reads.
#[derive(Clone, Debug)]
struct Wasteful;

impl Serialize for Wasteful {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (1_u8, 2_u8).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Wasteful {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        u8::deserialize(deserializer).map(|_| Wasteful)
    }
}

#[prevalent]
#[derive(Debug, Default)]
struct Forms {
    evens: Vec<Even>,
    count: u64,
    bytes: u64,
}

#[prevalent(vis = pub(self))]
impl Forms {
    #[tx]
    fn even(&mut self, number: Even) -> Even {
        self.evens.push(number.clone());
        number
    }

    #[tx]
    fn even_ref(&mut self, number: &Even) -> u64 {
        self.evens.push(number.clone());
        number.0
    }

    #[tx]
    fn skipping(&mut self, value: Skipping) -> u8 {
        self.count += 1;
        value.maybe.unwrap_or(value.last)
    }

    #[tx]
    fn flattened(&mut self, value: Flattened) -> usize {
        self.count += 1;
        value.rest.len()
    }

    #[tx]
    fn untagged(&mut self, value: Untagged) -> bool {
        self.count += 1;
        matches!(value, Untagged::Number(_))
    }

    #[tx]
    fn tagged(&mut self, value: Tagged) -> u64 {
        self.count += 1;
        let Tagged::Number { number } = value;
        number
    }

    #[tx]
    fn panicking(&mut self, value: Panicking) -> bool {
        self.count += 1;
        matches!(value, Panicking::Reading)
    }

    #[tx]
    fn endless(&mut self, value: Endless) -> bool {
        self.count += 1;
        value.map
    }

    #[tx]
    fn wasteful(&mut self, _value: &Wasteful) {
        self.count += 1;
    }

    #[tx]
    fn bytes(&mut self, value: &[u8]) -> usize {
        self.bytes += value.len() as u64;
        value.len()
    }
}

fn open(disk: &Watched) -> FormsStore {
    FormsStore::builder("")
        .durability(Durability::Manual)
        .on_disk(disk.clone())
        .open()
        .wait()
        .unwrap()
}

#[test]
fn the_decoded_value_is_what_is_applied_live_and_in_every_replay() {
    let disk = Watched::new();
    let store = open(&disk);
    assert_eq!(store.even(Even(3)).wait().unwrap(), Even(2));
    assert_eq!(store.even_ref(&Even(5)).wait().unwrap(), 4);
    let tx = FormsTx::Even { number: Even(7) };
    let FormsReply::Even(reply) = store.commit(tx).wait().unwrap() else { panic!("another reply") };
    assert_eq!(reply, Even(6));
    let live = store.read(|forms| forms.evens.clone());
    assert_eq!(live, [Even(2), Even(4), Even(6)]);
    drop(store);
    assert_eq!(open(&disk).read(|forms| forms.evens.clone()), live);
}

/// Asserts that each of these resolved to `Encoding` with its name, that nothing was ordered or written, and that the
/// store goes on.
fn refused(
    commit: impl FnOnce(&FormsStore) -> (Option<Seq>, Option<Error>),
    tx: &str,
    because: &str,
) {
    let disk = Watched::new();
    let store = open(&disk);
    store.bytes(&[1]).wait().unwrap();
    store.flush().wait().unwrap();
    let before = (disk.count(Call::Write, ".journal"), store.stats().ordered_seq);
    let (seq, error) = commit(&store);
    assert_eq!(seq, None);
    match error {
        Some(Error::Encoding { tx: named, reason, .. }) => {
            assert_eq!(named, tx);
            assert!(reason.contains(because), "{reason}");
        }
        other => panic!("{tx}: {other:?}"),
    }
    store.flush().wait().unwrap();
    assert_eq!((disk.count(Call::Write, ".journal"), store.stats().ordered_seq), before);
    assert_eq!(store.read(|forms| forms.count), 0);
    store.bytes(&[1]).wait().unwrap();
    drop(store);
    assert_eq!(open(&disk).read(|forms| (forms.count, forms.bytes)), (0, 2));
}

macro_rules! outcome {
    ($commit:expr) => {{
        let commit = $commit;
        (commit.seq(), commit.wait().err())
    }};
}

#[test]
fn skip_serializing_if_is_refused_when_it_skips_and_fine_when_it_does_not() {
    let skips = Skipping { maybe: None, last: 1 };
    refused(|store| outcome!(store.skipping(skips)), "skipping", "skip_serializing_if");
    let store = FormsStore::in_memory();
    assert_eq!(store.skipping(Skipping { maybe: Some(5), last: 1 }).wait().unwrap(), 5);
}

#[test]
fn flatten_is_refused() {
    let value = Flattened { rest: BTreeMap::from([("a".to_owned(), 1)]) };
    refused(|store| outcome!(store.flattened(value)), "flattened", "");
}

#[test]
fn untagged_is_refused() {
    refused(|store| outcome!(store.untagged(Untagged::Number(1))), "untagged", "");
    refused(|store| outcome!(store.untagged(Untagged::Text("a".into()))), "untagged", "");
}

#[test]
fn an_internally_tagged_enum_is_refused() {
    refused(|store| outcome!(store.tagged(Tagged::Number { number: 1 })), "tagged", "");
}

#[test]
fn a_map_of_unknown_length_is_refused_and_so_is_a_sequence() {
    refused(|store| outcome!(store.endless(Endless { map: true })), "endless", "");
    refused(|store| outcome!(store.endless(Endless { map: false })), "endless", "");
}

#[test]
fn decoding_must_use_up_every_byte() {
    refused(|store| outcome!(store.wasteful(&Wasteful)), "wasteful", "left over");
}

#[test]
fn a_panic_in_the_user_s_serde_code_is_refused() {
    refused(|store| outcome!(store.panicking(Panicking::Writing)), "panicking", "can't write that");
    refused(|store| outcome!(store.panicking(Panicking::Reading)), "panicking", "can't read that");
}

#[test]
fn the_same_is_refused_in_a_transaction_as_a_value() {
    let tx = FormsTx::Untagged { value: Untagged::Number(1) };
    refused(|store| outcome!(store.commit(tx)), "untagged", "");
}

const LIMIT: usize = 16 << 20;

#[test]
fn more_than_16_mib_is_too_large_and_not_journaled() {
    let disk = Watched::new();
    let store = open(&disk);
    // The length takes four bytes.
    let commit = store.bytes(&vec![1; LIMIT - 3]);
    assert_eq!(commit.seq(), None);
    let error = commit.wait().unwrap_err();
    match error {
        Error::TooLarge { tx: "bytes", bytes, limit: LIMIT, .. } => assert!(bytes > LIMIT),
        other => panic!("{other:?}"),
    }
    assert_eq!(store.stats().ordered_seq, Seq::ZERO);
    assert_eq!(disk.files(".journal"), Vec::<String>::new());
}

#[test]
fn just_16_mib_is_accepted_and_comes_back() {
    let disk = Watched::new();
    let store = open(&disk);
    assert_eq!(store.bytes(&vec![1; LIMIT - 4]).wait().unwrap(), LIMIT - 4);
    drop(store);
    assert_eq!(open(&disk).read(|forms| forms.bytes), (LIMIT - 4) as u64);
}

mod unfit {
    use super::{Deserialize, Panicking, Serialize};

    // By hand, because the macro refuses what is tested here.
    #[prevalent::prevalent(serde = manual)]
    #[derive(Debug, Default, Serialize, Deserialize)]
    pub(super) struct Unfit {
        #[serde(skip_serializing_if = "Option::is_none", default)]
        pub(super) maybe: Option<u8>,
        #[serde(with = "panics_at_nine")]
        pub(super) number: u8,
    }

    #[prevalent::prevalent]
    impl Unfit {
        #[tx]
        pub(super) fn set(&mut self, maybe: Option<u8>, number: u8) {
            (self.maybe, self.number) = (maybe, number);
        }
    }

    mod panics_at_nine {
        use super::{Deserialize, Panicking};
        use serde::{Deserializer, Serialize, Serializer};

        pub(super) fn serialize<S: Serializer>(
            number: &u8,
            serializer: S,
        ) -> Result<S::Ok, S::Error> {
            if *number == 9 {
                Panicking::Writing.serialize(serializer)
            } else {
                number.serialize(serializer)
            }
        }

        pub(super) fn deserialize<'de, D: Deserializer<'de>>(
            deserializer: D,
        ) -> Result<u8, D::Error> {
            u8::deserialize(deserializer)
        }
    }
}

#[test]
fn a_first_state_that_can_not_be_stored_is_refused_and_nothing_is_written() {
    let disk = Watched::new();
    let error = unfit::UnfitStore::builder("").on_disk(disk.clone()).open().wait().unwrap_err();
    assert!(matches!(&error, Error::Encoding { tx, .. } if tx == "Unfit"), "{error:?}");
    assert_eq!(disk.sim.file_names(), Vec::<String>::new());
}

#[test]
fn a_snapshot_is_written_by_the_same_serializer() {
    use unfit::{Unfit, UnfitStore};
    let disk = Watched::new();
    let first = || Unfit { maybe: Some(1), number: 0 };
    let store = UnfitStore::builder("").initial(first).on_disk(disk.clone()).open().wait().unwrap();
    for (maybe, number, because) in
        [(None, 0, "skip_serializing_if"), (Some(1), 9, "can't write that")]
    {
        store.set(maybe, number).wait().unwrap();
        let error = store.snapshot().wait().unwrap_err();
        assert!(matches!(&error, Error::Encoding { tx, .. } if tx == "Unfit"), "{error:?}");
        assert!(error.to_string().contains(because), "{error}");
    }
    assert_eq!(store.stats().failed_snapshots, 2);
    // It harms nothing: the journal holds it all, and the next snapshot is a good one.
    store.set(Some(3), 4).wait().unwrap();
    store.snapshot().wait().unwrap();
    store.set(None, 5).wait().unwrap();
    let error = store.close().wait().unwrap_err();
    assert!(matches!(error, Error::Encoding { .. }), "{error:?}");
    let store = UnfitStore::builder("").on_disk(disk).open().wait().unwrap();
    assert_eq!(store.read(|unfit| (unfit.maybe, unfit.number)), (None, 5));
}

/// Of another crate, and so not checked by `#[prevalent::data]`: serde writes `Left` as 1, and reads 1 as `Right`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Side {
    #[serde(skip)]
    Nowhere,
    Left,
    Right,
}

/// The same, with the skipped one behind the others.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Way {
    In,
    Out,
    #[serde(skip)]
    Nowhere,
}

#[prevalent]
#[derive(Debug, Default)]
struct Doors {
    opened: Vec<String>,
}

#[prevalent]
impl Doors {
    #[tx]
    fn side(&mut self, sides: Vec<Side>) {
        self.opened.push(format!("{sides:?}"));
    }

    #[tx]
    fn way(&mut self, way: Way) {
        self.opened.push(format!("{way:?}"));
    }
}

#[prevalent]
#[derive(Debug, Default)]
struct Gate {
    sides: Vec<Side>,
}

#[prevalent]
impl Gate {
    #[tx]
    fn swing(&mut self) {
        self.sides.push(Side::Left);
    }
}

#[test]
fn an_enum_that_is_read_by_other_numbers_than_it_is_written_by_is_refused() {
    let store = DoorsStore::in_memory();
    for sides in [vec![Side::Left], vec![Side::Right], vec![]] {
        let error = store.side(sides).wait().unwrap_err();
        let text = error.to_string();
        assert!(matches!(error, Error::Encoding { .. }), "{text}");
        assert!(text.contains("`Side`") && text.contains("behind the others"), "{text}");
    }
    let nowhere = store.side(vec![Side::Nowhere]).wait();
    assert!(matches!(nowhere, Err(Error::Encoding { .. })));
    store.way(Way::In).wait().unwrap();
    store.way(Way::Out).wait().unwrap();
    assert!(matches!(store.way(Way::Nowhere).wait(), Err(Error::Encoding { .. })));
    assert_eq!(store.read(|doors| doors.opened.clone()), ["In", "Out"]);
}

#[test]
fn a_model_with_such_an_enum_is_refused_before_anything_is_written() {
    let disk = Watched::new();
    let error = GateStore::builder("").on_disk(disk.clone()).open().wait().unwrap_err();
    assert!(matches!(error, Error::Encoding { .. }), "{error}");
    assert!(error.to_string().contains("`Side`"), "{error}");
    assert_eq!(disk.count(Call::Write, ""), 0);
}

/// The program before, whose enum skips nothing.
mod before {
    #[prevalent::data]
    #[derive(Debug)]
    pub(crate) enum Side {
        Left,
        Right,
    }

    #[prevalent::prevalent]
    #[derive(Debug, Default)]
    pub(crate) struct Gate {
        sides: Vec<Side>,
    }

    #[prevalent::prevalent]
    impl Gate {
        #[tx]
        pub(crate) fn swing(&mut self) {
            self.sides.clear();
            self.sides.extend([Side::Left, Side::Right]);
        }
    }
}

#[test]
fn a_store_whose_model_has_got_such_an_enum_is_not_opened() {
    let disk = SimDisk::new();
    let store = before::GateStore::builder("").on_disk(disk.clone()).open().wait().unwrap();
    store.swing().wait().unwrap();
    store.close().wait().unwrap();
    drop(store);
    let disk = disk.deep_clone();
    let error = GateStore::builder("").on_disk(disk.clone()).open().wait().unwrap_err();
    assert!(error.to_string().contains("`Side`"), "{error}");
    assert!(disk.operations().is_empty(), "{:?}", disk.operations());
}
