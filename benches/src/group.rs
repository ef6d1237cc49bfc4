//! A plain group commit on tokio, by a thread of its own: takes all that waits, makes it durable, tells everybody.

use std::sync::Arc;
use std::thread::JoinHandle;

use tokio::sync::{mpsc, oneshot};

use crate::drive;
use crate::failure::Result;
use crate::frame::{Session, session};
use crate::load::{Load, Outcome};

/// Where sessions are queued for the writer thread.
#[derive(Clone)]
pub(crate) struct Group {
    queue: mpsc::UnboundedSender<Queued>,
}

type Reply = Result<(), Arc<str>>;
type Queued = (Session, oneshot::Sender<Reply>);

impl Group {
    /// Starts the thread. `write` is called with one batch after the other and makes it durable; the thread ends, and `write`
    /// is dropped, when the last clone of the group is.
    ///
    /// # Errors
    ///
    /// Where no thread can be started.
    fn start<W>(mut write: W) -> Result<(Self, JoinHandle<()>)>
    where
        W: FnMut(Vec<Session>) -> Result<()> + Send + 'static,
    {
        let (queue, mut queued) = mpsc::unbounded_channel::<Queued>();
        let thread = std::thread::Builder::new().name("group-writer".into()).spawn(move || {
            let mut taken = Vec::new();
            while queued.blocking_recv_many(&mut taken, usize::MAX) > 0 {
                let (sessions, replies): (Vec<_>, Vec<_>) = taken.drain(..).unzip();
                let result = write(sessions).map_err(|failure| failure.to_string().into());
                for reply in replies {
                    // Who doesn't wait any more needs no reply.
                    let _ = reply.send(result.clone());
                }
            }
        })?;
        Ok((Group { queue }, thread))
    }

    /// Brings a load upon a group of its own, by tasks.
    ///
    /// # Errors
    ///
    /// The first error of a commit.
    pub(crate) fn run<W>(load: &Load, write: W) -> Result<Outcome>
    where
        W: FnMut(Vec<Session>) -> Result<()> + Send + 'static,
    {
        let runtime = drive::runtime()?;
        let (group, thread) = Group::start(write)?;
        let outcome = drive::tasks(&runtime, load, move |number| {
            let group = group.clone();
            async move { group.commit(session(number)).await }
        });
        thread.join().map_err(|_| "the writer panicked")?;
        outcome
    }

    /// Durable when this returns.
    ///
    /// # Errors
    ///
    /// What `write` says.
    async fn commit(&self, session: Session) -> Result<()> {
        let (reply, replied) = oneshot::channel();
        self.queue.send((session, reply)).map_err(|_| "the writer is gone")?;
        Ok(replied.await?.map_err(|failure| failure.to_string())?)
    }
}
