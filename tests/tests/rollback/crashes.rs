//! A history with failures of both kinds, crashed at every point in every way, and crashed again while it is recovered.

use std::collections::BTreeSet;

use prevalent::testing::{Loss, SimDisk};
use prevalent::{Durability, Error};

use crate::board::on::{Board, BoardStore};
use crate::board::{MODES, board, builder};

/// What was done, and what it left.
struct History {
    disk: SimDisk,
    /// The state behind each sequence number.
    states: Vec<Board>,
    /// From this operation on, what has this sequence number is certain.
    promises: Vec<(usize, u64)>,
    /// The transactions that panicked, and since when their voids are certain.
    exploded: Vec<(usize, u64)>,
}

impl History {
    fn new(durability: Durability) -> Self {
        let disk = SimDisk::new();
        let mut history = History {
            disk: disk.clone(),
            states: vec![Board::default()],
            promises: Vec::new(),
            exploded: Vec::new(),
        };
        let open = || builder(disk.clone(), durability).segment_bytes(600).open().wait().unwrap();
        let store = open();
        history.round(&store, durability);
        store.snapshot().wait().unwrap();
        history.promise();
        history.round(&store, durability);
        store.close().wait().unwrap();
        history.promise();
        drop(store);
        let store = open();
        history.round(&store, durability);
        disk.disconnect();
        history
    }

    fn round(&mut self, store: &BoardStore, durability: Durability) {
        let mut done = |what: Result<bool, Error>| {
            self.states.push(board(store));
            let seq = self.states.len() as u64 - 1;
            let now = self.disk.operations().len();
            match what {
                // In every mode, its void is durable.
                Err(Error::TxPanicked { .. }) => {
                    self.exploded.push((now, seq));
                    self.promises.push((now, seq));
                }
                Ok(_) if durability == Durability::Always => self.promises.push((now, seq)),
                Ok(_) => {}
                Err(other) => panic!("{other:?}"),
            }
        };
        done(store.put("first").wait().map(|_| true));
        done(store.refuse("refused").wait().map(|reply| reply.is_ok()));
        done(store.explode("exploded").wait().map(|()| true));
        done(store.refuse(&"long ".repeat(200)).wait().map(|reply| reply.is_ok()));
        done(store.put(&"\0".repeat(700)).wait().map(|_| true));
        done(store.explode("again").wait().map(|()| true));
    }

    fn promise(&mut self) {
        self.promises.push((self.disk.operations().len(), self.states.len() as u64 - 1));
    }

    /// Opens what a crash at this point has left, and checks it.
    fn judge(&self, image: &SimDisk, point: usize) {
        let seq = self.expect_a_state(image, point);
        let floor = self.promises.iter().filter(|(since, _)| *since <= point).map(|(_, seq)| *seq);
        let floor = floor.max().unwrap_or(0);
        assert!(seq >= floor, "{seq} was recovered, {floor} was promised; {image:?}");
    }

    fn expect_a_state(&self, image: &SimDisk, point: usize) -> u64 {
        let mut voids = BTreeSet::new();
        let store = loop {
            let builder = builder(image.clone(), Durability::Always).segment_bytes(600);
            let builder = voids.iter().fold(builder, |it, seq| it.void_on_replay_panic(*seq));
            match builder.open().wait() {
                Err(Error::ReplayPanicked { seq, .. }) => {
                    assert!(voids.insert(u64::from(seq)), "{image:?}");
                }
                opened => break opened.unwrap_or_else(|error| panic!("{error}; {image:?}")),
            }
        };
        let told = self.exploded.iter().filter(|(since, _)| *since <= point);
        for (_, seq) in told {
            assert!(!voids.contains(seq), "{seq} had been told to be void; {image:?}");
        }
        let seq = u64::from(store.stats().seq);
        let found = board(&store);
        assert_eq!(found, self.states[usize::try_from(seq).unwrap()], "{seq}: {image:?}");
        // It goes on.
        assert_eq!(store.put("more").wait().unwrap(), found.count + 1);
        store.refuse("and more").wait().unwrap().unwrap_err();
        let more = board(&store);
        assert_eq!(more.count, found.count + 1);
        drop(store);
        let again = builder(image.clone(), Durability::Always).open().wait().unwrap();
        assert_eq!(board(&again), more);
        seq
    }
}

#[test]
fn transactions_that_leave_no_trace_leave_none_after_any_crash() {
    for durability in MODES {
        let history = History::new(durability);
        let (mut images, mut nested) = (0_u32, 0_u32);
        for point in history.disk.crash_points() {
            for image in history.disk.images_at(point, Loss::KeepOrDrop) {
                images += 1;
                let recovering = images.is_multiple_of(40).then(|| image.deep_clone());
                history.judge(&image, point);
                let Some(recovering) = recovering else { continue };
                // Crashed again, while it is recovered.
                let opened = builder(recovering.clone(), Durability::Always).open().wait();
                recovering.disconnect();
                drop(opened);
                for later in recovering.crash_points() {
                    for image in recovering.images_at(later, Loss::KeepOrDrop) {
                        nested += 1;
                        history.judge(&image, point);
                    }
                }
            }
        }
        println!("{durability:?}: {images} images, {nested} crashes of a recovery");
        assert!(images > 100 && nested > 0, "{images} {nested}");
    }
}
