//! The feed thread: reads the journal for subscriptions.
//!
//! There is no second way for live events: they are read from the journal like old ones, as far as it is durable and applied.
//! So there can be no gap between the two, a slow subscriber holds nobody up, and what is kept in memory for one is
//! bounded.

mod cursor;

use std::collections::VecDeque;
use std::ops::{Bound, RangeBounds, RangeInclusive};
use std::sync::{Arc, Weak};
use std::task::{Poll, Waker};

use self::cursor::{Cursor, Step};
use super::Shared;
use super::apply::resolve;
use super::launch::spawn;
use super::thread;
use crate::Seq;
use crate::error::Error;
use crate::model::Model;
use crate::panic::catch;
use crate::subscription::Event;
use crate::sync::atomic::{AtomicBool, Ordering};
use crate::sync::{Condvar, Mutex};

/// A subscription that has so many events ready, or events of so many bytes, gets no more; one batch may go beyond it.
const READY_EVENTS_MAX: usize = 256;
const READY_BYTES_MAX: usize = 1 << 20;

/// The feed thread's desk.
pub(crate) struct Feed<M: Model> {
    desk: Mutex<Desk<M>>,
    changed: Condvar,
    /// Whether there is anybody to be told of news. Checked by the journal thread for each batch.
    is_watched: AtomicBool,
}

struct Desk<M: Model> {
    newcomers: Vec<(RangeInclusive<u64>, Weak<Mailbox<M>>)>,
    thread_runs: bool,
    /// Something may have changed since the thread looked.
    news: bool,
    closed: bool,
}

/// Where a subscription finds its events.
pub(crate) struct Mailbox<M: Model> {
    state: Mutex<MailboxState<M>>,
    /// To ask for more.
    shared: Weak<Shared<M>>,
}

struct MailboxState<M: Model> {
    events: VecDeque<Result<Event<M>, Error>>,
    /// What the events take in the journal.
    bytes: usize,
    /// Nothing will come after what is there.
    ended: bool,
    waker: Option<Waker>,
}

impl<M: Model> Feed<M> {
    pub(super) fn new() -> Self {
        let desk = Desk { newcomers: Vec::new(), thread_runs: false, news: false, closed: false };
        Feed { desk: Mutex::new(desk), changed: Condvar::new(), is_watched: AtomicBool::new(false) }
    }

    /// There may be something new to deliver, or room for it.
    pub(super) fn notify(&self) {
        if self.is_watched.load(Ordering::Acquire) {
            self.desk.lock().news = true;
            self.changed.notify_one();
        }
    }

    /// The store is closed: what is there by now is all that will ever be.
    pub(super) fn close(&self) {
        let mut desk = self.desk.lock();
        desk.closed = true;
        desk.news = true;
        self.changed.notify_one();
    }
}

impl<M: Model> Shared<M> {
    /// A mailbox that is filled with what comes from `from` on.
    pub(crate) fn subscribe(self: &Arc<Self>, from: u64) -> Arc<Mailbox<M>> {
        thread::forbid_inside_transaction(self.key);
        // The first state is no transaction.
        self.deliver(from.max(1)..=u64::MAX)
    }

    /// A mailbox that is filled with what there is by now, of `range`.
    pub(crate) fn history(self: &Arc<Self>, range: impl RangeBounds<Seq>) -> Arc<Mailbox<M>> {
        thread::forbid_inside_transaction(self.key);
        let first = match range.start_bound() {
            Bound::Included(seq) => seq.get().max(1),
            Bound::Excluded(seq) => seq.get().saturating_add(1),
            Bound::Unbounded => self.catalog.lock().oldest_seq().unwrap_or(1),
        };
        let last = match range.end_bound() {
            Bound::Included(seq) => seq.get(),
            Bound::Excluded(seq) => seq.get().saturating_sub(1),
            Bound::Unbounded => u64::MAX,
        };
        let newest = self.milestones.lock().visible_seq();
        self.deliver(first..=last.min(newest))
    }

    /// A mailbox that is filled with these transactions, as they come.
    fn deliver(self: &Arc<Self>, range: RangeInclusive<u64>) -> Arc<Mailbox<M>> {
        let state = MailboxState { events: VecDeque::new(), bytes: 0, ended: false, waker: None };
        let mailbox = Arc::new(Mailbox { state: Mutex::new(state), shared: Arc::downgrade(self) });
        let mut desk = self.feed.desk.lock();
        if desk.closed {
            drop(desk);
            mailbox.end(Some(Error::Closed));
            return mailbox;
        }
        desk.newcomers.push((range, Arc::downgrade(&mailbox)));
        desk.news = true;
        if !desk.thread_runs {
            let shared = self.clone();
            // It decodes the users' transactions, and needs the stack for it.
            let spawned = spawn("prevalent-feed", move || run(&shared));
            if let Err(error) = spawned {
                desk.newcomers.pop();
                drop(desk);
                mailbox.end(Some(Error::io(self.disk.path(), "start a thread for", error)));
                return mailbox;
            }
            desk.thread_runs = true;
            self.feed.is_watched.store(true, Ordering::Release);
        }
        drop(desk);
        self.feed.changed.notify_one();
        mailbox
    }
}

impl<M: Model> MailboxState<M> {
    fn has_room(&self) -> bool {
        self.events.len() < READY_EVENTS_MAX && self.bytes < READY_BYTES_MAX
    }

    /// It is filled up from here, and not after each event that is taken.
    fn is_half_empty(&self) -> bool {
        self.events.len() <= READY_EVENTS_MAX / 2 && self.bytes <= READY_BYTES_MAX / 2
    }
}

impl<M: Model> Mailbox<M> {
    /// The store, as long as there is one.
    pub(crate) fn store(&self) -> Option<thread::StoreKey> {
        self.shared.upgrade().map(|shared| shared.key)
    }

    pub(crate) fn poll_next(&self, waker: &Waker) -> Poll<Option<Result<Event<M>, Error>>> {
        let mut state = self.state.lock();
        let had_enough = !state.is_half_empty();
        if let Some(event) = state.events.pop_front() {
            state.bytes -= event.as_ref().map_or(0, Event::bytes);
            let wants_more = had_enough && state.is_half_empty();
            drop(state);
            if wants_more && let Some(shared) = self.shared.upgrade() {
                shared.feed.notify();
            }
            return Poll::Ready(Some(event));
        }
        if state.ended {
            return Poll::Ready(None);
        }
        if let Some(shared) = self.shared.upgrade() {
            thread::forbid_waiting(shared.key);
        }
        if state.waker.as_ref().is_some_and(|known| known.will_wake(waker)) {
            return Poll::Pending;
        }
        // A waker is the user's code: it is cloned, and the old one dropped, while the lock is free.
        drop(state);
        let mut waker = Some(waker.clone());
        let mut state = self.state.lock();
        if state.events.is_empty() && !state.ended {
            std::mem::swap(&mut state.waker, &mut waker);
            return Poll::Pending;
        }
        drop(state);
        self.poll_next(&waker.unwrap_or_else(|| Waker::noop().clone()))
    }

    fn has_room(&self) -> bool {
        self.state.lock().has_room()
    }

    fn deliver(&self, events: Vec<Event<M>>) {
        if events.is_empty() {
            return;
        }
        let mut state = self.state.lock();
        state.bytes += events.iter().map(Event::bytes).sum::<usize>();
        state.events.extend(events.into_iter().map(Ok));
        let waker = state.waker.take();
        drop(state);
        if let Some(waker) = waker {
            resolve(|| waker.wake());
        }
    }

    /// Ends the subscription, with an error or without.
    fn end(&self, error: Option<Error>) {
        let mut state = self.state.lock();
        state.events.extend(error.map(Err));
        state.ended = true;
        let waker = state.waker.take();
        drop(state);
        if let Some(waker) = waker {
            resolve(|| waker.wake());
        }
    }
}

impl<M: Model> Drop for Mailbox<M> {
    fn drop(&mut self) {
        // The thread forgets it then.
        if let Some(shared) = self.shared.upgrade() {
            shared.feed.notify();
        }
    }
}

/// What the feed thread does: until the store is closed, and every subscription has got what there is.
fn run<M: Model>(shared: &Arc<Shared<M>>) {
    thread::work_for(shared.key);
    let mut cursors: Vec<(Cursor, Weak<Mailbox<M>>)> = Vec::new();
    loop {
        let closed = {
            let mut desk = shared.feed.desk.lock();
            while !desk.news {
                if desk.closed && cursors.is_empty() && desk.newcomers.is_empty() {
                    desk.thread_runs = false;
                    return;
                }
                shared.feed.changed.wait(&mut desk);
            }
            desk.news = false;
            cursors.extend(
                desk.newcomers.drain(..).map(|(range, mailbox)| (Cursor::new(range), mailbox)),
            );
            desk.closed
        };
        let mut unfinished = false;
        cursors.retain_mut(|(cursor, mailbox)| {
            let Some(mailbox) = mailbox.upgrade() else { return false };
            let served = serve(shared, cursor, &mailbox, closed);
            // If the subscription was dropped meanwhile, its events are dropped here.
            resolve(move || drop(mailbox));
            unfinished |= served == Served::InPart;
            served != Served::ToTheEnd
        });
        if unfinished {
            shared.feed.desk.lock().news = true;
        }
    }
}

/// How far a subscription was served.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Served {
    /// It has all that there is, or as much as it can take.
    Fully,
    /// There is more, but others have their turn.
    InPart,
    /// It has ended.
    ToTheEnd,
}

/// So many batches are read for one subscription before another has its turn.
const BATCHES_A_TURN: usize = 32;

/// Gives a subscription what there is room for.
fn serve<M: Model>(
    shared: &Shared<M>,
    cursor: &mut Cursor,
    mailbox: &Mailbox<M>,
    closed: bool,
) -> Served {
    for _ in 0..BATCHES_A_TURN {
        if !mailbox.has_room() {
            return Served::Fully;
        }
        let failure = shared.failure();
        // A panic of the user's `Deserialize` is an error of that transaction already; this is for our own.
        let step =
            catch(|| cursor.advance(shared)).unwrap_or_else(|reason| Err(Error::Failed { reason }));
        match step {
            Ok(Step { events, at_end }) => {
                let none = events.is_empty();
                mailbox.deliver(events);
                if cursor.is_done() {
                    mailbox.end(None);
                    return Served::ToTheEnd;
                }
                if at_end && none {
                    // What was failed or closed before the last look has nothing more to come.
                    if failure.is_some() || closed {
                        mailbox.end(failure);
                        return Served::ToTheEnd;
                    }
                    return Served::Fully;
                }
            }
            Err(error) => {
                mailbox.end(Some(error));
                return Served::ToTheEnd;
            }
        }
    }
    Served::InPart
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::sample::Nothing;

    fn holding(events: usize, bytes: usize) -> MailboxState<Nothing> {
        let events = (0..events).map(|_| Err(Error::Closed)).collect();
        MailboxState { events, bytes, ended: false, waker: None }
    }

    #[test]
    fn a_subscription_that_is_not_read_has_room_for_so_many_events_and_so_many_bytes() {
        for (events, bytes) in [(READY_EVENTS_MAX, 0), (0, READY_BYTES_MAX)] {
            assert!(!holding(events, bytes).has_room());
        }
        assert!(holding(READY_EVENTS_MAX - 1, READY_BYTES_MAX - 1).has_room());
    }

    #[test]
    fn it_is_filled_up_when_half_of_both_is_gone() {
        for (events, bytes) in [(READY_EVENTS_MAX / 2 + 1, 0), (0, READY_BYTES_MAX / 2 + 1)] {
            assert!(!holding(events, bytes).is_half_empty());
        }
        assert!(holding(READY_EVENTS_MAX / 2, READY_BYTES_MAX / 2).is_half_empty());
    }
}
