//! New segments.

use std::borrow::Cow;
use std::io;
use std::sync::Arc;

use super::next_file::Zeroed;
use crate::clock;
use crate::disk::publish::{Failure, Temporary};
use crate::disk::{Disk, DiskFile};
use crate::error::Error;
use crate::format::batch::{BatchBuilder, Progress};
use crate::format::header::{HEADER_BYTES, SegmentHeader};
use crate::format::record::{
    ModelRecord, Secret, put_dictionary, put_model, put_secret, put_types, put_void,
};
use crate::format::{Chain, Position, StoreId, names};
use crate::rollback::Rollback;
use crate::schema::dictionary::Dictionary;

/// What all segments of a session have in common.
#[derive(Clone, Debug)]
pub(crate) struct SegmentKind {
    pub(crate) store: StoreId,
    /// The model's stable name.
    pub(crate) model: Cow<'static, str>,
    pub(crate) version: u32,
    /// That of what the session commits.
    pub(crate) rollback: Rollback,
    /// The same in each segment of a session, so that a transaction can be encoded before it is known in which one it
    /// will be.
    pub(crate) dictionary: Dictionary,
    /// The same, too, so that it can be applied before that is known.
    pub(crate) secret: Secret,
}

/// What seeds the transactions of a session: fresh from the operating system.
pub(crate) fn draw_secret(disk: &dyn Disk) -> Result<Secret, Error> {
    let mut secret = Secret::default();
    getrandom::fill(&mut secret).map_err(|error| {
        Error::io(disk.path(), "draw random numbers for", io::Error::other(error))
    })?;
    Ok(secret)
}

/// The segment that grows.
#[derive(Debug)]
pub(crate) struct ActiveSegment {
    pub(crate) file: Arc<dyn DiskFile>,
    pub(crate) number: u64,
    pub(crate) rollback: Rollback,
    pub(crate) seed: Chain,
    pub(crate) birth_end: u64,
    pub(crate) synced_through: u64,
    /// Behind the end, the file has zeros up to here; or less than the end, where it has none.
    pub(crate) filled: u64,
}

/// A segment to be made.
#[derive(Debug)]
pub(crate) struct NewSegment<'a> {
    pub(crate) kind: &'a SegmentKind,
    /// The accepted end of the segment before it.
    pub(crate) predecessor: Position,
    /// The sequence number of the next transaction that will be submitted.
    pub(crate) next_seq: u64,
    pub(crate) applied_through: u64,
    pub(crate) carried: Option<Carried>,
    /// Transactions to void, with the reason.
    pub(crate) voids: &'a [(u64, String)],
}

/// What nothing vouches for in the predecessor, and is copied therefore.
#[derive(Debug)]
pub(crate) struct Carried {
    /// The dictionary and the secret that the batches rely on. The session's dictionary begins with this one.
    pub(crate) dictionary: Dictionary,
    pub(crate) secret: Secret,
    /// How they were committed.
    pub(crate) rollback: Rollback,
    /// The sequence number with which they begin.
    pub(crate) first_seq: u64,
    /// With the state that had been applied, as they tell.
    pub(crate) batches: Vec<(BatchBuilder, u64)>,
}

impl NewSegment<'_> {
    /// Makes the segment: it is whole and durable, its name too, when this returns. Gives its end.
    pub(crate) fn create(self, disk: &dyn Disk) -> Result<(ActiveSegment, Position), Failure> {
        self.create_in(disk, None)
    }

    /// Like `create`, of a file that is there already.
    pub(crate) fn create_in(
        self,
        disk: &dyn Disk,
        zeroed: Option<Zeroed>,
    ) -> Result<(ActiveSegment, Position), Failure> {
        let number = self.predecessor.segment + 1;
        let name = names::segment(number);
        let (kind, predecessor, created_us) = (self.kind, self.predecessor, clock::now_us());
        let rollback = self.rollback();
        let first_seq = self.carried.as_ref().map_or(self.next_seq, |carried| carried.first_seq);
        let batches = self.batches(first_seq, created_us);
        let batch_bytes: u64 = batches.iter().map(|(batch, _)| batch.sealed_bytes()).sum();
        let birth_end = HEADER_BYTES as u64 + batch_bytes;
        let header = SegmentHeader {
            store: kind.store,
            rollback,
            number,
            predecessor,
            first_seq,
            created_us,
            birth_end,
        };
        let seed = header.seed();

        let mut bytes = header.encode().to_vec();
        let mut chain = seed;
        for (batch, applied_through) in batches {
            let progress = Progress { synced_through: 0, applied_through };
            let sealed = batch.seal(seed, bytes.len() as u64, chain, progress);
            bytes.extend_from_slice(&sealed.bytes);
            chain = sealed.chain;
        }
        let (file, zeros) = match zeroed {
            Some(Zeroed { file, bytes }) => (Temporary::take_up(disk, &name, file), bytes),
            None => (Temporary::create(disk, &name)?, 0),
        };
        file.write_at(0, &bytes)?;
        let file = file.give_name()?;
        // A clean mark names an older segment now, and counts no more. Where it can't be removed, it is just stale.
        let _ = disk.remove(names::CLEAN);
        let active = ActiveSegment {
            file,
            number,
            rollback,
            seed,
            birth_end,
            synced_through: birth_end,
            filled: birth_end.max(zeros),
        };
        Ok((active, Position { segment: number, offset: birth_end, chain }))
    }

    /// What is carried over keeps the mode that it had; what the session commits begins with the next segment then.
    fn rollback(&self) -> Rollback {
        match &self.carried {
            Some(carried) if !carried.batches.is_empty() => carried.rollback,
            _ => self.kind.rollback,
        }
    }

    /// The preamble; or one for what is carried over, that, and what the session adds to it.
    fn batches(self, first_seq: u64, created_us: u64) -> Vec<(BatchBuilder, u64)> {
        let mut batches = Vec::new();
        let mut preamble = BatchBuilder::new(first_seq, created_us);
        let SegmentKind { model, version, .. } = self.kind;
        put_model(preamble.body_mut(), &ModelRecord { name: model, version: *version, ty: None });
        let Dictionary { types, entries } = &self.kind.dictionary;
        let (mut types, mut entries) = (types.all(), entries.as_slice());
        if let Some(carried) = self.carried {
            let inherited = carried.dictionary;
            put_types(preamble.body_mut(), inherited.types.all());
            put_dictionary(preamble.body_mut(), &inherited.entries);
            types = types.get(inherited.types.len()..).unwrap_or_default();
            entries = entries.get(inherited.entries.len()..).unwrap_or_default();
            put_secret(preamble.body_mut(), &carried.secret);
            // Nothing of what follows had been applied before it: the second preamble tells of that.
            batches.push((preamble, self.applied_through.min(first_seq.saturating_sub(1))));
            batches.extend(carried.batches);
            preamble = BatchBuilder::new(self.next_seq, created_us);
        }
        put_types(preamble.body_mut(), types);
        put_dictionary(preamble.body_mut(), entries);
        put_secret(preamble.body_mut(), &self.kind.secret);
        for (seq, reason) in self.voids {
            put_void(preamble.body_mut(), *seq, reason);
        }
        batches.push((preamble, self.applied_through));
        batches
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::sim::SimDisk;
    use crate::format::batch::Depth;
    use crate::journal::reader::{SegmentFile, read_header};

    #[test]
    fn no_batch_tells_that_what_it_holds_or_what_comes_later_had_been_applied() {
        let kind = SegmentKind {
            store: StoreId([1; 16]),
            model: "a".into(),
            version: 1,
            rollback: Rollback::Off,
            dictionary: Dictionary::default(),
            secret: Secret::default(),
        };
        let carried = |seq| {
            let mut batch = BatchBuilder::new(seq, 0);
            batch.push_tx(0, 0, b"");
            (batch, seq - 1)
        };
        let predecessor = Position { segment: 1, offset: 4711, chain: Chain(7) };
        let new = NewSegment {
            kind: &kind,
            predecessor,
            next_seq: 8,
            applied_through: 6,
            carried: Some(Carried {
                dictionary: Dictionary::default(),
                secret: Secret::default(),
                rollback: Rollback::Off,
                first_seq: 5,
                batches: vec![carried(5), carried(6), carried(7)],
            }),
            voids: &[],
        };
        let disk = SimDisk::new();
        let (_, end) = new.create(&disk).unwrap();
        let file = SegmentFile::read(&disk, read_header(&disk, 2).unwrap()).unwrap();
        let mut reader = file.reader(Depth::Bodies);
        let mut told = Vec::new();
        while let Some(batch) = reader.next_batch(end.offset).unwrap() {
            told.push((batch.header.first_seq, batch.header.applied_through));
        }
        assert_eq!(told, [(5, 4), (5, 4), (6, 5), (7, 6), (8, 6)]);
    }
}
