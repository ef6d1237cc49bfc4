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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::sim::{ReadFault, SimDisk};
    use crate::snapshot::sample;

    const SEQ: u64 = 3;
    const BODY: &[u8] = b"the model";

    /// A good snapshot of this sequence number, and where its body begins.
    fn snapshot() -> (SimDisk, usize) {
        let description = sample::description();
        let disk = SimDisk::new();
        disk.set_file(&names::snapshot(SEQ), sample::file(SEQ, &description, BODY));
        (disk, HEADER_BYTES + description.len())
    }

    /// The file, changed.
    fn changed(change: impl FnOnce(&mut Vec<u8>)) -> SimDisk {
        let (disk, _) = snapshot();
        let mut bytes = disk.file(&names::snapshot(SEQ)).unwrap();
        change(&mut bytes);
        disk.set_file(&names::snapshot(SEQ), bytes);
        disk
    }

    #[track_caller]
    fn assert_corrupt(error: Error, why: &str) {
        match error {
            Error::Corrupt { what, .. } => assert!(what.contains(why), "{what}"),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_is_good_is_opened_and_its_body_checked() {
        let (disk, body_offset) = snapshot();
        let stream = SnapshotStream::open(&disk, SEQ).unwrap();
        assert_eq!((&*stream.description.model, stream.body_offset), ("a", body_offset as u64));
        stream.check().unwrap();
    }

    #[test]
    fn the_snapshot_of_another_sequence_number_is_refused() {
        let (disk, _) = snapshot();
        disk.set_file(&names::snapshot(SEQ + 1), disk.file(&names::snapshot(SEQ)).unwrap());
        let error = SnapshotStream::open(&disk, SEQ + 1).unwrap_err();
        assert_corrupt(error, "the snapshot of sequence number 3");
    }

    #[test]
    fn every_other_length_is_refused() {
        let (disk, _) = snapshot();
        let len = disk.file(&names::snapshot(SEQ)).unwrap().len();
        for wrong in (HEADER_BYTES..len + 10).filter(|&wrong| wrong != len) {
            let disk = changed(|bytes| bytes.resize(wrong, 7));
            assert_corrupt(SnapshotStream::open(&disk, SEQ).unwrap_err(), "its length");
        }
    }

    #[test]
    fn every_flipped_bit_of_the_description_is_noticed_and_each_of_the_body_when_that_is_checked() {
        let (_, body_offset) = snapshot();
        for bit in HEADER_BYTES * 8..body_offset * 8 {
            let disk = changed(|bytes| bytes[bit / 8] ^= 1 << (bit % 8));
            let error = SnapshotStream::open(&disk, SEQ).unwrap_err();
            assert_corrupt(error, "the checksum of its description");
        }
        for bit in body_offset * 8..(body_offset + BODY.len()) * 8 {
            let disk = changed(|bytes| bytes[bit / 8] ^= 1 << (bit % 8));
            let stream = SnapshotStream::open(&disk, SEQ).unwrap();
            assert_corrupt(stream.check().unwrap_err(), "the checksum of its body");
        }
    }

    #[test]
    fn a_part_that_can_not_be_read_is_an_error_and_no_damage() {
        let (disk, body_offset) = snapshot();
        disk.fail_reads(&names::snapshot(SEQ), ReadFault::EioFrom(body_offset as u64 - 1));
        let error = SnapshotStream::open(&disk, SEQ).unwrap_err();
        assert!(matches!(error, Error::Io { .. }), "{error}");
        disk.fail_reads(&names::snapshot(SEQ), ReadFault::EioFrom(body_offset as u64));
        let error = SnapshotStream::open(&disk, SEQ).unwrap().check().unwrap_err();
        assert!(matches!(error, Error::Io { .. }), "{error}");
    }
}
