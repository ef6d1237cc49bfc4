//! What is seen of a journal that changes while somebody looks.

use std::fs;
use std::io::{self, ErrorKind};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::{Followed, StoreFiles};
use crate::Error;
use crate::disk::real::{LOCK_FILE, RealDisk};
use crate::disk::{Disk, DiskFile, DiskLock};
use crate::format::header::{HEADER_BYTES, SegmentHeader};
use crate::format::names;

/// A copy of a store of three segments at least that was written long ago, in a directory of its own.
fn store(root: &Path) -> PathBuf {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/golden/1/voids");
    let dir = root.join("store");
    fs::create_dir(&dir).unwrap();
    for entry in fs::read_dir(golden).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap();
        if name != LOCK_FILE {
            fs::copy(&path, dir.join(name)).unwrap();
        }
    }
    dir
}

/// The numbers of the segments.
fn segments(dir: &Path) -> Vec<u64> {
    let status = StoreFiles::at(dir).unwrap().status().unwrap();
    status.segments.iter().map(|segment| segment.number).collect()
}

/// Sequence numbers of all transactions.
fn seqs(files: &StoreFiles) -> Vec<u64> {
    let mut seqs = Vec::new();
    let read = files.transactions().for_each(|tx| {
        seqs.push(tx.seq().get());
        Ok::<_, Error>(ControlFlow::Continue(()))
    });
    read.unwrap();
    seqs
}

/// A disk on which one file is made just after somebody has looked for it in vain.
#[derive(Debug)]
struct Late {
    disk: RealDisk,
    name: String,
    was_sought: AtomicBool,
}

impl Disk for Late {
    fn path(&self) -> &Path {
        self.disk.path()
    }

    fn lock(&self) -> io::Result<DiskLock> {
        self.disk.lock()
    }

    fn list(&self) -> io::Result<Vec<String>> {
        let mut names = self.disk.list()?;
        names.retain(|name| *name != self.name || self.was_sought.load(Ordering::Relaxed));
        Ok(names)
    }

    fn create(&self, _name: &str) -> io::Result<Arc<dyn DiskFile>> {
        Err(ErrorKind::Unsupported.into())
    }

    fn open(&self, name: &str) -> io::Result<Arc<dyn DiskFile>> {
        if name == self.name && !self.was_sought.swap(true, Ordering::Relaxed) {
            return Err(ErrorKind::NotFound.into());
        }
        self.disk.open(name)
    }

    fn rename(&self, _from: &str, _to: &str) -> io::Result<()> {
        Err(ErrorKind::Unsupported.into())
    }

    fn remove(&self, _name: &str) -> io::Result<()> {
        Err(ErrorKind::Unsupported.into())
    }

    fn sync_dir(&self) -> io::Result<()> {
        Err(ErrorKind::Unsupported.into())
    }
}

fn followed(files: &StoreFiles) -> Result<Vec<u64>, Error> {
    let mut seqs = Vec::new();
    files.follow(Some(1.into()))?.poll(|news| {
        if let Followed::Transaction(tx) = news {
            seqs.push(tx.seq().get());
        }
        Ok::<(), Error>(())
    })?;
    Ok(seqs)
}

#[test]
fn a_segment_that_is_made_while_it_is_sought_is_followed() {
    let root = tempfile::tempdir().unwrap();
    let dir = store(root.path());
    let all = seqs(&StoreFiles::at(&dir).unwrap());
    let newest = segments(&dir).pop().unwrap();
    // It is not there yet when the one before it ends.
    fs::remove_file(dir.join(names::CLEAN)).unwrap();
    let disk = RealDisk::new(&dir).unwrap();
    let late = Late { disk, name: names::segment(newest), was_sought: AtomicBool::new(false) };
    let files = StoreFiles::on(Arc::new(late)).unwrap();
    assert_eq!(followed(&files).unwrap(), all);
}

#[test]
fn a_segment_that_ends_with_another_number_than_its_successor_begins_with_is_damaged() {
    let root = tempfile::tempdir().unwrap();
    let dir = store(root.path());
    let (first, second) = (segments(&dir)[0], segments(&dir)[1]);
    let path = dir.join(names::segment(second));
    let mut bytes = fs::read(&path).unwrap();
    let mut header = SegmentHeader::decode(&bytes).unwrap();
    header.first_seq += 1;
    bytes[..HEADER_BYTES].copy_from_slice(&header.encode());
    fs::write(&path, bytes).unwrap();
    let verified = StoreFiles::at(&dir).unwrap().verify(|_| {}).unwrap();
    let is_told = |error: &Error| {
        let Error::Corrupt { file, what, .. } = error else { return false };
        file.ends_with(names::segment(first)) && what.contains("the next sequence number")
    };
    assert!(verified.damaged.iter().any(is_told), "{:?}", verified.damaged);
}

#[test]
fn what_is_written_after_the_voids_were_found_out_is_left_out_and_is_no_damage() {
    let root = tempfile::tempdir().unwrap();
    let dir = store(root.path());
    fs::remove_file(dir.join(names::CLEAN)).unwrap();
    let numbers = segments(&dir);
    let first = dir.join(names::segment(numbers[0]));
    let whole = fs::read(&first).unwrap();
    let magic = [0x50, 0x56, 0x42, 0xB1];
    let last_batch = whole.windows(4).rposition(|bytes| bytes == magic).unwrap();
    let files = StoreFiles::at(&dir).unwrap();
    let all = seqs(&files);
    // The first segment is being written, and there is no other one yet.
    for written in [last_batch, last_batch + 30] {
        let later: Vec<_> = numbers[1..].iter().map(|it| names::segment(*it)).collect();
        for name in &later {
            fs::rename(dir.join(name), root.path().join(name)).unwrap();
        }
        fs::write(&first, &whole[..written]).unwrap();
        let voids = files.voids(1.into()).unwrap();
        let before = seqs(&files);
        fs::write(&first, &whole).unwrap();
        for name in &later {
            fs::rename(root.path().join(name), dir.join(name)).unwrap();
        }
        assert!(all.len() > before.len() && !before.is_empty());
        let mut shown = Vec::new();
        let read = files.transactions().with_voids(voids).for_each(|tx| {
            shown.push(tx.seq().get());
            Ok::<_, Error>(ControlFlow::Continue(()))
        });
        assert!(read.is_ok(), "{read:?}");
        assert_eq!(shown, before);
    }
}
