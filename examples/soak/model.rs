//! What is stored: how far each task has come. A step that was lost is noticed by the one after it.

use std::path::Path;
use std::time::Duration;

use prevalent::{Durability, Error, ReplayEnd, prevalent};

/// So small that kills hit the store while it begins a new file, or takes a snapshot.
const SEGMENT_BYTES: u64 = 32 << 10;
const SNAPSHOT_EVERY_BYTES: u64 = 256 << 10;

/// With [`Durability::Every`].
const EVERY: Duration = Duration::from_millis(20);

/// The steps of all tasks.
#[prevalent]
#[derive(Debug, Default)]
pub struct Steps {
    /// By task: the number of its next step.
    next: Vec<u64>,
}

#[prevalent]
impl Steps {
    /// A task goes a step on.
    ///
    /// # Errors
    ///
    /// The number of the step that would be next: one is lost, or was applied twice.
    #[tx]
    pub fn step(&mut self, task: u16, number: u64, _luggage: &[u8]) -> Result<(), u64> {
        let task = usize::from(task);
        if self.next.len() <= task {
            self.next.resize(task + 1, 0);
        }
        if self.next[task] != number {
            return Err(self.next[task]);
        }
        self.next[task] += 1;
        Ok(())
    }

    /// A task goes a step on, and falls.
    ///
    /// # Panics
    ///
    /// Always.
    #[tx]
    pub fn stumble(&mut self, task: u16) {
        if let Some(next) = self.next.get_mut(usize::from(task)) {
            *next += 1;
        }
        panic!("on purpose");
    }

    /// How far all have come.
    #[query]
    pub fn all(&self) -> Vec<u64> {
        self.next.clone()
    }
}

/// When a commit counts: another one in each round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    Always,
    Every,
    Manual,
}

impl Mode {
    pub const ALL: [Mode; 3] = [Mode::Always, Mode::Every, Mode::Manual];

    pub fn of_round(round: u64) -> Self {
        match round % 3 {
            0 => Mode::Always,
            1 => Mode::Every,
            _ => Mode::Manual,
        }
    }
}

/// Opens the store. Where a kill came between a transaction that panics and its void, it is given up.
///
/// # Errors
///
/// Those of an open.
pub fn open(dir: &Path, mode: Mode) -> Result<StepsStore, Error> {
    let durability = match mode {
        Mode::Always => Durability::Always,
        Mode::Every => Durability::Every(EVERY),
        Mode::Manual => Durability::Manual,
    };
    let mut given_up = Vec::new();
    loop {
        let mut builder = StepsStore::builder(dir)
            .durability(durability)
            .segment_bytes(SEGMENT_BYTES)
            .snapshot_every_bytes(SNAPSHOT_EVERY_BYTES);
        for &seq in &given_up {
            builder = builder.void_on_replay_panic(seq);
        }
        match builder.open().wait() {
            Err(Error::ReplayPanicked { seq, end: ReplayEnd::Panic, .. })
                if !given_up.contains(&seq) =>
            {
                given_up.push(seq);
            }
            opened => return opened,
        }
    }
}
