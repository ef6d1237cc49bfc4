//! A transaction made void while the store is closed: for one that no open survives.
//!
//! None of the program's types is needed: nothing is replayed. What an open would check is checked, and what it would write
//! is written: a segment, with the void at its beginning.

use std::path::Path;
#[cfg(feature = "testing")]
use std::sync::Arc;
use std::time::SystemTime;

use crate::commit::Operation;
use crate::disk::Disk;
use crate::disk::publish::publish;
use crate::engine::launch::in_background;
use crate::engine::thread::StoreKey;
use crate::error::Error;
use crate::format::header::CleanMark;
use crate::format::names;
use crate::journal::segment::{NewSegment, SegmentKind, draw_secret};
use crate::place::{MayCreate, Place, expect_store};
use crate::recovery::directory::Directory;
use crate::recovery::named::{Named, find};
use crate::recovery::report::DroppedTail;
use crate::recovery::survey::{JournalEnd, Survey};
use crate::recovery::untyped::{first_good, survey_untyped};
use crate::resolve::accepting::Accepting;
use crate::rollback::Rollback;
use crate::schema::dictionary::Dictionary;
use crate::snapshot::read::{SnapshotFile, read};
use crate::{Seq, clock};

/// Makes a transaction of a store that is not open void, with [`write`](Void::write): it has no effect, now or ever, as if it had
/// panicked when it was committed. Its sequence number stays used.
///
/// This is the way out where a transaction ends the process that replays it ([`Error::ReplayPanicked`] names it), so that no
/// open gets as far as [`void_on_replay_panic`](crate::Builder::void_on_replay_panic). It need not have failed: any transaction
/// that the next open would replay can be made void. What was committed after it is replayed on another state then than it was
/// committed on, perhaps with another outcome; who was told its reply, or read its effect, isn't told. A copy of the directory
/// beforehand is worth the room that it takes.
///
/// None of the program's types is needed.
///
/// ```
/// # use prevalent::{Seq, prevalent};
/// # #[prevalent] #[derive(Default)] struct Counter { count: u64 }
/// # #[prevalent] impl Counter { #[tx] fn add(&mut self, n: u64) { self.count += n; } }
/// # fn main() -> Result<(), prevalent::Error> {
/// # let dir = tempfile::tempdir().unwrap();
/// # let dir = dir.path().join("counter");
/// # let store = CounterStore::builder(&dir).no_snapshot_on_close().open().wait()?;
/// # for n in [1, 10, 100] { store.add(n).wait()?; }
/// # store.close().wait()?;
/// let voided = prevalent::void(&dir, Seq::from(2)).reason("it takes all memory").write().wait()?;
/// println!("{} ({}) has no effect any more", voided.tx, voided.seq);
/// let store = CounterStore::open(&dir).wait()?;
/// assert_eq!(store.read(|it| it.count), 101);
/// # Ok(()) }
/// ```
pub fn void(dir: impl AsRef<Path>, seq: impl Into<Seq>) -> Void {
    let (place, seq) = (Place::Directory(dir.as_ref().to_owned()), seq.into());
    Void { place, seq, reason: "it was given up by hand".to_owned() }
}

/// A transaction to be made [`void`].
#[derive(Debug)]
#[must_use = "nothing is void until `write()`"]
pub struct Void {
    place: Place,
    seq: Seq,
    reason: String,
}

/// A transaction that was made [`void`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Voided {
    /// Its sequence number.
    pub seq: Seq,
    /// Its stable name.
    pub tx: String,
    /// When it was committed.
    pub time: SystemTime,
    /// Whether the journal shows that it had been applied when it was committed: somebody may have been told its reply.
    pub acknowledged: bool,
    /// What was dropped at the journal's end, as an open would have done.
    pub dropped_tail: Option<DroppedTail>,
    /// Newer snapshots, which can't be read. An open would report them, too.
    pub damaged: Vec<Error>,
}

impl Void {
    /// Why, for whoever looks at the journal later. 1024 bytes of it are kept.
    pub fn reason(mut self, reason: impl Into<String>) -> Self {
        self.reason = reason.into();
        self
    }

    /// The store is on this disk.
    #[cfg(feature = "testing")]
    pub fn on_disk(mut self, disk: impl Disk) -> Self {
        self.place = Place::Disk(Arc::new(disk));
        self
    }

    /// Writes it. It has begun when this returns, and is durable when the operation is done; an interrupted one is written
    /// or not.
    ///
    /// # Errors
    ///
    /// [`Error::NoStore`], [`Error::NotAStore`]; [`Error::Locked`] while the store is open; [`Error::NotYet`] for a sequence
    /// number behind the end; [`Error::NotVoidable`] where the newest snapshot has its effect already, or it is void;
    /// what an [`open`](crate::Builder::open) would find wrong with the files: [`Error::Corrupt`], [`Error::SuspectTail`],
    /// [`Error::UnsupportedFormat`], [`Error::UnknownContent`]; [`Error::Io`]. After an error nothing was changed, unless it is
    /// an `Io` of the very last step.
    pub fn write(self) -> Operation<Voided> {
        let Void { place, seq, reason } = self;
        let dir = match &place {
            Place::Directory(dir) => dir.clone(),
            #[cfg(feature = "testing")]
            Place::Disk(disk) => disk.path().to_owned(),
        };
        in_background("prevalent-void", &dir, StoreKey::new(), move || {
            expect_store(&*place.clone().disk()?)?;
            let (disk, _lock) = place.lock(MayCreate::No)?;
            void_on(&*disk, seq, &reason)
        })
    }
}

fn void_on(disk: &dyn Disk, seq: Seq, reason: &str) -> Result<Voided, Error> {
    let directory = Directory::read(disk)?;
    directory.expect_place_of_a_store(disk)?;
    let newest_first = directory.snapshots.keys().rev().copied();
    let (snapshot, damaged) = first_good(disk, newest_first, |seq| read(disk, seq))?;
    let end = JournalEnd::Unknown { drop_suspect_tail: false };
    let (header, any) = (&snapshot.header, Accepting::default());
    let mut survey = survey_untyped(disk, &directory, header, &snapshot.model, end, &any)?;
    let Named { tx, time_us } = voidable(disk, &snapshot, &survey, seq)?;
    let acknowledged = survey.applied_through >= seq.get();
    let was_clean = directory.clean_mark.is_some_and(|mark| mark.journal == survey.end);
    let dropped_tail = survey.tail.as_mut().and_then(|tail| tail.dropped.take());
    write(disk, &snapshot, survey, was_clean, (seq.get(), reason))?;
    Ok(Voided { seq, tx, time: clock::from_us(time_us), acknowledged, dropped_tail, damaged })
}

/// What the journal says of the transaction, if the next open would replay it.
fn voidable(
    disk: &dyn Disk,
    snapshot: &SnapshotFile,
    survey: &Survey,
    seq: Seq,
) -> Result<Named, Error> {
    let not_voidable = |what: String| Err(Error::NotVoidable { seq, what });
    let has = snapshot.header.seq;
    if seq.get() <= has {
        return not_voidable(format!(
            "the snapshot of sequence number {has} has its effect already; `prevalent::fork` makes a store without it and all that comes after it, where there is an older snapshot"
        ));
    }
    if seq.get() >= survey.next_seq {
        return Err(Error::NotYet { newest: (survey.next_seq - 1).into() });
    }
    if survey.voids.contains(&seq.get()) {
        return not_voidable("it is void already".to_owned());
    }
    match find(disk, &survey.segments, seq.get())? {
        Some(named) => Ok(named),
        None => not_voidable("the journal has no transaction of this number".to_owned()),
    }
}

/// Goes on in a new segment, as an open does that has to make voids.
fn write(
    disk: &dyn Disk,
    snapshot: &SnapshotFile,
    survey: Survey,
    was_clean: bool,
    (seq, reason): (u64, &str),
) -> Result<(), Error> {
    let Survey { segments, end, next_seq, applied_through, tail, .. } = survey;
    let (predecessor, carried) = match tail {
        Some(tail) => (tail.vouched, Some(tail.carried)),
        None => (end, None),
    };
    // The session that this is commits nothing: its dictionary is empty, or the one that is carried over.
    let dictionary = carried.as_ref().map(|it| it.dictionary.clone());
    let kind = SegmentKind {
        store: snapshot.header.store,
        model: snapshot.model.clone().into(),
        version: snapshot.version,
        rollback: segments.last().map_or(Rollback::Off, |segment| segment.header.rollback),
        dictionary: dictionary.unwrap_or_else(Dictionary::default),
        secret: draw_secret(disk)?,
    };
    let voids = [(seq, reason.to_owned())];
    let new =
        NewSegment { kind: &kind, predecessor, next_seq, applied_through, carried, voids: &voids };
    let (_, end) = new.create(disk).map_err(|failure| failure.at(disk))?;
    if was_clean {
        // It has gone with the segment that it named; that all had been applied, stays true.
        let mark = CleanMark {
            store: kind.store,
            seq: next_seq - 1,
            journal: end,
            created_us: clock::now_us(),
        };
        publish(disk, names::CLEAN, &mark.encode()).map_err(|failure| failure.at(disk))?;
    }
    Ok(())
}
