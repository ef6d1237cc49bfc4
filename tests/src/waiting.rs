//! Ways to wait that end: a hang becomes a failure. The limits are far above what a loaded machine takes.

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;
use std::time::{Duration, Instant};

/// Longer than anything here ever takes.
pub const LIMIT: Duration = Duration::from_mins(1);

/// Waits until `condition` holds.
///
/// # Panics
///
/// Where it doesn't for [`LIMIT`].
#[track_caller]
pub fn until(what: &str, mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + LIMIT;
    while !condition() {
        assert!(Instant::now() < deadline, "waited in vain until {what}");
        thread::sleep(Duration::from_millis(1));
    }
}

/// Runs `work` on a thread of its own.
///
/// # Panics
///
/// Where it hasn't ended after [`LIMIT`], or panics.
#[track_caller]
pub fn within_limit<R: Send + 'static>(work: impl FnOnce() -> R + Send + 'static) -> R {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || sender.send(work()));
    receiver.recv_timeout(LIMIT).expect("it hangs, or it panicked")
}

/// A waker that remembers that it was woken.
#[derive(Debug, Default)]
pub struct Flag(AtomicBool);

impl Flag {
    /// Whether it was woken.
    pub fn is_raised(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// A waker that runs a closure, once, on whichever thread wakes it.
pub struct OnWake(std::sync::Mutex<Option<Box<dyn FnOnce() + Send>>>);

impl OnWake {
    /// The waker that runs `action`.
    pub fn waker(action: impl FnOnce() + Send + 'static) -> Waker {
        Waker::from(Arc::new(OnWake(std::sync::Mutex::new(Some(Box::new(action))))))
    }
}

impl Wake for OnWake {
    fn wake(self: Arc<Self>) {
        let action = self.0.lock().ok().and_then(|mut action| action.take());
        if let Some(action) = action {
            action();
        }
    }
}

/// Polls a future once with this waker.
pub fn poll_with<F: Future + Unpin>(future: &mut F, waker: &Waker) -> Poll<F::Output> {
    Pin::new(future).poll(&mut Context::from_waker(waker))
}

/// Whether a future is still pending, when it is polled once.
pub fn is_pending<F: Future + Unpin>(future: &mut F) -> bool {
    poll_with(future, Waker::noop()).is_pending()
}

/// Blocks until a future is done.
///
/// # Panics
///
/// Where that takes longer than [`LIMIT`].
#[track_caller]
pub fn block_on<F: Future>(future: F) -> F::Output {
    struct Unpark(thread::Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let deadline = Instant::now() + LIMIT;
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return output;
        }
        assert!(Instant::now() < deadline, "a future is never ready");
        thread::park_timeout(Duration::from_millis(100));
    }
}
