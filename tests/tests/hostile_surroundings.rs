//! Models, executors and disks that don't behave: what they may cost is bounded, and told.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::task::{Context, Wake, Waker};
use std::thread;
use std::time::Duration;

use prevalent::testing::{Loss, SimDisk};
use prevalent::{Durability, Error, prevalent};
use prevalent_tests::hooked::{Act, Hooked, Step};
use prevalent_tests::models::TallyStore;

/// Long enough for anything that comes at all.
const PATIENCE: Duration = Duration::from_mins(1);

#[test]
fn a_snapshot_that_fails_leaves_nothing_behind_that_takes_room() {
    let sim = SimDisk::new();
    let full = Arc::new(AtomicBool::new(false));
    let (is_full, writes) = (full.clone(), AtomicUsize::new(0));
    let disk = Hooked::new(&sim, move |step| {
        // The description still fits, the body doesn't.
        let fails = is_full.load(Ordering::SeqCst)
            && step.is_snapshot()
            && matches!(step, Step::Write(_))
            && writes.fetch_add(1, Ordering::SeqCst) % 2 == 1;
        if fails { Act::Fail } else { Act::Do }
    });
    let store = TallyStore::builder("").on_disk(disk).open().wait().unwrap();
    full.store(true, Ordering::SeqCst);
    for number in 0..5 {
        store.add(number).wait().unwrap();
        assert!(store.snapshot().wait().is_err());
    }
    assert!(!sim.file_names().iter().any(|name| name.contains(".tmp")), "{:?}", sim.file_names());
}

/// A number that can be written unless it is 12, and read back unless it is 13.
#[derive(Debug, Default)]
struct NoThirteen(u64);

impl serde::Serialize for NoThirteen {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0 == 12 {
            return Err(serde::ser::Error::custom("twelve"));
        }
        self.0.serialize(serializer)
    }
}

impl<'de> serde::Deserialize<'de> for NoThirteen {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match u64::deserialize(deserializer)? {
            13 => Err(serde::de::Error::custom("thirteen")),
            number => Ok(NoThirteen(number)),
        }
    }
}

/// A model that can get into a state that can't be stored.
#[prevalent]
#[derive(Debug, Default)]
struct Picky {
    number: NoThirteen,
}

#[prevalent]
impl Picky {
    /// Takes any number.
    #[tx]
    fn set(&mut self, number: u64) {
        self.number = NoThirteen(number);
    }

    /// The number.
    #[query]
    fn get(&self) -> u64 {
        self.number.0
    }
}

#[test]
fn a_state_that_could_not_be_read_back_never_becomes_a_snapshot() {
    let sim = SimDisk::new();
    let store = PickyStore::builder("").on_disk(sim.clone()).open().wait().unwrap();
    for (number, why) in [(12, "twelve"), (13, "thirteen")] {
        store.set(number).wait().unwrap();
        match store.snapshot().wait() {
            Err(Error::Encoding { tx, reason, .. }) => {
                assert_eq!(tx, "Picky");
                assert!(reason.contains(why), "{reason}");
            }
            other => panic!("{other:?}"),
        }
    }
    store.set(14).wait().unwrap();
    for seed in 0..50 {
        let image = sim.image_at(*sim.crash_points().end(), seed, Loss::KeepOrDrop);
        let store = PickyStore::builder("").on_disk(image).open().wait().unwrap();
        assert_eq!(store.get(), 14);
    }
}

#[test]
fn a_long_read_does_not_hold_up_the_sync_that_every_promises() {
    let store = TallyStore::builder("")
        .on_disk(SimDisk::new())
        .durability(Durability::Every(Duration::from_millis(50)))
        .open()
        .wait()
        .unwrap();
    store.add(1).wait().unwrap();
    let waiting = store.read(|_| {
        let waiting = store.add(2);
        let began = std::time::Instant::now();
        while u64::from(store.stats().durable_seq) < 2 {
            assert!(began.elapsed() < PATIENCE, "{:?}", store.stats());
            thread::sleep(Duration::from_millis(1));
        }
        waiting
    });
    waiting.wait().unwrap();
}

/// An executor that polls its task at once, on whatever thread wakes it.
struct Inline {
    task: Mutex<Option<Pin<Box<dyn Future<Output = ()> + Send>>>>,
}

impl Wake for Inline {
    fn wake(self: Arc<Self>) {
        let mut slot = self.task.lock().unwrap();
        if let Some(mut task) = slot.take() {
            let waker = Waker::from(self.clone());
            if task.as_mut().poll(&mut Context::from_waker(&waker)).is_pending() {
                *slot = Some(task);
            }
        }
    }
}

#[test]
fn an_executor_may_poll_on_the_thread_that_wakes_it() {
    let store = TallyStore::builder("").on_disk(SimDisk::new()).open().wait().unwrap();
    let (done, finished) = mpsc::channel();
    let task = Arc::new(Inline { task: Mutex::new(None) });
    let commits = store.clone();
    *task.task.lock().unwrap() = Some(Box::pin(async move {
        for number in 0..5 {
            commits.add(number).await.unwrap();
        }
        drop(commits);
        done.send(()).unwrap();
    }));
    task.wake();
    finished.recv_timeout(PATIENCE).expect("all five");
}

#[test]
fn ready_waits_for_as_much_room_as_was_refused() {
    let sim = SimDisk::new();
    let held = Arc::new(AtomicBool::new(false));
    let is_held = held.clone();
    let disk = Hooked::new(&sim, move |step| {
        while is_held.load(Ordering::SeqCst) && step.is_journal() {
            thread::sleep(Duration::from_millis(1));
        }
        Act::Do
    });
    let store = TallyStore::builder("").on_disk(disk).pending_bytes(10_000).open().wait().unwrap();
    store.add(1).wait().unwrap();
    held.store(true, Ordering::SeqCst);
    let text = "x".repeat(8_000);
    let first = store.add_length(&text);
    assert!(matches!(store.add_length(&text).wait(), Err(Error::Overloaded { .. })));
    let mut ready = store.ready();
    let mut cx = Context::from_waker(Waker::noop());
    assert!(
        Pin::new(&mut ready).poll(&mut cx).is_pending(),
        "a second one of that size has no room"
    );
    held.store(false, Ordering::SeqCst);
    first.wait().unwrap();
    ready.wait().unwrap();
    store.add_length(&text).wait().unwrap();
}

static ARMED: AtomicBool = AtomicBool::new(false);

/// A model that panics in a replay, and when it is dropped.
#[prevalent]
#[derive(Debug, Default)]
struct Spiteful {
    number: u64,
}

impl Drop for Spiteful {
    fn drop(&mut self) {
        assert!(!ARMED.load(Ordering::SeqCst) || thread::panicking(), "dropped");
    }
}

#[prevalent]
impl Spiteful {
    /// Succeeds, once.
    #[tx]
    fn add(&mut self) {
        assert!(!ARMED.load(Ordering::SeqCst), "replayed");
        self.number += 1;
    }

    /// From here on everything fails.
    #[tx]
    fn explode(&mut self) {
        ARMED.store(true, Ordering::SeqCst);
        self.number = 0;
        panic!("on purpose");
    }
}

#[test]
fn a_model_that_panics_while_it_is_rebuilt_and_dropped_leaves_nobody_waiting() {
    let store = SpitefulStore::builder("").on_disk(SimDisk::new()).open().wait().unwrap();
    store.add().wait().unwrap();
    let (told, heard) = mpsc::channel();
    let other = store.clone();
    thread::spawn(move || {
        let exploded = other.explode().wait();
        let state = other.try_read(|model| model.number);
        let closed = other.close().wait();
        told.send((exploded, state, closed)).unwrap();
        std::mem::forget(other);
    });
    let (exploded, state, closed) = heard.recv_timeout(PATIENCE).expect("an answer");
    assert!(matches!(exploded, Err(Error::InDoubt { .. })), "{exploded:?}");
    assert!(state.is_err(), "{state:?}");
    assert!(matches!(closed, Err(Error::Failed { .. })), "{closed:?}");
    ARMED.store(false, Ordering::SeqCst);
}
