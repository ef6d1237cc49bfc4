//! Polls commit handles, as an async runtime would.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

use shuttle::sync::{Condvar, Mutex};

type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Runs tasks on the thread that calls: each is polled once, and then whenever its waker says so.
#[derive(Default)]
pub struct Executor {
    tasks: BTreeMap<usize, Task>,
    woken: Arc<Woken>,
}

/// The tasks that are to be polled.
#[derive(Default)]
struct Woken {
    tasks: Mutex<Vec<usize>>,
    changed: Condvar,
}

/// Wakes one task.
struct TaskWaker {
    task: usize,
    woken: Arc<Woken>,
}

impl Executor {
    /// Adds a task.
    ///
    /// # Panics
    ///
    /// If a waker has, before.
    pub fn spawn(&mut self, task: impl Future<Output = ()> + Send + 'static) {
        let number = self.tasks.len();
        self.tasks.insert(number, Box::pin(task));
        self.woken.tasks.lock().unwrap().push(number);
    }

    /// Runs all of them to their ends.
    ///
    /// # Panics
    ///
    /// Where a task does.
    pub fn run(mut self) {
        while !self.tasks.is_empty() {
            let number = self.next();
            let waker =
                Waker::from(Arc::new(TaskWaker { task: number, woken: self.woken.clone() }));
            // Woken once more after its end is possible.
            let Some(task) = self.tasks.get_mut(&number) else { continue };
            if let Poll::Ready(()) = task.as_mut().poll(&mut Context::from_waker(&waker)) {
                self.tasks.remove(&number);
            }
        }
    }

    /// Waits for a task that is to be polled.
    fn next(&self) -> usize {
        let mut woken = self.woken.tasks.lock().unwrap();
        loop {
            if let Some(number) = woken.pop() {
                return number;
            }
            woken = self.woken.changed.wait(woken).unwrap();
        }
    }
}

impl Wake for TaskWaker {
    fn wake(self: Arc<Self>) {
        self.woken.tasks.lock().unwrap().push(self.task);
        self.woken.changed.notify_one();
    }
}
