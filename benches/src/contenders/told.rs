//! The limits, with tasks that are told: what is left to anybody who awaits on an executor, and syncs on a thread of its own.
//! There is no order, no reply and no error in it: what fails ends the measurement.

use std::path::Path;
use std::sync::Arc;
use std::task::{Poll, Waker};
use std::thread::{Builder, yield_now};
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex, RwLock};

use super::{Contender, LIMIT_AND_WORK_TOLD, LIMIT_TOLD};
use crate::drive;
use crate::failure::Result;
use crate::frame::{Batch, Encoded, Session, read_into, session};
use crate::load::{Acknowledged, Load, Outcome};
use crate::log_file::{LogFile, room_for};
use crate::workload::{Map, map_with_room};

const FILE: &str = "told";

/// So long the thread waits for those whom it has told, before it writes for whoever is there. As `prevalent` does.
const LINGER_MAX: Duration = Duration::from_micros(50);

/// Readers are let in after so many were inserted. As `prevalent` does.
const TURN: usize = 32;

/// The thread writes LIMIT's batch and syncs it, whoever waits; the tasks have nothing to do.
pub(super) struct Limit;

/// The tasks make the tokens, encode, and decode what they encoded; the thread checksums, writes, syncs, and inserts.
pub(super) struct LimitAndWork;

impl Contender for Limit {
    fn name(&self) -> &'static str {
        LIMIT_TOLD
    }

    fn run(&self, dir: &Path, load: &Load) -> Result<Outcome> {
        let room = room_for(load.in_flight);
        let mut log = LogFile::zero_filled(&dir.join(FILE), room)?;
        let mut batch = Batch::new();
        for number in 0..load.in_flight as u64 {
            batch.push(&session(number))?;
        }
        let bytes = batch.seal()?.to_vec();
        let write = move |_: &mut Vec<()>| {
            if log.end() + bytes.len() as u64 > room {
                log.rewind();
            }
            log.append(&bytes)
        };
        run(load, |_| Ok(()), write)
    }

    fn verify(&self, dir: &Path, _acknowledged: &Acknowledged) -> Result<()> {
        read_into(&dir.join(FILE), &mut Map::new())
    }
}

impl Contender for LimitAndWork {
    fn name(&self) -> &'static str {
        LIMIT_AND_WORK_TOLD
    }

    fn run(&self, dir: &Path, load: &Load) -> Result<Outcome> {
        limit_and_work_into(&Arc::new(RwLock::new(map_with_room())), dir, load)
    }

    fn verify(&self, dir: &Path, acknowledged: &Acknowledged) -> Result<()> {
        let mut map = map_with_room();
        read_into(&dir.join(FILE), &mut map)?;
        acknowledged.verify_in(&map)
    }
}

/// LIMIT + work, told to tasks, into a map that others may read meanwhile.
///
/// # Errors
///
/// What the file system says.
pub(crate) fn limit_and_work_into(
    map: &Arc<RwLock<Map>>,
    dir: &Path,
    load: &Load,
) -> Result<Outcome> {
    let map = map.clone();
    let mut log = LogFile::zero_filled(&dir.join(FILE), room_for(load.in_flight))?;
    let mut batch = Batch::new();
    let prepare = |number| {
        let encoded = Encoded::new(&session(number))?;
        let decoded: Session = postcard::from_bytes(encoded.payload())?;
        Ok((encoded, decoded))
    };
    let write = move |items: &mut Vec<(Encoded, Session)>| {
        for (encoded, _) in &*items {
            batch.push_encoded(encoded);
        }
        log.append(batch.seal()?)?;
        batch.clear();
        let mut decoded = items.drain(..).map(|(_, decoded)| decoded);
        while decoded.len() > 0 {
            map.write().extend(decoded.by_ref().take(TURN));
        }
        Ok(())
    };
    run(load, prepare, write)
}

/// Where the tasks leave what they have prepared.
struct Desk<T> {
    waiting: Mutex<Waiting<T>>,
    changed: Condvar,
}

struct Waiting<T> {
    items: Vec<T>,
    seats: Vec<Arc<Seat>>,
    life: Life,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Life {
    Running,
    /// No task comes any more, or the thread has failed.
    Over,
}

/// Where one commit is waited for.
struct Seat {
    state: Mutex<State>,
}

enum State {
    Waiting(Option<Waker>),
    Told,
}

impl Seat {
    fn tell(&self) {
        let before = std::mem::replace(&mut *self.state.lock(), State::Told);
        if let State::Waiting(Some(waker)) = before {
            waker.wake();
        }
    }

    async fn told(&self) {
        std::future::poll_fn(|context| match &mut *self.state.lock() {
            State::Told => Poll::Ready(()),
            State::Waiting(waker) => {
                *waker = Some(context.waker().clone());
                Poll::Pending
            }
        })
        .await;
    }
}

/// Each task prepares and waits; the thread writes what waits, and tells.
fn run<T: Send + 'static>(
    load: &Load,
    prepare: fn(u64) -> Result<T>,
    write: impl FnMut(&mut Vec<T>) -> Result<()> + Send + 'static,
) -> Result<Outcome> {
    let runtime = drive::runtime()?;
    let waiting = Waiting { items: Vec::new(), seats: Vec::new(), life: Life::Running };
    let desk = Arc::new(Desk { waiting: Mutex::new(waiting), changed: Condvar::new() });
    let thread = Builder::new().name("told-writer".into()).spawn({
        let desk = desk.clone();
        move || desk.serve(write)
    })?;
    let outcome = {
        let desk = desk.clone();
        drive::tasks(&runtime, load, move |number| {
            let commit = prepare(number).map(|item| desk.leave(item));
            async move {
                commit?.ok_or("the writer is gone")?.told().await;
                Ok(())
            }
        })
    };
    desk.end();
    thread.join().map_err(|_| "the writer panicked")??;
    outcome
}

impl<T> Desk<T> {
    /// `None` where nobody writes any more.
    fn leave(&self, item: T) -> Option<Arc<Seat>> {
        let seat = Arc::new(Seat { state: Mutex::new(State::Waiting(None)) });
        let mut waiting = self.waiting.lock();
        if waiting.life == Life::Over {
            return None;
        }
        waiting.items.push(item);
        waiting.seats.push(seat.clone());
        let is_first = waiting.seats.len() == 1;
        drop(waiting);
        if is_first {
            self.changed.notify_one();
        }
        Some(seat)
    }

    /// Gives those who are left.
    fn end(&self) -> Vec<Arc<Seat>> {
        let mut waiting = self.waiting.lock();
        waiting.life = Life::Over;
        self.changed.notify_one();
        std::mem::take(&mut waiting.seats)
    }

    fn serve(&self, mut write: impl FnMut(&mut Vec<T>) -> Result<()>) -> Result<()> {
        let (mut items, mut seats) = (Vec::new(), Vec::new());
        while self.take(&mut items, &mut seats) {
            let written = write(&mut items);
            if written.is_err() {
                // Nobody may wait for ever; what they are told doesn't count.
                seats.append(&mut self.end());
            }
            let told = seats.len();
            for seat in seats.drain(..) {
                seat.tell();
            }
            written?;
            items.clear();
            self.linger(told);
        }
        Ok(())
    }

    fn take(&self, items: &mut Vec<T>, seats: &mut Vec<Arc<Seat>>) -> bool {
        let mut waiting = self.waiting.lock();
        while waiting.seats.is_empty() {
            if waiting.life == Life::Over {
                return false;
            }
            self.changed.wait(&mut waiting);
        }
        std::mem::swap(items, &mut waiting.items);
        std::mem::swap(seats, &mut waiting.seats);
        true
    }

    fn linger(&self, told: usize) {
        let began = Instant::now();
        while told > 1 && self.waiting.lock().seats.len() < told && began.elapsed() < LINGER_MAX {
            yield_now();
        }
    }
}
