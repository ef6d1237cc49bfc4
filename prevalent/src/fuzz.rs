//! The decoders, for whoever feeds them bytes that nobody has written (feature `__fuzz`). No public interface: it may change or
//! go at any time.
//!
//! Each function panics where a decoder panics, or where what it took for good is not the same when it is written and read
//! again. Checksums are made right first, where they would keep the bytes from what comes behind them.

#[path = "fuzz/seeds.rs"]
mod seeds;

pub use seeds::{Seed, seeds};

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::disk::Disk;
use crate::disk::memory::MemoryDisk;
use crate::disk::publish::publish;
use crate::encoding::{decode_value, decode_value_as, encode_value};
use crate::error::Error;
use crate::format::batch::{
    BATCH_HEADER_BYTES, BatchBuilder, Depth, Progress, SealedBatch, may_begin_here, read_batch,
};
use crate::format::header::{CleanMark, HEADER_BYTES, SegmentHeader, SnapshotHeader};
use crate::format::manifest::Manifest;
use crate::format::record::{Record, Records, put_secret};
use crate::format::trail::{TRAIL_BYTES, TrailMark};
use crate::format::{Chain, Position, StoreId, hash, names};
use crate::journal::entries::{Place, SegmentContext};
use crate::journal::scan::SegmentScan;
use crate::journal::tail;
use crate::rollback::Rollback;
use crate::schema::types::{TypeId, Types};
use crate::snapshot::read::read;

const STORE: StoreId = StoreId([7; 16]);

/// Headers of all kinds, the list of a backup, and the trail of a replay.
pub fn headers(bytes: &[u8]) {
    headers_as_they_are(bytes);
    if let Some(sealed) = sealed(bytes) {
        headers_as_they_are(&sealed);
    }
}

fn headers_as_they_are(bytes: &[u8]) {
    if let Ok(header) = SegmentHeader::decode(bytes) {
        assert_eq!(SegmentHeader::decode(&header.encode()).ok(), Some(header));
    }
    if let Ok(header) = SnapshotHeader::decode(bytes) {
        assert_eq!(SnapshotHeader::decode(&header.encode()).ok(), Some(header));
    }
    if let Ok(mark) = CleanMark::decode(bytes) {
        assert_eq!(CleanMark::decode(&mark.encode()).ok(), Some(mark));
    }
    if let Ok(manifest) = Manifest::decode(bytes) {
        assert_eq!(Manifest::decode(&manifest.encode()).ok(), Some(manifest));
    }
    if let Some(mark) = TrailMark::decode(bytes) {
        assert_eq!(TrailMark::decode(&mark.encode()), Some(mark));
    }
}

/// The same bytes with the right checksum of a header, or of a trail, and the right length and hash of a list behind it.
fn sealed(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = bytes.to_vec();
    let trail = bytes.first_chunk_mut::<TRAIL_BYTES>();
    if let Some(trail) = trail.filter(|trail| trail.starts_with(b"prvl-rpl")) {
        let crc = crc32c::crc32c(&trail[..TRAIL_BYTES - 4]);
        trail[TRAIL_BYTES - 4..].copy_from_slice(&crc.to_le_bytes());
        return Some(bytes);
    }
    let (header, list) = bytes.split_first_chunk_mut::<HEADER_BYTES>()?;
    if header.starts_with(b"prvl-bkp") {
        header[80..88].copy_from_slice(&hash(list).to_le_bytes());
        header[88..96].copy_from_slice(&(list.len() as u64).to_le_bytes());
    }
    let crc = crc32c::crc32c(&header[..HEADER_BYTES - 4]);
    header[HEADER_BYTES - 4..].copy_from_slice(&crc.to_le_bytes());
    Some(bytes)
}

/// Makes the checksums of a file's header right, of a snapshot the hashes of what lies behind it, and of a segment all that is
/// checked of its batches.
pub fn seal(file: &mut Vec<u8>) {
    let snapshot =
        file.split_first_chunk::<HEADER_BYTES>().filter(|_| file.starts_with(b"prvl-snp"));
    if let Some((header, rest)) = snapshot {
        let description_bytes =
            u32::from_le_bytes([header[104], header[105], header[106], header[107]]);
        let (description, body) = rest.split_at(rest.len().min(description_bytes as usize));
        let hashes = [hash(description).to_le_bytes(), hash(body).to_le_bytes()].concat();
        file[80..96].copy_from_slice(&hashes);
    }
    if let Some(sealed) = sealed(file) {
        *file = sealed;
    }
    if let Ok(header) = SegmentHeader::decode(file) {
        seal_batches(file, header.seed());
    }
}

/// Makes batches follow each other, as far as their headers begin and end as they should.
fn seal_batches(file: &mut [u8], seed: Chain) {
    let (mut offset, mut chain) = (HEADER_BYTES, seed);
    while let Some((header, rest)) =
        file.get_mut(offset..).and_then(<[u8]>::split_first_chunk_mut::<BATCH_HEADER_BYTES>)
    {
        let body_bytes = u32::from_le_bytes([header[56], header[57], header[58], header[59]]);
        let Some(body) = rest.get(..body_bytes as usize) else { return };
        if !may_begin_here(header) {
            return;
        }
        header[40..48].copy_from_slice(&chain.0.to_le_bytes());
        header[48..56].copy_from_slice(&hash(body).to_le_bytes());
        let place = [seed.0.to_le_bytes(), (offset as u64).to_le_bytes()].concat();
        let crc = crc32c::crc32c_append(crc32c::crc32c(&place), &header[8..]);
        header[4..8].copy_from_slice(&crc.to_le_bytes());
        chain = Chain(hash(header));
        offset += BATCH_HEADER_BYTES + body_bytes as usize + 1;
    }
}

fn segment_header() -> SegmentHeader {
    SegmentHeader {
        store: STORE,
        rollback: Rollback::Off,
        number: 1,
        predecessor: Position::default(),
        first_seq: 1,
        created_us: 0,
        birth_end: HEADER_BYTES as u64,
    }
}

/// A good batch that holds `records`, at this place in a segment of one store, whose first transaction is its first.
fn batch(records: &[u8], offset: u64, previous: Chain) -> SealedBatch {
    let seed = segment_header().seed();
    let seal = |batch: BatchBuilder| batch.seal(seed, offset, previous, Progress::default());
    let is_tx = |record: &Result<Record<'_>, _>| matches!(record, Ok(Record::Tx { .. }));
    let transactions = Records::new(records, 0).filter(is_tx).count();
    let mut batch = BatchBuilder::new(1, 0);
    batch.body_mut().extend_from_slice(records);
    let bytes = seal(batch).bytes;
    let read = read_batch(&bytes, offset, seed, previous, 1, Depth::Bodies);
    let count = u32::try_from(transactions).unwrap_or(u32::MAX);
    seal(BatchBuilder::copy_of_start(&read.expect("it was just sealed"), records.len(), count))
}

/// A segment of one good batch that holds `records`, and what lies behind it.
fn segment(records: &[u8], behind: &[u8]) -> (SegmentHeader, Vec<u8>) {
    let header = segment_header();
    let first = batch(records, HEADER_BYTES as u64, header.seed());
    let bytes = [&header.encode()[..], &first.bytes, behind].concat();
    (header, bytes)
}

/// A batch's records, as a journal's reader goes through them.
pub fn records(bytes: &[u8]) {
    let mut body = Vec::new();
    put_secret(&mut body, &[0; 32]);
    body.extend_from_slice(bytes);
    let (header, segment) = segment(&body, &[]);
    let mut scan = SegmentScan::new(&segment, &header, Depth::Bodies);
    let batch = scan.next_batch().expect("it was just sealed");
    assert!(batch.body == body && scan.next_batch().is_err());
    let place = Place { segment: "segment".as_ref(), offset: 0, seq: 1 };
    let mut context = SegmentContext::default();
    let _ = context.walk(&batch, &place, |_, _| Ok::<(), Error>(()));
    for ty in 0..context.dictionary.types.len().min(100) {
        let id = TypeId(u32::try_from(ty).unwrap_or(u32::MAX));
        assert!(!context.dictionary.types.describe(id).is_empty());
    }
}

/// What lies behind the last batch of a segment.
pub fn tail(bytes: &[u8]) {
    let (header, segment) = segment(&[], bytes);
    let mut scan = SegmentScan::new(&segment, &header, Depth::Bodies);
    assert!(scan.next_batch().is_ok());
    while scan.next_batch().is_ok() {}
    let end = usize::try_from(scan.position().offset).expect("it is in memory");
    tail::judge(&segment, end, header.seed());
    tail::vouched_behind(&segment, end, header.seed());
}

/// A snapshot's description, then the body.
pub fn snapshot(bytes: &[u8]) {
    let (description_bytes, rest) = match bytes {
        [low, high, rest @ ..] => (usize::from(u16::from_le_bytes([*low, *high])), rest),
        _ => return,
    };
    let (description, body) = rest.split_at(description_bytes.min(rest.len()));
    let header = SnapshotHeader {
        store: STORE,
        seq: 3,
        journal: Position::default(),
        time_us: 0,
        created_us: 0,
        description_hash: hash(description),
        body_hash: hash(body),
        body_bytes: body.len() as u64,
        description_bytes: u32::try_from(description.len()).unwrap_or(u32::MAX),
    };
    let disk = MemoryDisk::new();
    let file = [&header.encode(), description, body].concat();
    publish(&disk, &names::snapshot(3), &file).expect("a disk in memory");
    match read(&disk, 3) {
        Ok(file) => assert_eq!(file.body(), body),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
    assert_eq!(disk.list().map(|names| names.len()).ok(), Some(1));
}

/// A bit of everything that serde knows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Anything {
    flag: bool,
    small: i8,
    large: u128,
    letter: char,
    text: String,
    bytes: Vec<u8>,
    maybe: Option<Box<Anything>>,
    list: Vec<Anything>,
    map: BTreeMap<String, Choice>,
    pair: (i64, Unit),
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Unit;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Choice {
    Nothing,
    One(Box<Choice>),
    Two(u8, Unit),
    Named { inside: Option<Box<Anything>>, units: Vec<Unit> },
}

/// A value of today's types, and the same bytes as one that was written with any other types. These come first, behind how many
/// bytes they take.
pub fn value(bytes: &[u8]) {
    let [low, high, rest @ ..] = bytes else { return };
    let schema_bytes = usize::from(u16::from_le_bytes([*low, *high]));
    let (schema, value) = rest.split_at(schema_bytes.min(rest.len()));
    if let Ok(value) = decode_value::<Anything>(value) {
        let mut again = Vec::new();
        encode_value(&value, &mut again, None).expect("what was read can be written");
        assert_eq!(decode_value::<Anything>(&again), Ok(value));
    }
    let mut types = Types::default();
    for record in Records::new(schema, 0).flatten() {
        if let Record::Types(more) = record {
            let _ = types.extend(more);
        }
    }
    for ty in 0..types.len().min(4) {
        let id = TypeId(u32::try_from(ty).unwrap_or(u32::MAX));
        let _ = decode_value_as::<Anything>(&types, id, value);
        let _ = decode_value_as::<Choice>(&types, id, value);
        let _ = decode_value_as::<serde::de::IgnoredAny>(&types, id, value);
    }
}
