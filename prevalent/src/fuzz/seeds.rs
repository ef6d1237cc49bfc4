//! Bytes from which a fuzzer may begin: what a store has written, in the pieces that the decoders are given.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::{Anything, Choice, Unit, batch, segment_header};
use crate::encoding::encode_value;
use crate::format::SECTOR_BYTES;
use crate::format::batch::Depth;
use crate::format::header::{HEADER_BYTES, SegmentHeader, SnapshotHeader};
use crate::format::record::put_types;
use crate::journal::scan::SegmentScan;
use crate::schema::trace_type;
use crate::schema::types::{TypeId, Types};

/// A decoder, and what it may be given.
pub type Seed = (&'static str, Vec<u8>);

/// What the decoders may be given out of a store's files, and values of all kinds.
pub fn seeds<'a>(files: impl IntoIterator<Item = &'a [u8]>) -> Vec<Seed> {
    let mut seeds: Vec<Seed> = values().into_iter().map(|value| ("value", value)).collect();
    for file in files {
        if let Ok(header) = SegmentHeader::decode(file) {
            of_segment(file, &header, &mut seeds);
        } else if let Ok(header) = SnapshotHeader::decode(file) {
            of_snapshot(file, &header, &mut seeds);
        } else {
            seeds.push(("headers", file.to_vec()));
        }
    }
    seeds
}

fn of_segment(file: &[u8], header: &SegmentHeader, seeds: &mut Vec<Seed>) {
    seeds.push(("headers", header.encode().to_vec()));
    let mut scan = SegmentScan::new(file, header, Depth::Bodies);
    let mut all = Vec::new();
    while let Ok(batch) = scan.next_batch() {
        // The transactions of a later batch need the names in the first.
        all.extend_from_slice(batch.body);
        seeds.push(("records", all.clone()));
        seeds.extend(tails(batch.body).map(|tail| ("tail", tail)));
    }
}

/// A good batch behind the one that the target begins with, and what may be left of one.
fn tails(records: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    let first = batch(&[], HEADER_BYTES as u64, segment_header().seed());
    let offset = HEADER_BYTES + first.bytes.len();
    let whole = batch(records, offset as u64, first.chain).bytes;
    let cut = whole[..whole.len() - whole.len() / 3].to_vec();
    let mut with_zeros = whole.clone();
    let from = (offset.next_multiple_of(SECTOR_BYTES) - offset).min(whole.len());
    with_zeros[from..].iter_mut().take(SECTOR_BYTES).for_each(|byte| *byte = 0);
    let ahead = [&whole[..], &[0; 2 * SECTOR_BYTES]].concat();
    [whole, cut, with_zeros, ahead].into_iter()
}

fn of_snapshot(file: &[u8], header: &SnapshotHeader, seeds: &mut Vec<Seed>) {
    seeds.push(("headers", header.encode().to_vec()));
    if let Ok(description_bytes) = u16::try_from(header.description_bytes) {
        seeds
            .push(("snapshot", [&description_bytes.to_le_bytes(), &file[HEADER_BYTES..]].concat()));
    }
}

/// Values with the types that they were written with: today's, and others.
fn values() -> Vec<Vec<u8>> {
    let inside = Anything { text: "inside".to_owned(), ..Anything::default() };
    let named = Choice::Named { inside: Some(Box::new(inside.clone())), units: vec![Unit; 3] };
    let map = [
        ("nothing", Choice::Nothing),
        ("one", Choice::One(Box::new(Choice::Two(7, Unit)))),
        ("named", named),
    ];
    let anything = Anything {
        flag: true,
        small: -3,
        large: u128::MAX,
        letter: 'ß',
        bytes: vec![1, 2, 0xff],
        maybe: Some(Box::new(inside.clone())),
        list: vec![Anything::default(), inside],
        map: map.map(|(name, choice)| (name.to_owned(), choice)).into(),
        pair: (i64::MIN, Unit),
        ..Anything::default()
    };
    let mut of_anything = Types::default();
    let id = trace_type::<Anything>(&mut of_anything, &[]);
    let values = [Anything::default(), anything];
    let mut seeds: Vec<_> =
        values.iter().map(|value| seed_of_value(&of_anything, id, value)).collect();
    // A field that is gone, one that is new, and numbers that were smaller.
    let mut of_older = Types::default();
    let id = trace_type::<Older>(&mut of_older, &[]);
    let older = Older { small: 1, gone: Some("gone".to_owned()), letter: 'a', pair: (-9, Unit) };
    seeds.push(seed_of_value(&of_older, id, &older));
    seeds
}

/// What [`Anything`] may have been once.
#[derive(Serialize, Deserialize)]
struct Older {
    small: i8,
    gone: Option<String>,
    letter: char,
    pair: (i32, Unit),
}

/// The types, this one first, and the value's bytes.
fn seed_of_value(types: &Types, ty: TypeId, value: &impl Serialize) -> Vec<u8> {
    let mut sorted = Types::default();
    sorted.copy(types, ty, &mut HashMap::new());
    let mut schema = Vec::new();
    put_types(&mut schema, sorted.all());
    let mut seed = u16::try_from(schema.len()).unwrap_or(u16::MAX).to_le_bytes().to_vec();
    seed.append(&mut schema);
    encode_value(value, &mut seed, None).expect("it can be written");
    seed
}
