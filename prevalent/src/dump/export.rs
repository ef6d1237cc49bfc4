//! A store as lines of JSON.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::path::Path;

use serde::Serialize;

use super::header::Header;
use super::keys;
use super::line::{Mark, StateLine, TxLine};
use crate::Seq;
use crate::disk::Disk;
use crate::error::Error;
use crate::format::batch::Depth;
use crate::format::names;
use crate::format::record::{OriginRecord, Secret};
use crate::journal::entries::{Entry, Item, SegmentContext};
use crate::journal::reader::SegmentFile;
use crate::json::hex::Hex;
use crate::json::write::{Typed, Unwritten, unwritable};
use crate::origin::{Origin, OriginKind};
use crate::place::{MayCreate, Place, expect_store};
use crate::recovery::directory::Directory;
use crate::recovery::report::DroppedTail;
use crate::recovery::survey::{JournalEnd, Survey, SurveyedSegment};
use crate::recovery::untyped::{first_good, survey_untyped};
use crate::resolve::accepting::Accepting;
use crate::rollback::Rollback;
use crate::snapshot::read::SnapshotFile;
use crate::snapshot::{self, KEPT_SNAPSHOTS};

/// Writes the store in this directory as lines of JSON (feature `json`).
///
/// It needs the types that are stored, and none of the program's. The store must not be open, unless
/// [`beside_owner`](Export::beside_owner) is called.
///
/// ```
/// # use prevalent::prevalent;
/// # #[prevalent] #[derive(Default)] struct Counter { count: u64 }
/// # #[prevalent] impl Counter { #[tx] fn add(&mut self) { self.count += 1; } }
/// # fn main() -> Result<(), prevalent::Error> {
/// # let dir = tempfile::tempdir().unwrap();
/// # let (dir, other) = (dir.path().join("counter"), dir.path().join("copy"));
/// let store = CounterStore::open(&dir).wait()?;
/// store.add().wait()?;
/// store.close().wait()?;
///
/// let mut lines = Vec::new();
/// prevalent::export(&dir).full_history().write_to(&mut lines)?;
/// prevalent::import(&other).read_from(lines.as_slice())?;
/// # let copy = CounterStore::open(&other).wait()?;
/// # assert_eq!(copy.read(|counter| counter.count), 1);
/// # Ok(()) }
/// ```
///
/// # The lines
///
/// 1. `{"export": 1, "model", "version", "from", "state", "transactions", "types"}`: what the values are, and the store that
///    they are `from`: its id, the last sequence number, and its place in that journal, which an import records as the new
///    store's [origin](crate::Recovery::origin). A type is a text
///    (`"u64"`, or `"#Item"` for an entry of `types`) or an object (`{"option": …}`,
///    `{"struct": {"name": "String"}}`, `{"enum": {"Red": "()"}}`). A transaction may have a `"body"`, the fingerprint of
///    its method's body: without it, nobody is told that the body has changed.
/// 2. `{"seq", "time", "state"}`: the state of a snapshot. Times are microseconds since 1970. Where there are keys of
///    idempotent transactions, `keys` has what is remembered of them, as in a snapshot, in hexadecimal digits.
/// 3. For each transaction that the journal has behind it, in order: `{"seq", "time", "tx", "revision", "args"}`. One that
///    has no effect has `"void": true`, and a `reason`. Where `transactions` has the same name and revision more than once,
///    `"schema"` is the place there. In between, `{"secret": …}` says what random numbers are drawn from, and
///    `{"rollback": true}` that what follows was committed by a model with `rollback` (before the first such line: without).
/// 4. `{"end": …}` with the last sequence number: without it something is missing.
///
/// Values look as they would be expected to. What JSON has no room for is text: `i128` and `u128`, `"NaN"`, `"inf"` and
/// `"-inf"`, bytes (hexadecimal). A map with text for keys is an object, any other one an array of pairs. A variant is its
/// name, or `{"Name": …}`. A model, or a transaction's arguments, for which no types are
/// known (`untraced`) are in hexadecimal digits as a whole. Values that lie more
/// than 120 deep in each other can't be written.
pub fn export(dir: impl AsRef<Path>) -> Export {
    Export {
        place: Place::Directory(dir.as_ref().to_owned()),
        from: From::NewestSnapshot,
        access: Access::Locked,
        drop_suspect_tail: false,
    }
}

/// An [`export`] to be made.
#[derive(Debug)]
#[must_use = "nothing is written until `write_to()`"]
pub struct Export {
    place: Place,
    from: From,
    access: Access,
    drop_suspect_tail: bool,
}

/// What keeps the files from being changed meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Access {
    Locked,
    BesideOwner,
}

/// The state that an export begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum From {
    NewestSnapshot,
    OldestSnapshot,
}

/// What an [`export`] has written.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Exported {
    /// The sequence number of the state.
    pub state_seq: Seq,
    /// The last sequence number.
    pub seq: Seq,
    /// How many transactions were written, those without an effect included.
    pub transactions: u64,
    /// What was left out at the journal's end, as an open would have done.
    pub dropped_tail: Option<DroppedTail>,
    /// Snapshots that were passed over because they are damaged.
    pub damaged: Vec<Error>,
}

impl Export {
    /// Begins with the oldest snapshot that is kept, instead of the newest: with all transactions that are still there.
    pub fn full_history(mut self) -> Self {
        self.from = From::OldestSnapshot;
        self
    }

    /// Leaves the lock alone: the store may be open meanwhile, in this process or another one, and counts as far as it has
    /// written. Its files are held open, so that none goes before it is read.
    pub fn beside_owner(mut self) -> Self {
        self.access = Access::BesideOwner;
        self
    }

    /// Leaves out an end of the journal that is bad, but bears no sign of having been torn by a crash. See
    /// [`Error::SuspectTail`].
    pub fn drop_suspect_tail(mut self) -> Self {
        self.drop_suspect_tail = true;
        self
    }

    /// Exports the store on this disk.
    #[cfg(feature = "testing")]
    pub fn on_disk(mut self, disk: impl Disk) -> Self {
        self.place = Place::Disk(std::sync::Arc::new(disk));
        self
    }

    /// Writes the lines, and blocks until it is done. The directory is locked meanwhile (a `LOCK` file is
    /// made where there is none), unless it is done [`beside_owner`](Self::beside_owner), and nothing else in it is changed.
    ///
    /// # Errors
    ///
    /// [`Error::NoStore`], [`Error::NotAStore`]; [`Error::Locked`]; [`Error::Io`], of `out` as well; what is wrong with the files, as for
    /// [`Builder::open`](crate::Builder::open): [`Error::Corrupt`], [`Error::SuspectTail`], [`Error::UnsupportedFormat`],
    /// [`Error::UnknownContent`]; [`Error::NotExportable`]. A part may have been written.
    pub fn write_to(self, out: impl Write) -> Result<Exported, Error> {
        let (disk, _lock) = match self.access {
            Access::Locked => {
                expect_store(&*self.place.clone().disk()?)?;
                let (disk, lock) = self.place.lock(MayCreate::No)?;
                (disk, Some(lock))
            }
            Access::BesideOwner => {
                let pinned = self.place.pinned()?;
                expect_store(&*pinned)?;
                (pinned, None)
            }
        };
        let disk = &*disk;
        let directory = Directory::read_beside_owner(disk)?;
        let (snapshot, damaged) = choose(disk, &directory, self.from)?;
        let end = JournalEnd::Unknown { drop_suspect_tail: self.drop_suspect_tail };
        let (header, met) = (&snapshot.header, Accepting::default());
        let survey = survey_untyped(disk, &directory, header, &snapshot.model, end, &met)?;
        let state = (&snapshot.types, snapshot.ty);
        let (model, version) = (snapshot.model.clone(), snapshot.version);
        let origin = OriginRecord {
            how: OriginKind::Imported,
            store: snapshot.header.store,
            seq: survey.next_seq - 1,
            journal: survey.end,
            time_us: 0,
        };
        let origin = Origin::from_record(&origin);
        let header = Header::new(model, version, origin, state, met.into_met());
        let reasons = reasons(disk, &survey)?;
        let mut writer = Writer {
            out: io::BufWriter::new(out),
            header: &header,
            voids: &survey.voids,
            reasons,
            secret: None,
            rollback: Rollback::Off,
            transactions: 0,
        };
        writer.line(&header.to_tree())?;
        writer.state(disk, &snapshot)?;
        let state_seq = snapshot.header.seq;
        drop(snapshot);
        for segment in &survey.segments {
            writer.segment(disk, segment, state_seq)?;
        }
        let seq = survey.next_seq - 1;
        writer.line(&Mark::End(seq))?;
        writer.out.flush().map_err(unwritable)?;
        Ok(Exported {
            state_seq: state_seq.into(),
            seq: seq.into(),
            transactions: writer.transactions,
            dropped_tail: survey.tail.and_then(|tail| tail.dropped),
            damaged,
        })
    }
}

/// The snapshot to begin with, and those that were passed over.
fn choose(
    disk: &dyn Disk,
    directory: &Directory,
    from: From,
) -> Result<(SnapshotFile, Vec<Error>), Error> {
    let candidates: Vec<u64> = match from {
        From::NewestSnapshot => directory.snapshots.keys().rev().copied().collect(),
        From::OldestSnapshot => {
            // Older ones are what an interrupted pruning has left, and may lack their journal.
            let kept = directory.snapshot_headers().rev().take(KEPT_SNAPSHOTS);
            let mut kept: Vec<_> = kept.map(|header| header.seq).collect();
            kept.reverse();
            kept
        }
    };
    first_good(disk, candidates, |seq| snapshot::read::read(disk, seq))
}

/// Why transactions are void: that may be written far behind them.
fn reasons(disk: &dyn Disk, survey: &Survey) -> Result<BTreeMap<u64, String>, Error> {
    let mut reasons = BTreeMap::new();
    if survey.voids.is_empty() {
        return Ok(reasons);
    }
    for segment in &survey.segments {
        let file = SegmentFile::read(disk, segment.header)?;
        let mut reader = file.reader(Depth::Headers);
        let mut note = |_: &SegmentContext, item: Item<'_>| {
            if let Item::Void { seq, reason } = item {
                reasons.insert(seq, reason.to_owned());
            }
            Ok::<(), Error>(())
        };
        while reader.walk_batch(segment.end.offset, &mut note)?.is_some() {}
    }
    Ok(reasons)
}

struct Writer<'a, W: Write> {
    out: io::BufWriter<W>,
    header: &'a Header,
    voids: &'a BTreeSet<u64>,
    reasons: BTreeMap<u64, String>,
    /// What the lines so far have told.
    secret: Option<Secret>,
    rollback: Rollback,
    transactions: u64,
}

impl<W: Write> Writer<'_, W> {
    fn state(&mut self, disk: &dyn Disk, snapshot: &SnapshotFile) -> Result<(), Error> {
        let SnapshotFile { header, types, ty, .. } = snapshot;
        let state = Typed { types, ty: *ty, bytes: snapshot.body() };
        let (seq, time, keys) = (header.seq, header.time_us, keys::to_hex(snapshot));
        let written = StateLine { seq, time, state, keys }.write(&mut self.out);
        self.end_line(written, &|reason| Error::NotExportable {
            what: snapshot.model.clone(),
            seq: header.seq.into(),
            file: disk.path_of(&names::snapshot(header.seq)),
            reason,
        })
    }

    fn segment(
        &mut self,
        disk: &dyn Disk,
        segment: &SurveyedSegment,
        state_seq: u64,
    ) -> Result<(), Error> {
        let file = SegmentFile::read(disk, segment.header)?;
        let mut reader = file.reader(Depth::Bodies);
        let mut numbers = Numbers::default();
        let mut write = |context: &SegmentContext, item: Item<'_>| match item {
            Item::Tx(entry) if entry.seq > state_seq => {
                let number = numbers.of(self.header, context, entry.in_dictionary)?;
                self.mode(segment.header.rollback)?;
                self.transaction(&file.path, context, &entry, number)
            }
            _ => Ok::<(), Error>(()),
        };
        while reader.walk_batch(segment.end.offset, &mut write)?.is_some() {}
        Ok(())
    }

    /// What follows was committed in this mode.
    fn mode(&mut self, rollback: Rollback) -> Result<(), Error> {
        if self.rollback == rollback {
            return Ok(());
        }
        self.rollback = rollback;
        let mark = Mark::Rollback(rollback == Rollback::On);
        self.line(&mark)
    }

    fn transaction(
        &mut self,
        file: &Path,
        context: &SegmentContext,
        entry: &Entry<'_>,
        number: usize,
    ) -> Result<(), Error> {
        if self.secret != Some(*entry.secret) {
            self.secret = Some(*entry.secret);
            let mark = Mark::Secret(Hex(entry.secret).to_string());
            self.line(&mark)?;
        }
        let dictionary = &context.dictionary;
        let stored = &dictionary.entries[entry.in_dictionary];
        let reason = self.reasons.get(&entry.seq).cloned();
        let line = TxLine {
            seq: entry.seq,
            time: entry.time_us,
            tx: &stored.name,
            revision: stored.revision,
            schema: (!self.header.is_alone(number)).then_some(number),
            void: self.voids.contains(&entry.seq).then_some(true),
            reason: reason.as_deref(),
            args: Typed { types: &dictionary.types, ty: stored.arguments, bytes: entry.payload },
        };
        self.transactions += 1;
        let written = line.write(&mut self.out);
        self.end_line(written, &|reason| Error::NotExportable {
            what: stored.name.clone(),
            seq: entry.seq.into(),
            file: file.to_owned(),
            reason,
        })
    }

    fn line(&mut self, line: &impl Serialize) -> Result<(), Error> {
        serde_json::to_writer(&mut self.out, line).map_err(|error| unwritable(error.into()))?;
        self.out.write_all(b"\n").map_err(unwritable)
    }

    fn end_line(
        &mut self,
        written: Result<(), Unwritten>,
        unfit: &dyn Fn(String) -> Error,
    ) -> Result<(), Error> {
        written.map_err(|error| match error {
            Unwritten::Output(error) => unwritable(error),
            fault @ Unwritten::Value(_) => unfit(fault.to_string()),
        })?;
        self.out.write_all(b"\n").map_err(unwritable)
    }
}

/// The numbers in the first line of a segment's entries.
#[derive(Default)]
struct Numbers {
    extent: (usize, usize),
    numbers: Vec<Option<usize>>,
}

impl Numbers {
    fn of(
        &mut self,
        header: &Header,
        context: &SegmentContext,
        entry_id: usize,
    ) -> Result<usize, Error> {
        let dictionary = &context.dictionary;
        if self.extent != dictionary.extent() {
            self.extent = dictionary.extent();
            let all = &header.dictionary;
            self.numbers =
                dictionary.entries.iter().map(|entry| all.number_of(dictionary, entry)).collect();
        }
        // The survey has met it.
        self.numbers.get(entry_id).copied().flatten().ok_or_else(|| Error::Failed {
            reason: "a transaction has appeared that was not there before".to_owned(),
        })
    }
}
