//! How a child tells its parent what was acknowledged: eight bytes a message, many messages a write.

use std::io::{self, Write};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use tokio::io::AsyncReadExt;
use tokio::process::ChildStdout;

/// A step of a task was acknowledged.
#[derive(Clone, Copy, Debug)]
pub struct Acknowledged {
    /// Which task of this child.
    pub task: u16,
    /// Which step.
    pub step: u32,
}

/// A message.
type Bytes = [u8; 8];

impl Acknowledged {
    fn to_bytes(self) -> Bytes {
        (u64::from(self.task) << 32 | u64::from(self.step)).to_le_bytes()
    }

    fn from_bytes([s0, s1, s2, s3, t0, t1, _, _]: Bytes) -> Self {
        Acknowledged {
            task: u16::from_le_bytes([t0, t1]),
            step: u32::from_le_bytes([s0, s1, s2, s3]),
        }
    }
}

/// The child's end.
#[derive(Clone)]
pub struct Sender {
    messages: mpsc::Sender<Acknowledged>,
}

impl Sender {
    /// Begins to write to stdout, on a thread of its own. The first message says how long it took to open the store.
    pub fn start(opened_in: Duration) -> Self {
        let (sender, receiver) = mpsc::channel();
        thread::spawn(move || write_all(opened_in, &receiver));
        Sender { messages: sender }
    }

    /// Passes a message on. Fails when the parent is gone.
    pub fn send(&self, acknowledged: Acknowledged) -> io::Result<()> {
        self.messages.send(acknowledged).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
}

/// Writes what there is, and when it is written, what there is by then: so it is never far behind.
fn write_all(opened_in: Duration, messages: &mpsc::Receiver<Acknowledged>) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    let micros = u64::try_from(opened_in.as_micros()).unwrap_or(u64::MAX);
    stdout.write_all(&micros.to_le_bytes())?;
    stdout.flush()?;
    while let Ok(first) = messages.recv() {
        let all = [first].into_iter().chain(messages.try_iter());
        let batch: Vec<u8> = all.flat_map(Acknowledged::to_bytes).collect();
        stdout.write_all(&batch)?;
        stdout.flush()?;
    }
    Ok(())
}

/// The parent's end.
pub struct Receiver {
    stdout: ChildStdout,
    buffer: Vec<u8>,
}

impl Receiver {
    /// On the stdout of a child.
    pub fn new(stdout: ChildStdout) -> Self {
        Receiver { stdout, buffer: Vec::with_capacity(64 << 10) }
    }

    /// The first message; `None` if the child ended before it.
    pub async fn opened_in(&mut self) -> io::Result<Option<Duration>> {
        match self.stdout.read_u64_le().await {
            Ok(micros) => Ok(Some(Duration::from_micros(micros))),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The next messages, all that have come; `None` when the child has ended. Half a message, which a kill may leave
    /// behind, is none.
    pub async fn next(&mut self) -> io::Result<Option<Vec<Acknowledged>>> {
        if self.stdout.read_buf(&mut self.buffer).await? == 0 {
            return Ok(None);
        }
        let (messages, rest) = self.buffer.as_chunks();
        let acknowledged = messages.iter().copied().map(Acknowledged::from_bytes).collect();
        self.buffer.drain(..self.buffer.len() - rest.len());
        Ok(Some(acknowledged))
    }
}
