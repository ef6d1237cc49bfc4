//! Every thread that applies transactions has the stack that is documented: what one has room for, all the others have.

use std::path::Path;
use std::thread;

use prevalent::testing::{CrashMatrix, Determinism};
use prevalent::{Builder, Durability, Error, Seq, SnapshotMethod, fork, prevalent};

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

    /// Holds a chain.
    #[tx]
    fn anchor(&mut self, chain: &Chain) {
        self.dives += u64::from(chain.links() == 0);
    }
}

/// Each link lies in another one.
#[prevalent::data]
#[derive(Debug)]
enum Chain {
    End,
    Link(Box<Chain>),
}

impl Chain {
    fn of(links: usize) -> Self {
        (0..links).fold(Chain::End, |chain, _| Chain::Link(Box::new(chain)))
    }

    fn links(&self) -> usize {
        let mut rest = self;
        let mut links = 0;
        while let Chain::Link(next) = rest {
            (rest, links) = (next, links + 1);
        }
        links
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

/// On a thread with the stack that is documented: a test's has less.
fn with_the_documented_stack(test: impl FnOnce() + Send + 'static) {
    let caller = thread::Builder::new().stack_size(8 << 20);
    caller.spawn(test).unwrap().join().unwrap();
}

#[test]
fn a_value_that_is_accepted_is_delivered_however_deep_it_lies() {
    with_the_documented_stack(|| {
        let store = DiverStore::in_memory();
        let is_accepted = |links: usize| match store.anchor(&Chain::of(links)).wait() {
            Ok(()) => true,
            Err(Error::Encoding { .. }) => false,
            Err(other) => panic!("{other}"),
        };
        // One of the deepest.
        let mut links = 64;
        while is_accepted(links) {
            links += links / 16;
        }
        assert!(links > 1000, "{links}");
        let newest = store.stats().seq;
        let mut history = store.history(newest..);
        let event = history.wait_next().unwrap().unwrap();
        assert!(matches!(event.tx, DiverTx::Anchor { chain } if chain.links() > links / 2));
        let mut live = store.subscribe(Seq::from(1));
        for seq in 1..=u64::from(newest) {
            assert_eq!(live.wait_next().unwrap().unwrap().seq, Seq::from(seq));
        }
    });
}

#[test]
fn the_tests_of_a_model_have_the_documented_stack_too() {
    with_the_documented_stack(|| {
        let dives = || (0..2).map(|_| DiverTx::Dive { bytes: DEEP_BYTES });
        CrashMatrix::new(Diver::default(), dives())
            .histories(1)
            .images_max(10)
            .failures_max(0)
            .check()
            .unwrap();
        Determinism::new(move || (Diver::default(), dives().collect()))
            .test("the_tests_of_a_model_have_the_documented_stack_too")
            .check()
            .unwrap();
    });
}
