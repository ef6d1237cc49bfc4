//! Failures on order: which operation fails, and what a failure does.

use std::collections::BTreeMap;
use std::io;

use super::state::SyncOutcome;

/// What goes wrong with a mutating operation.
///
/// A fault that makes no sense for an operation, such as a short write for a rename, leaves the operation alone. A sync that
/// fails, with whichever of these, leaves it open what is durable: see [`SimDisk`](super::SimDisk).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// It fails with `EIO`, and nothing is done.
    Eio,
    /// It fails with `ENOSPC`, and nothing is done.
    Enospc,
    /// It fails with `EINTR`, and nothing is done. With [`fail_from`](super::SimDisk::fail_from) every other operation
    /// is interrupted, so that a caller who tries again gets on.
    Interrupted,
    /// It fails with `EIO` although it was done; of a write, half was done.
    EioAfterEffect,
    /// A write that writes half of what it was given (at least a byte), and says so.
    ShortWrite,
    /// A write that writes nothing, and says so.
    ZeroWrite,
    /// A sync of a file that fails with `EIO` and throws the unsynced data away: reads see the last synced content
    /// again, at the new length.
    SyncLosesData,
}

#[cfg(feature = "testing")]
impl Fault {
    /// Each of them.
    pub(crate) const ALL: [Fault; 7] = [
        Fault::Eio,
        Fault::Enospc,
        Fault::Interrupted,
        Fault::EioAfterEffect,
        Fault::ShortWrite,
        Fault::ZeroWrite,
        Fault::SyncLosesData,
    ];
}

/// What goes wrong with reading a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReadFault {
    /// Opening and reading fail with `EIO`.
    Eio,
    /// Every other read is interrupted, the first one included.
    Interrupted,
    /// A read gives half of what it could (at least a byte).
    Short,
    /// The medium is bad from this offset on: a read that begins there or behind it fails with `EIO`; one that begins before
    /// gives what lies before.
    EioFrom(u64),
}

/// The failures that were ordered.
#[derive(Debug, Default)]
pub(super) struct FaultPlan {
    single: BTreeMap<usize, Fault>,
    from: Option<(usize, Fault)>,
    reads: BTreeMap<String, ReadFault>,
    /// Reads of files with a [`ReadFault::Interrupted`], to interrupt every other one.
    interruptible_reads: usize,
}

impl FaultPlan {
    pub(super) fn fail_operation(&mut self, operation: usize, fault: Fault) {
        self.single.insert(operation, fault);
    }

    pub(super) fn fail_from(&mut self, operation: usize, fault: Fault) {
        self.from = Some((operation, fault));
    }

    pub(super) fn fail_reads(&mut self, file: &str, fault: ReadFault) {
        self.reads.insert(file.to_owned(), fault);
    }

    /// What is to happen to the operation with this number.
    pub(super) fn of_operation(&self, operation: usize) -> Option<Fault> {
        if let Some(&fault) = self.single.get(&operation) {
            return Some(fault);
        }
        let (first, fault) = self.from?;
        let since = operation.checked_sub(first)?;
        (fault != Fault::Interrupted || since.is_multiple_of(2)).then_some(fault)
    }

    /// Whether a file can be opened.
    pub(super) fn on_open(&self, file: &str) -> io::Result<()> {
        if self.reads.get(file) == Some(&ReadFault::Eio) { Err(eio()) } else { Ok(()) }
    }

    /// How many bytes a read at `offset` that could give `len` gives.
    pub(super) fn on_read(&mut self, file: &str, offset: u64, len: usize) -> io::Result<usize> {
        match self.reads.get(file) {
            None => Ok(len),
            Some(ReadFault::Eio) => Err(eio()),
            Some(&ReadFault::EioFrom(bad)) => {
                let good = usize::try_from(bad.saturating_sub(offset)).unwrap_or(usize::MAX);
                if good > 0 { Ok(len.min(good)) } else { Err(eio()) }
            }
            Some(ReadFault::Short) => Ok(half(len)),
            Some(ReadFault::Interrupted) => {
                self.interruptible_reads += 1;
                if self.interruptible_reads.is_multiple_of(2) { Ok(len) } else { Err(eintr()) }
            }
        }
    }
}

/// A create, rename, remove or sync of the directory: is it done, and what does the caller hear?
pub(super) fn on_entry(fault: Option<Fault>) -> (bool, io::Result<()>) {
    match fault {
        None | Some(Fault::ShortWrite | Fault::ZeroWrite | Fault::SyncLosesData) => (true, Ok(())),
        Some(Fault::Eio) => (false, Err(eio())),
        Some(Fault::Enospc) => (false, Err(enospc())),
        Some(Fault::Interrupted) => (false, Err(eintr())),
        Some(Fault::EioAfterEffect) => (true, Err(eio())),
    }
}

/// A write of `len` bytes: how many are written, and what does the caller hear?
pub(super) fn on_write(fault: Option<Fault>, len: usize) -> (usize, io::Result<()>) {
    match fault {
        Some(Fault::ShortWrite) => (half(len), Ok(())),
        Some(Fault::ZeroWrite) => (0, Ok(())),
        Some(Fault::EioAfterEffect) => (half(len), Err(eio())),
        _ => match on_entry(fault) {
            (true, heard) => (len, heard),
            (false, heard) => (0, heard),
        },
    }
}

/// A sync of a file: what becomes of the data, and what does the caller hear?
pub(super) fn on_sync(fault: Option<Fault>) -> (SyncOutcome, io::Result<()>) {
    match fault {
        Some(Fault::SyncLosesData) => (SyncOutcome::Lost, Err(eio())),
        _ => match on_entry(fault).1 {
            Ok(()) => (SyncOutcome::Durable, Ok(())),
            failed => (SyncOutcome::Unknown, failed),
        },
    }
}

fn half(len: usize) -> usize {
    if len == 0 { 0 } else { (len / 2).max(1) }
}

pub(super) fn eio() -> io::Error {
    error(5, io::ErrorKind::Other)
}

fn enospc() -> io::Error {
    error(28, io::ErrorKind::StorageFull)
}

fn eintr() -> io::Error {
    error(4, io::ErrorKind::Interrupted)
}

/// On Unix with the system's own code, so that `raw_os_error` and the message are those of a real failure too.
fn error(unix_code: i32, kind: io::ErrorKind) -> io::Error {
    if cfg!(unix) { io::Error::from_raw_os_error(unix_code) } else { kind.into() }
}
