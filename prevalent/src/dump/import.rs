//! Lines of JSON as a store.

use std::io::BufRead;
use std::marker::PhantomData;
use std::path::Path;
use std::sync::Arc;

use serde::de::DeserializeSeed as _;

use super::header::Header;
use super::input::Lines;
use super::journal::NewJournal;
use super::keys::from_hex;
use super::line::{AnyLine, ReadState, StateAt};
use crate::Seq;
use crate::disk::Disk;
use crate::error::Error;
use crate::format::record::ModelRecord;
use crate::format::{Position, StoreId, TX_BYTES_MAX};
use crate::idempotency::Window;
use crate::journal::segment::{SegmentKind, draw_secret};
use crate::json::hex::read_array;
use crate::json::read::Encode;
use crate::json::tree::Tree;
use crate::json::without_place;
use crate::place::Place;
use crate::rollback::Rollback;
use crate::schema::{Misread, Schema};
use crate::snapshot::write::{Contents, UnnamedSnapshot, write};

/// Makes a store in this directory, out of the lines that an [`export`](crate::export()) has written (feature `json`).
///
/// The lines may have been changed meanwhile. Any version of the program opens the store that could open one with these
/// types. Sequence numbers must have no gap: to leave a transaction out, keep its line and add `"void": true`;
/// to leave out the last ones, remove their lines and set `end`. A field that is renamed is renamed in the types of the first
/// line as well. Each value must be of the type that the first line gives it.
///
/// The snapshot gets its name last. An import that is interrupted leaves no store: a directory that is empty, or one that
/// neither an open nor an import accepts, because it has a journal without a snapshot. Remove it, and begin again.
///
/// ```
/// # use prevalent::prevalent;
/// # #[prevalent] #[derive(Default)] struct Counter { count: u64 }
/// # #[prevalent] impl Counter { #[tx] fn add(&mut self, n: u64) { self.count += n; } }
/// # fn main() -> Result<(), prevalent::Error> {
/// # let dir = tempfile::tempdir().unwrap();
/// # let (old, new) = (dir.path().join("old"), dir.path().join("new"));
/// # let store = CounterStore::open(&old).wait()?;
/// # store.add(3).wait()?;
/// # store.close().wait()?;
/// let mut lines = Vec::new();
/// prevalent::export(&old).write_to(&mut lines)?;
/// // Change the lines as you like.
/// let imported = prevalent::import(&new).read_from(lines.as_slice())?;
/// assert_eq!(u64::from(imported.seq), 1);
/// assert_eq!(CounterStore::open(&new).wait()?.read(|counter| counter.count), 3);
/// # Ok(()) }
/// ```
pub fn import(dir: impl AsRef<Path>) -> Import {
    Import { place: Place::Directory(dir.as_ref().to_owned()), segment_bytes: 64 << 20 }
}

/// An [`import`] to be made.
#[derive(Debug)]
#[must_use = "nothing is read until `read_from()`"]
pub struct Import {
    place: Place,
    segment_bytes: u64,
}

/// What an [`import`] has written.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Imported {
    /// The sequence number of the state.
    pub state_seq: Seq,
    /// The last sequence number.
    pub seq: Seq,
    /// How many transactions there are, those without an effect included.
    pub transactions: u64,
}

/// No store ever comes so far; behind it, sequence numbers could not be counted on.
const SEQ_MAX: u64 = 1 << 62;

impl Import {
    /// A journal file is closed when it has so many bytes, and another one begun. Default: 64 MiB. See
    /// [`Builder::segment_bytes`](crate::Builder::segment_bytes).
    pub fn segment_bytes(mut self, bytes: u64) -> Self {
        self.segment_bytes = bytes;
        self
    }

    /// Makes the store on this disk.
    #[cfg(feature = "testing")]
    pub fn on_disk(mut self, disk: impl Disk) -> Self {
        self.place = Place::Disk(Arc::new(disk));
        self
    }

    /// Reads the lines, and blocks until the store is durable. The directory is made where it is missing.
    ///
    /// # Errors
    ///
    /// [`Error::StoreExists`]; [`Error::Locked`]; [`Error::Json`] for a line that is not as it should be; [`Error::Io`],
    /// of `input` as well. There is no store then, unless the very last step has failed: that of making the last name
    /// durable.
    pub fn read_from(self, input: impl BufRead) -> Result<Imported, Error> {
        let Import { place, segment_bytes } = self;
        place.make_store(|disk| run(disk, segment_bytes, &mut Lines::new(input)))
    }
}

fn run<R: BufRead>(
    disk: &Arc<dyn Disk>,
    segment_bytes: u64,
    lines: &mut Lines<R>,
) -> Result<Imported, Error> {
    let tree = lines.read(PhantomData::<Tree>, "the line with the types")?;
    let header = Header::from_tree(&tree).map_err(|what| lines.wrong(what))?;
    drop(tree);
    let store =
        StoreId::random().map_err(|error| Error::io(disk.path(), "draw a random id for", error))?;
    let (at, snapshot) = state(&**disk, store, &header, lines)?;
    let kind = SegmentKind {
        store,
        model: header.model.clone().into(),
        version: header.version,
        rollback: Rollback::Off,
        dictionary: header.dictionary.clone(),
        secret: draw_secret(&**disk)?,
    };
    let mut journal = NewJournal::new(disk, kind, segment_bytes, at);
    transactions(&mut journal, &header, lines)?;
    let seq = journal.seq;
    journal.finish()?;
    // With the snapshot's name it is a store, and a whole one: the journal has its names already.
    snapshot.publish(Position::default()).map_err(|failure| failure.at(&**disk))?;
    Ok(Imported { state_seq: at.seq.into(), seq: seq.into(), transactions: seq - at.seq })
}

/// The state goes into a file that has no name yet.
fn state<'a, R: BufRead>(
    disk: &'a dyn Disk,
    store: StoreId,
    header: &Header,
    lines: &mut Lines<R>,
) -> Result<(StateAt, UnnamedSnapshot<'a>), Error> {
    let mut body = Vec::new();
    let types = &header.dictionary.types;
    let mut keys = None;
    let seed = ReadState { types, ty: header.state, body: &mut body, keys: &mut keys };
    let at = lines.read(seed, "the line with the state")?;
    if at.seq > SEQ_MAX {
        return Err(lines.wrong(format!("the sequence number {} is too large", at.seq)));
    }
    let window = keys.map_or_else(|| Some(Window::default()), |keys| from_hex(&keys, at.seq));
    let window = window.ok_or_else(|| lines.wrong("these `keys` make no sense".to_owned()))?;
    let misread = Misread::default();
    let (types, model) = (types.clone(), header.state);
    let schema = Schema { types, model, arguments: Vec::new(), replies: Vec::new(), misread };
    let contents = Contents {
        store,
        model: ModelRecord { name: &header.model, version: header.version, ty: None },
        schema: &schema,
        seq: at.seq,
        time_us: at.time_us,
        origin: header.origin.as_ref(),
        window: &window,
        body: &body,
    };
    let snapshot = write(disk, &contents).map_err(|failure| failure.at(disk))?;
    Ok((at, snapshot))
}

fn transactions<R: BufRead>(
    journal: &mut NewJournal,
    header: &Header,
    lines: &mut Lines<R>,
) -> Result<(), Error> {
    let mut payload = Vec::new();
    loop {
        let line = lines.read(PhantomData::<AnyLine>, "the line with `end`")?;
        let is_transaction = line.tx.is_some() || line.seq.is_some();
        match (line.secret.as_deref(), line.rollback, line.end) {
            (None, None, None) => {
                transaction(journal, header, line, &mut payload)
                    .unwrap_or_else(|what| Err(lines.wrong(what)))?;
            }
            (Some(secret), None, None) if !is_transaction => {
                let what = || lines.wrong("a `secret` is 64 hexadecimal digits".to_owned());
                journal.set_secret(read_array(secret).ok_or_else(what)?);
            }
            (None, Some(rollback), None) if !is_transaction => {
                journal.set_mode(if rollback { Rollback::On } else { Rollback::Off })?;
            }
            (None, None, Some(end)) if !is_transaction => {
                if end != journal.seq {
                    return Err(lines.wrong(format!(
                        "the last sequence number should be {end}, and is {}: lines are missing",
                        journal.seq
                    )));
                }
                return lines.expect_end();
            }
            _ => {
                let what = "a line is a transaction, a `secret`, a `rollback`, or the `end`";
                return Err(lines.wrong(what.to_owned()));
            }
        }
    }
}

/// A transaction's line; the outer error says what is wrong with it.
fn transaction(
    journal: &mut NewJournal,
    header: &Header,
    line: AnyLine,
    payload: &mut Vec<u8>,
) -> Result<Result<(), Error>, String> {
    let seq = line.seq.ok_or("`seq` is missing")?;
    let time_us = line.time.ok_or("`time` is missing")?;
    let name = line.tx.ok_or("`tx` is missing")?;
    let expected = journal.seq + 1;
    if seq > expected {
        return Err(format!(
            "the sequence number is {seq} where {expected} is expected; to leave a transaction out, keep its line and add `\"void\": true`"
        ));
    }
    if seq < expected || seq > SEQ_MAX {
        return Err(format!("the sequence number is {seq} where {expected} is expected"));
    }
    if time_us < journal.time_us {
        return Err(format!(
            "the time {time_us} is earlier than {}, that of what comes before",
            journal.time_us
        ));
    }
    let (number, entry) = header.find(&name, line.revision, line.schema)?;
    let number = u32::try_from(number).map_err(|_| "there are too many transactions")?;
    if line.reason.is_some() && !line.void {
        return Err("there is a `reason`, but not `\"void\": true`".to_owned());
    }
    // Arguments that are null, or none, are those of a transaction without any.
    let args = line.args.as_ref().map_or("null", |args| args.get());
    payload.clear();
    let mut json = serde_json::Deserializer::from_str(args);
    Encode { types: &header.dictionary.types, ty: entry.arguments, out: payload }
        .deserialize(&mut json)
        .map_err(|error| format!("the `args` of `{name}`: {}", without_place(&error)))?;
    if payload.len() > TX_BYTES_MAX {
        return Err(format!(
            "the arguments of `{name}` take {} bytes; at most {TX_BYTES_MAX} fit in a transaction",
            payload.len()
        ));
    }
    let reason = line.reason.as_deref().unwrap_or("left out by an import");
    Ok(journal.push(number, time_us, payload, line.void.then_some(reason)))
}
