//! What the current thread is doing with which store: so that a wait that could never end is a panic with a message, and a
//! transaction that touches its own store is noticed.

use std::cell::{Cell, RefCell};
use std::num::NonZeroU64;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::{Builder, Scope, ScopedJoinHandle};

use crate::sync::local;

/// Tells stores of this process apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct StoreKey(NonZeroU64);

impl StoreKey {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        StoreKey(NonZeroU64::MIN.saturating_add(NEXT.fetch_add(1, Ordering::Relaxed)))
    }
}

/// The stack of a thread that runs the user's code: what a new process' main thread has, too.
pub(crate) const STACK_BYTES: usize = 8 << 20;

local! {
    static READING: Cell<Option<StoreKey>> = Cell::new(None);
    /// The stores that were being read when the read of another one began: seldom any.
    static READING_OUTSIDE: RefCell<Vec<StoreKey>> = RefCell::new(Vec::new());
    static APPLYING: Cell<Option<StoreKey>> = Cell::new(None);
    static WORKING_FOR: Cell<Option<StoreKey>> = Cell::new(None);
}

/// While it lives, this thread reads the store's state.
#[derive(Debug)]
pub(crate) struct Reading {
    outer: Option<StoreKey>,
}

impl Reading {
    #[inline]
    pub(crate) fn begin(store: StoreKey) -> Self {
        let outer = READING.with(|reading| reading.replace(Some(store)));
        if let Some(outer) = outer {
            begin_inside(outer);
        }
        Reading { outer }
    }
}

impl Drop for Reading {
    #[inline]
    fn drop(&mut self) {
        READING.with(|reading| reading.set(self.outer));
        if self.outer.is_some() {
            end_inside();
        }
    }
}

// Apart from the reads that don't nest, which are nearly all: these stay small enough to be inlined.

#[cold]
fn begin_inside(outer: StoreKey) {
    READING_OUTSIDE.with(|stores| stores.borrow_mut().push(outer));
}

#[cold]
fn end_inside() {
    // Reads nest, so that the last one to begin is the first to end.
    READING_OUTSIDE.with(|stores| stores.borrow_mut().pop());
}

#[cold]
fn reads_inside(innermost: StoreKey, store: StoreKey) -> bool {
    innermost == store || READING_OUTSIDE.with(|stores| stores.borrow().contains(&store))
}

/// While it lives, this thread runs the user's code on the state that it alone has.
#[derive(Debug)]
pub(crate) struct Applying {
    outer: Option<StoreKey>,
}

impl Applying {
    pub(crate) fn begin(store: StoreKey) -> Self {
        Applying { outer: APPLYING.with(|applying| applying.replace(Some(store))) }
    }
}

impl Drop for Applying {
    fn drop(&mut self) {
        APPLYING.with(|applying| applying.set(self.outer));
    }
}

/// Runs a part of what this thread does on one beside it, on which the user's code may do no more than here. `None` where
/// there is no thread to be had.
pub(crate) fn beside<'scope, T: Send + 'scope>(
    scope: &'scope Scope<'scope, '_>,
    name: &str,
    work: impl FnOnce() -> T + Send + 'scope,
) -> Option<ScopedJoinHandle<'scope, T>> {
    let (applying, working_for) = (APPLYING.with(Cell::get), WORKING_FOR.with(Cell::get));
    let work = move || {
        APPLYING.with(|cell| cell.set(applying));
        WORKING_FOR.with(|cell| cell.set(working_for));
        work()
    };
    let builder = Builder::new().name(name.to_owned()).stack_size(STACK_BYTES);
    builder.spawn_scoped(scope, work).ok()
}

/// What came of a thread; its panic goes on here.
pub(crate) fn join<T>(thread: ScopedJoinHandle<'_, T>) -> T {
    thread.join().unwrap_or_else(|panic| resume_unwind(panic))
}

/// Makes this thread one of the store's own.
pub(crate) fn work_for(store: StoreKey) {
    WORKING_FOR.with(|working_for| working_for.set(Some(store)));
}

/// Whether this thread is one of the store's own.
pub(crate) fn works_for(store: StoreKey) -> bool {
    WORKING_FOR.with(Cell::get) == Some(store)
}

/// Whether this thread is inside a `read` of the store.
#[inline]
pub(crate) fn reads(store: StoreKey) -> bool {
    READING.with(Cell::get).is_some_and(|innermost| reads_inside(innermost, store))
}

/// A transaction may depend on nothing but the state, its arguments and its context.
///
/// # Panics
///
/// Inside a transaction of this store.
#[inline]
pub(crate) fn forbid_inside_transaction(store: StoreKey) {
    assert!(
        APPLYING.with(Cell::get) != Some(store),
        "a transaction may not use its own store: it may depend on nothing but the state, its arguments and its `TxContext`"
    );
}

/// Called before this thread begins to wait for the store.
///
/// # Panics
///
/// Where the wait could never end.
pub(crate) fn forbid_waiting(store: StoreKey) {
    forbid_inside_transaction(store);
    assert!(
        !reads(store),
        "waiting for a store inside its own `read` closure would never end: what is waited for needs the state that the closure holds; return from the closure first"
    );
}

/// Called before this thread blocks until the store has done something. (A poll that is not ready blocks nobody: an executor
/// may poll inside a waker, and so on the store's own thread.)
///
/// # Panics
///
/// Where the wait could never end.
pub(crate) fn forbid_blocking(store: StoreKey) {
    forbid_waiting(store);
    assert!(
        !works_for(store),
        "waiting for a store on its own thread (inside a waker, or the drop of a reply) would never end"
    );
}
