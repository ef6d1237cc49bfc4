//! How a child tells its parent what was acknowledged: eight bytes a message, many messages a write.

use std::io::{self, Write};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use tokio::io::{AsyncReadExt, BufReader};
use tokio::process::ChildStdout;

/// A step of a task was acknowledged.
#[derive(Clone, Copy, Debug)]
pub struct Acknowledged {
    /// Which task of this child.
    pub task: u16,
    /// Which step.
    pub step: u32,
}

/// The child's end.
#[derive(Clone)]
pub struct Sender {
    messages: mpsc::Sender<[u8; 8]>,
}

impl Sender {
    /// Begins to write to stdout, on a thread of its own. The first message says how long it took to open the store.
    pub fn start(opened_in: Duration) -> Self {
        let (sender, receiver) = mpsc::channel();
        thread::spawn(move || write_all(opened_in, &receiver));
        Sender { messages: sender }
    }

    /// Passes a message on. Fails when the parent is gone.
    pub fn send(&self, Acknowledged { task, step }: Acknowledged) -> io::Result<()> {
        let message = (u64::from(task) << 32 | u64::from(step)).to_le_bytes();
        self.messages.send(message).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
}

/// Writes what there is, and when it is written, what there is by then: so it is never far behind.
fn write_all(opened_in: Duration, messages: &mpsc::Receiver<[u8; 8]>) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    let micros = u64::try_from(opened_in.as_micros()).unwrap_or(u64::MAX);
    stdout.write_all(&micros.to_le_bytes())?;
    stdout.flush()?;
    while let Ok(first) = messages.recv() {
        let batch: Vec<_> = [first].into_iter().chain(messages.try_iter()).flatten().collect();
        stdout.write_all(&batch)?;
        stdout.flush()?;
    }
    Ok(())
}

/// The parent's end.
pub struct Receiver {
    messages: BufReader<ChildStdout>,
}

impl Receiver {
    /// On the stdout of a child.
    pub fn new(stdout: ChildStdout) -> Self {
        Receiver { messages: BufReader::with_capacity(64 << 10, stdout) }
    }

    /// The first message; `None` if the child ended before it.
    pub async fn opened_in(&mut self) -> io::Result<Option<Duration>> {
        Ok(self.message().await?.map(Duration::from_micros))
    }

    /// The next message; `None` when the child has ended. Half a message, which a kill may leave behind, is none.
    pub async fn next(&mut self) -> io::Result<Option<Acknowledged>> {
        let message = self.message().await?.map(u64::to_le_bytes);
        Ok(message.map(|[s0, s1, s2, s3, t0, t1, _, _]| Acknowledged {
            task: u16::from_le_bytes([t0, t1]),
            step: u32::from_le_bytes([s0, s1, s2, s3]),
        }))
    }

    async fn message(&mut self) -> io::Result<Option<u64>> {
        match self.messages.read_u64_le().await {
            Ok(message) => Ok(Some(message)),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
            Err(error) => Err(error),
        }
    }
}
