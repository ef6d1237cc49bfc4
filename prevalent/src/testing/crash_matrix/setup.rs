//! The knobs of a history's store.

use std::sync::Arc;

use super::script::{Dice, Purpose};
use super::{MatrixBuilder, Through};
use crate::builder::Builder;
use crate::disk::Disk;
use crate::disk::sim::SimDisk;
use crate::durability::Durability;
use crate::encoding::decode_value;
use crate::model::Model;

/// How the stores of one history are opened.
pub(super) struct Setup<'a, M: Model> {
    /// The encoded first state.
    pub(super) first: Arc<[u8]>,
    pub(super) durability: Durability,
    knobs: Knobs,
    configure: &'a dyn Fn(MatrixBuilder<M>) -> MatrixBuilder<M>,
    through: Option<&'a Through>,
}

/// Small sizes, so that a short history has many files and not too many sectors.
#[derive(Clone, Copy, Debug)]
struct Knobs {
    segment_bytes: u64,
    fill_ahead_bytes: u64,
    keep_snapshots: usize,
}

impl Knobs {
    fn of(seed: u64) -> Self {
        let dice = Dice::new(seed, Purpose::Knobs);
        Knobs {
            segment_bytes: dice.choose(&[1, 900, 3000, 1 << 20]),
            fill_ahead_bytes: dice.choose(&[0, 1000, 3000]),
            keep_snapshots: dice.choose(&[1, 2, 2]),
        }
    }
}

impl<'a, M: Model> Setup<'a, M> {
    pub(super) fn new(
        first: Arc<[u8]>,
        (seed, durability): (u64, Durability),
        configure: &'a dyn Fn(MatrixBuilder<M>) -> MatrixBuilder<M>,
        through: Option<&'a Through>,
    ) -> Self {
        Setup { first, durability, knobs: Knobs::of(seed), configure, through }
    }

    /// A builder for a store on this disk.
    pub(super) fn builder(&self, disk: impl Disk) -> MatrixBuilder<M> {
        let first = self.first.clone();
        // Whether it can be loaded is found out before there is any store.
        let first: Box<dyn FnOnce() -> M + Send> = Box::new(move || {
            decode_value(&first).unwrap_or_else(|error| panic!("the first state: {error}"))
        });
        let Knobs { segment_bytes, fill_ahead_bytes, keep_snapshots } = self.knobs;
        let builder = Builder::in_memory()
            .initial(first)
            .segment_bytes(segment_bytes)
            .fill_ahead_bytes(fill_ahead_bytes)
            .keep_snapshots(keep_snapshots);
        (self.configure)(builder).durability(self.durability).on_disk(disk)
    }

    /// What a history is recorded on: the disk itself, or one that does less than it says.
    pub(super) fn recorded(&self, disk: &SimDisk) -> Arc<dyn Disk> {
        match self.through {
            None => Arc::new(disk.clone()),
            Some(through) => through(disk),
        }
    }
}
