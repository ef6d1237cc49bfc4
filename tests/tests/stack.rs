//! Every thread that applies transactions has the stack that is documented: what one has room for, all the others have.

use std::path::Path;
use std::thread;

use prevalent::{Builder, Durability, Seq, SnapshotMethod, fork, prevalent};

/// The documented 8 MiB, but for what the engine takes itself.
const DEEP_BYTES: usize = 7 << 20;

#[prevalent]
#[derive(Debug, Default)]
struct Diver {
    dives: u64,
}

#[prevalent]
impl Diver {
    /// Takes so much of the stack.
    #[tx]
    fn dive(&mut self, bytes: usize) {
        let here = [0_u8; 64];
        self.dives += u64::from(dive(std::ptr::from_ref(&here).addr(), bytes));
    }

    /// Makes the journal long enough for several threads.
    #[tx]
    fn float(&mut self, luggage: &[u8]) {
        self.dives += luggage.len() as u64 / 1_000_000;
    }
}

fn dive(surface: usize, bytes: usize) -> u8 {
    let here = std::hint::black_box([1_u8; 1024]);
    if surface.abs_diff(std::ptr::from_ref(&here).addr()) >= bytes {
        return 1;
    }
    // What comes behind the call keeps it from becoming a loop.
    dive(surface, bytes) * std::hint::black_box(here)[7]
}

fn builder(dir: &Path, durability: Durability) -> Builder<DiverStore> {
    DiverStore::builder(dir).durability(durability).no_snapshot_on_close()
}

fn dive_everywhere(durability: Durability, luggage: usize) {
    let root = tempfile::tempdir().unwrap();
    let dir = &root.path().join("diver");
    let store = builder(dir, durability).open().wait().unwrap();
    store.dive(DEEP_BYTES).wait().unwrap();
    for _ in 0..luggage {
        store.float(&[0; 10_000]).detach();
    }
    store.dive(DEEP_BYTES).wait().unwrap();
    // Replays beside the store, in the background.
    store.verify().wait().unwrap();
    store.snapshot().wait().unwrap();
    store.dive(DEEP_BYTES).wait().unwrap();
    store.close().wait().unwrap();
    drop(store);
    assert_eq!(builder(dir, durability).open_at(Seq::from(1)).wait().unwrap().dives, 1);
    let forked = &root.path().join("forked");
    fork(dir).at(Seq::from(luggage as u64 + 2)).to(forked).wait().unwrap();
    for dir in [dir, forked] {
        let store = builder(dir, durability).snapshot_method(SnapshotMethod::locked()).open();
        let dives = store.wait().unwrap().read(|diver| diver.dives);
        assert!((2..=3).contains(&dives), "{dives}");
    }
}

#[test]
fn a_transaction_that_takes_most_of_the_documented_stack_is_applied_wherever_it_is_replayed() {
    for durability in [Durability::Always, Durability::Manual] {
        for luggage in [0, 300] {
            // With `Manual` it may be applied here: on a stack that the caller has chosen.
            let caller = thread::Builder::new().stack_size(8 << 20);
            let caller = caller.spawn(move || dive_everywhere(durability, luggage)).unwrap();
            caller.join().unwrap();
        }
    }
}
