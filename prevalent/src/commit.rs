//! Handles on what the engine is doing: [`Commit`] and [`Operation`].

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

use crate::engine::thread::{StoreKey, forbid_blocking, forbid_waiting};
use crate::sync::Mutex;
use crate::sync::atomic::{AtomicBool, Ordering};
use crate::sync::thread::{self, Thread};
use crate::{Error, Seq};

/// A transaction that was submitted: the typed handle on its commit.
///
/// The transaction was ordered when this was made. As a future it resolves to what the method returned, when the
/// transaction is committed and applied ([`Durability`](crate::Durability) says what that means). It needs no particular
/// executor; [`wait`](Commit::wait) needs none at all.
///
/// ```
/// # use prevalent::prevalent;
/// # #[prevalent] #[derive(Default)] struct Counter { count: u64 }
/// # #[prevalent] impl Counter { #[tx] fn add(&mut self, n: u64) { self.count += n; } }
/// # async fn doc(store: CounterStore) -> Result<(), prevalent::Error> {
/// let one = store.add(1); // ordered before the next one
/// let two = store.add(2);
/// assert!(one.seq() < two.seq());
/// two.await?; // or `.wait()?`, without a runtime
/// one.await?;
/// store.add(3).detach(); // nobody waits
/// # Ok(()) }
/// ```
///
/// # Cancel safety
///
/// Dropping it, or a future that awaits it, doesn't cancel the transaction: it was submitted when this was made, and takes
/// place.
///
/// # Panics
///
/// Polling it, or waiting for it, inside a `read` closure of the same store panics, unless it is resolved already: it
/// could never be.
#[must_use = "a commit may fail: await it, `wait()` for it, or `detach()` it"]
pub struct Commit<R> {
    seq: Option<Seq>,
    outcome: Outcome<R>,
}

/// A result that takes little room as long as all is well: there are many of them.
type Boxed<R> = Result<R, Box<Error>>;

enum Outcome<R> {
    Now(Option<Boxed<R>>),
    Later(Arc<dyn Await<R>>),
}

impl<R> Commit<R> {
    pub(crate) fn refused(error: Error) -> Self {
        Commit { seq: None, outcome: Outcome::Now(Some(Err(Box::new(error)))) }
    }

    /// It was executed before, and this is what it came to.
    pub(crate) fn executed(seq: Seq, result: Result<R, Error>) -> Self {
        Commit { seq: Some(seq), outcome: Outcome::Now(Some(result.map_err(Box::new))) }
    }

    pub(crate) fn ordered(seq: Seq, slot: Arc<dyn Await<R>>) -> Self {
        Commit { seq: Some(seq), outcome: Outcome::Later(slot) }
    }

    /// The transaction's place in the order; `None` where it was refused before it got one. Of one that was executed before
    /// with the same [`Key`](crate::Key), it is the place that it got then.
    #[must_use]
    pub fn seq(&self) -> Option<Seq> {
        self.seq
    }

    /// Blocks the thread until it is resolved. Needs no runtime, and harms none: the engine has its own threads.
    ///
    /// # Errors
    ///
    /// See [`Error`].
    ///
    /// # Panics
    ///
    /// Inside a `read` closure of the same store.
    pub fn wait(self) -> Result<R, Error> {
        let store = match &self.outcome {
            Outcome::Later(slot) => Some(slot.store()),
            Outcome::Now(_) => None,
        };
        block_on(store, self)
    }

    /// Says that nobody waits. A failure becomes a `tracing` event.
    pub fn detach(self) {
        match self.outcome {
            Outcome::Now(Some(Err(error))) => report_detached(&error),
            Outcome::Now(_) => {}
            Outcome::Later(slot) => slot.detach(),
        }
    }
}

impl<R> Future for Commit<R> {
    type Output = Result<R, Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut self.outcome {
            Outcome::Now(result) => match result.take() {
                Some(result) => Poll::Ready(result.map_err(|error| *error)),
                None => panic!("polled again after it was resolved"),
            },
            Outcome::Later(slot) => slot.poll(cx.waker()),
        }
    }
}

// Nothing in it is ever pinned.
impl<R> Unpin for Commit<R> {}

impl<R> fmt::Debug for Commit<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Commit").field("seq", &self.seq).finish_non_exhaustive()
    }
}

/// Something that the engine was told to do: an open, a flush, a snapshot, a close.
///
/// It was begun when this was made. As a future it resolves when it is done; [`wait`](Operation::wait) blocks instead. (If a
/// method of a store seems to be missing, it may be an `Operation` that was neither awaited nor waited for.)
///
/// # Cancel safety
///
/// Dropping it stops nothing. A store whose open nobody waits for is closed again.
///
/// # Panics
///
/// Like [`Commit`], inside a `read` closure of the same store.
#[must_use = "it may fail: await it, `wait()` for it, or `detach()` it"]
pub struct Operation<T> {
    slot: Arc<Slot<T>>,
}

impl<T> Operation<T> {
    /// One that is done when the completer says so.
    pub(crate) fn new(store: StoreKey) -> (Self, Completer<T>) {
        let slot = Arc::new(Slot::new(store));
        (Operation { slot: slot.clone() }, Completer { slot: Some(slot) })
    }

    pub(crate) fn done(store: StoreKey, result: Result<T, Error>) -> Self {
        let (operation, completer) = Operation::new(store);
        completer.complete(result);
        operation
    }

    /// Blocks the thread until it is done.
    ///
    /// # Errors
    ///
    /// See [`Error`].
    ///
    /// # Panics
    ///
    /// Inside a `read` closure of the same store.
    pub fn wait(self) -> Result<T, Error> {
        block_on(Some(self.slot.store), self)
    }

    /// Says that nobody waits. A failure becomes a `tracing` event.
    pub fn detach(self) {
        self.slot.detach();
    }
}

impl<T> Future for Operation<T> {
    type Output = Result<T, Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.slot.poll(cx.waker())
    }
}

impl<T> fmt::Debug for Operation<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Operation").finish_non_exhaustive()
    }
}

/// The engine's side of an [`Operation`]. Dropped without a result, it says that the store is closed.
pub(crate) struct Completer<T> {
    slot: Option<Arc<Slot<T>>>,
}

impl<T> Completer<T> {
    /// Whether nobody waits for it any more.
    fn is_abandoned(&self) -> bool {
        self.slot.as_ref().is_none_or(|slot| Arc::strong_count(slot) == 1)
    }

    pub(crate) fn complete(mut self, result: Result<T, Error>) {
        if let Some(slot) = self.slot.take() {
            slot.fill(result);
        }
    }
}

/// Adds one who waits. Those who have given up are forgotten now and then, so that they don't pile up.
pub(crate) fn enlist<T, W>(waiting: &mut Vec<W>, new: W, completer: impl Fn(&W) -> &Completer<T>) {
    if waiting.len() == waiting.capacity() {
        waiting.retain(|waiter| !completer(waiter).is_abandoned());
    }
    waiting.push(new);
}

impl<T> Drop for Completer<T> {
    fn drop(&mut self) {
        if let Some(slot) = self.slot.take() {
            slot.fill(Err(Error::Closed));
        }
    }
}

/// Where a result is waited for.
pub(crate) trait Await<R>: Send + Sync {
    fn poll(&self, waker: &Waker) -> Poll<Result<R, Error>>;
    fn detach(&self);
    fn store(&self) -> StoreKey;
}

/// Where the engine puts a transaction's reply.
pub(crate) trait Resolve<Reply>: Send + Sync {
    /// Runs the user's code: wakers, and the drop of a reply that nobody waits for.
    fn resolve(&self, result: Result<Reply, Error>);
}

/// Both sides of a commit: the engine's knows the model, the handle's knows only what the method returns.
pub(crate) struct CommitSlot<Reply, R> {
    slot: Slot<R>,
    extract: fn(Reply) -> R,
}

impl<Reply, R> CommitSlot<Reply, R> {
    pub(crate) fn new(store: StoreKey, extract: fn(Reply) -> R) -> Self {
        CommitSlot { slot: Slot::new(store), extract }
    }
}

impl<Reply, R: Send> Await<R> for CommitSlot<Reply, R> {
    fn poll(&self, waker: &Waker) -> Poll<Result<R, Error>> {
        self.slot.poll(waker)
    }

    fn detach(&self) {
        self.slot.detach();
    }

    fn store(&self) -> StoreKey {
        self.slot.store
    }
}

impl<Reply, R: Send> Resolve<Reply> for CommitSlot<Reply, R> {
    fn resolve(&self, result: Result<Reply, Error>) {
        self.slot.fill(result.map(self.extract));
    }
}

struct Slot<T> {
    store: StoreKey,
    /// Set when there is a result: who finds it unset has its waker ready when it takes the lock.
    is_filled: AtomicBool,
    state: Mutex<SlotState<T>>,
}

enum SlotState<T> {
    Waiting(Option<Waker>),
    Detached,
    Filled(Boxed<T>),
    Taken,
}

impl<T> Slot<T> {
    fn new(store: StoreKey) -> Self {
        let state = Mutex::new(SlotState::Waiting(None));
        Slot { store, is_filled: AtomicBool::new(false), state }
    }

    fn poll(&self, waker: &Waker) -> Poll<Result<T, Error>> {
        if !self.is_filled.load(Ordering::Acquire) {
            forbid_waiting(self.store);
            // A waker is the user's code: it is cloned, and the old one dropped, while the lock is free.
            let mut waker = Some(waker.clone());
            let mut state = self.state.lock();
            if let SlotState::Waiting(waiting) = &mut *state {
                std::mem::swap(waiting, &mut waker);
                drop(state);
                return Poll::Pending;
            }
        }
        let mut state = self.state.lock();
        match std::mem::replace(&mut *state, SlotState::Taken) {
            SlotState::Filled(result) => Poll::Ready(result.map_err(|error| *error)),
            waiting @ SlotState::Waiting(_) => {
                *state = waiting;
                Poll::Pending
            }
            SlotState::Taken | SlotState::Detached => panic!("polled again after it was resolved"),
        }
    }

    fn detach(&self) {
        let mut state = self.state.lock();
        match std::mem::replace(&mut *state, SlotState::Detached) {
            SlotState::Filled(result) => {
                drop(state);
                if let Err(error) = result {
                    report_detached(&error);
                }
            }
            waiting => {
                drop(state);
                drop(waiting);
            }
        }
    }

    fn fill(&self, result: Result<T, Error>) {
        let mut state = self.state.lock();
        match std::mem::replace(&mut *state, SlotState::Taken) {
            SlotState::Waiting(waker) => {
                *state = SlotState::Filled(result.map_err(Box::new));
                self.is_filled.store(true, Ordering::Release);
                drop(state);
                if let Some(waker) = waker {
                    waker.wake();
                }
            }
            SlotState::Detached => {
                drop(state);
                if let Err(error) = &result {
                    report_detached(error);
                }
            }
            // The first result counts; a second one is that of a handle that was lost after it had told.
            filled => *state = filled,
        }
    }
}

fn report_detached(error: &Error) {
    tracing::error!(%error, "what nobody waited for failed");
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

pub(crate) fn block_on<F: Future + Unpin>(store: Option<StoreKey>, mut future: F) -> F::Output {
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut cx = Context::from_waker(&waker);
    loop {
        match Pin::new(&mut future).poll(&mut cx) {
            Poll::Ready(output) => return output,
            Poll::Pending => {
                if let Some(store) = store {
                    forbid_blocking(store);
                }
                thread::park();
            }
        }
    }
}
