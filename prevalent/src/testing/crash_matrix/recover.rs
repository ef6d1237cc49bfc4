//! What an open finds on a disk, without a store's threads.

use std::collections::BTreeSet;

use super::setup::Setup;
use super::shadow;
use crate::digest::Digest;
use crate::disk::sim::SimDisk;
use crate::engine::launch;
use crate::error::{Error, ReplayEnd};
use crate::model::Model;
use crate::panic::drop_quietly;

/// What was recovered, with whatever flags the errors asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) seq: u64,
    pub(super) time_us: u64,
    pub(super) digest: Digest,
    /// Transactions that have panicked in the replay.
    pub(super) voided: BTreeSet<u64>,
    /// Transactions that were said to have ended a process.
    pub(super) named: BTreeSet<u64>,
    /// Whether the open had to be told to drop a suspect tail.
    pub(super) suspect: bool,
    /// What was said to be damaged.
    pub(super) damaged: Vec<String>,
    pub(super) dropped_tail: bool,
}

impl Found {
    /// Whether it is the same state.
    pub(super) fn is_like(&self, other: &Found) -> bool {
        (self.seq, self.digest) == (other.seq, other.digest)
    }
}

/// Recovers what is on the disk, as an open would. The text says what is wrong.
pub(super) fn recover<M: Model>(disk: &SimDisk, setup: &Setup<'_, M>) -> Result<Found, String> {
    let (mut voided, mut named) = (BTreeSet::new(), BTreeSet::new());
    let mut suspect = false;
    let before = disk.contents();
    #[cfg(test)]
    super::tests::expect_no_sabotage(disk)?;
    loop {
        let mut builder = setup.builder(disk.clone());
        for &seq in &voided {
            builder = builder.void_on_replay_panic(seq);
        }
        if suspect {
            builder = builder.drop_suspect_tail();
        }
        let opened = builder.launch().and_then(|launch| {
            launch::open(&launch.disk, launch.archive, launch.first_state, launch.options)
        });
        let error = match opened {
            Ok((locks, _, recovered)) => {
                drop(locks);
                let digest = shadow::digest(&recovered.state.model)?;
                let (state, report) = (recovered.state, recovered.report);
                let found = Found {
                    seq: state.seq,
                    time_us: state.time_us,
                    digest,
                    voided,
                    named,
                    suspect,
                    damaged: report.damaged.iter().map(Error::to_string).collect(),
                    dropped_tail: report.dropped_tail.is_some(),
                };
                drop_quietly(state.model);
                return Ok(found);
            }
            Err(error) => error,
        };
        if disk.contents() != before {
            return Err(format!("an open that failed has changed something: {error}"));
        }
        match error {
            // It is told once: the next open tries it again.
            Error::ReplayPanicked { seq, end: ReplayEnd::Process, .. }
                if named.insert(seq.get()) => {}
            Error::ReplayPanicked { seq, end: ReplayEnd::Panic, .. }
                if voided.insert(seq.get()) => {}
            Error::SuspectTail { .. } if !suspect => suspect = true,
            error => return Err(format!("it does not open: {error}")),
        }
    }
}
