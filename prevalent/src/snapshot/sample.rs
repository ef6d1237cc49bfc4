//! Snapshots for tests.

use crate::format::header::SnapshotHeader;
#[cfg(feature = "inspect")]
use crate::format::record::{ModelRecord, put_model, put_types};
use crate::format::{Position, StoreId, hash};
#[cfg(feature = "inspect")]
use crate::schema::types::{Type, TypeId};

/// The file of a snapshot of which all checksums are right.
pub(crate) fn file(seq: u64, description: &[u8], body: &[u8]) -> Vec<u8> {
    let header = SnapshotHeader {
        store: StoreId([1; 16]),
        seq,
        journal: Position::default(),
        time_us: 0,
        created_us: 0,
        description_hash: hash(description),
        body_hash: hash(body),
        body_bytes: body.len() as u64,
        description_bytes: u32::try_from(description.len()).unwrap(),
    };
    [&header.encode()[..], description, body].concat()
}

/// That of a model `a`, which is a text.
#[cfg(feature = "inspect")]
pub(crate) fn description() -> Vec<u8> {
    let mut description = Vec::new();
    put_types(&mut description, &[Type::String]);
    put_model(&mut description, &ModelRecord { name: "a", version: 1, ty: Some(TypeId(0)) });
    description
}
