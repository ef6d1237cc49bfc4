//! A snapshot whose body stays on disk.

use std::path::PathBuf;
use std::sync::Arc;

use super::body::Body;
use super::read::{Description, checked_description, checked_header};
use crate::disk::transfer::{read_exact_at, read_prefix};
use crate::disk::{Disk, DiskFile};
use crate::error::Error;
use crate::format::header::{HEADER_BYTES, SnapshotHeader};
use crate::format::names;

/// A snapshot of which header and description are good. For those who need the body as a whole, there is
/// [`read`](super::read::read).
#[derive(Debug)]
pub(crate) struct SnapshotStream {
    pub(crate) header: SnapshotHeader,
    pub(crate) description: Description,
    pub(crate) path: PathBuf,
    file: Arc<dyn DiskFile>,
    body_offset: u64,
}

impl SnapshotStream {
    /// Reads header and description.
    ///
    /// # Errors
    ///
    /// Those of [`read`](super::read::read), but for what is wrong with the body.
    pub(crate) fn open(disk: &dyn Disk, seq: u64) -> Result<Self, Error> {
        let name = names::snapshot(seq);
        let path = disk.path_of(&name);
        let io = |error| Error::io(&path, "read", error);
        let file = disk.open(&name).map_err(io)?;
        let bytes = read_prefix(&*file, HEADER_BYTES).map_err(io)?;
        let header = checked_header(&bytes, &path, seq, file.len().map_err(io)?)?;
        let mut description = vec![0; header.description_bytes as usize];
        read_exact_at(&*file, HEADER_BYTES as u64, &mut description).map_err(io)?;
        let description = checked_description(&description, &header, &path)?;
        let body_offset = HEADER_BYTES as u64 + u64::from(header.description_bytes);
        Ok(SnapshotStream { header, description, path, file, body_offset })
    }

    /// The encoded model, from its first byte on; its checksum was not looked at.
    pub(crate) fn body<'a>(&self) -> Body<'a> {
        self.body_from(self.body_offset)
    }

    /// The same, from a place on that another such body has given.
    pub(crate) fn body_from<'a>(&self, mark: u64) -> Body<'a> {
        let end = self.body_offset + self.header.body_bytes;
        Body::new(Arc::clone(&self.file), mark, end)
    }

    /// Reads all of the body, and checks its checksum.
    ///
    /// # Errors
    ///
    /// `Corrupt` where that is wrong; `Io`.
    pub(crate) fn check(&self) -> Result<(), Error> {
        self.check_rest(&mut self.body())
    }

    /// The same, of a body of which a part was read before.
    ///
    /// # Errors
    ///
    /// Those of [`check`](Self::check); also where a read of that part failed.
    pub(crate) fn check_rest(&self, body: &mut Body<'_>) -> Result<(), Error> {
        let found = body.hash().map_err(|error| Error::io(&self.path, "read", error))?;
        if found == self.header.body_hash {
            return Ok(());
        }
        let (path, seq) = (self.path.clone(), self.header.seq);
        let what = "the checksum of its body is wrong";
        Err(Error::corrupt(path, self.body_offset, Some(seq.into()), what))
    }
}
