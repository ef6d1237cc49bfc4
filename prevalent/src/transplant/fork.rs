//! A store out of another one's directory.

use std::path::Path;
use std::sync::Arc;

use super::{NewStore, Source, transplant};
use crate::Operation;
use crate::disk::Disk;
use crate::disk::with_archive::WithArchive;
use crate::engine::launch::in_background;
use crate::engine::thread::StoreKey;
use crate::error::Error;
use crate::origin::OriginKind;
use crate::past::Point;
use crate::place::{Place, expect_store_or_archive, remove_all};
use crate::recovery::beside::beside_owner;
use crate::recovery::directory::Directory;
use crate::recovery::survey::JournalEnd;

/// Makes another store out of the one in this directory: with [`to`](Fork::to), in a directory of its own. From then on,
/// each goes its own way.
///
/// None of the program's types is needed. It is read from the files, without the lock: the store may be open meanwhile, in this
/// process or another one, and counts as far as it has written. What is made is a new store: it has another id, and
/// remembers where it comes from ([`Recovery::origin`](crate::Recovery::origin)).
///
/// ```
/// # use prevalent::{Seq, prevalent};
/// # #[prevalent] #[derive(Default)] struct Counter { count: u64 }
/// # #[prevalent] impl Counter { #[tx] fn add(&mut self, n: u64) { self.count += n; } }
/// # fn main() -> Result<(), prevalent::Error> {
/// # let dir = tempfile::tempdir().unwrap();
/// # let (dir, what_if) = (dir.path().join("counter"), dir.path().join("what-if"));
/// let store = CounterStore::open(&dir).wait()?;
/// store.add(1).wait()?;
/// store.add(10).wait()?;
///
/// prevalent::fork(&dir).at(Seq::from(1)).to(&what_if).wait()?;
/// let other = CounterStore::open(&what_if).wait()?;
/// other.add(100).wait()?;
/// assert_eq!((store.read(|it| it.count), other.read(|it| it.count)), (11, 101));
/// # Ok(()) }
/// ```
pub fn fork(dir: impl AsRef<Path>) -> Fork {
    Fork { from: Place::Directory(dir.as_ref().to_owned()), archive: None, point: None, disk: None }
}

/// A [`fork`] to be made.
#[derive(Debug)]
#[must_use = "nothing is forked until `to()`"]
pub struct Fork {
    from: Place,
    archive: Option<Place>,
    point: Option<Point>,
    disk: Option<Place>,
}

impl Fork {
    /// Up to this point: a sequence number ([`Seq`](crate::Seq)), or the last transaction that is not later than a time
    /// ([`SystemTime`](std::time::SystemTime)). Default: all that there is.
    pub fn at(mut self, point: impl Into<Point>) -> Self {
        self.point = Some(point.into());
        self
    }

    /// The store's archive ([`Builder::archive_to`](crate::Builder::archive_to)): the point may lie as far back as that goes.
    pub fn archive(mut self, dir: impl AsRef<Path>) -> Self {
        self.archive = Some(Place::Directory(dir.as_ref().to_owned()));
        self
    }

    /// Forks the store on this disk.
    #[cfg(feature = "testing")]
    pub fn from_disk(mut self, disk: impl Disk) -> Self {
        self.from = Place::Disk(Arc::new(disk));
        self
    }

    /// The store's archive is on this disk.
    #[cfg(feature = "testing")]
    pub fn archive_on_disk(mut self, disk: impl Disk) -> Self {
        self.archive = Some(Place::Disk(Arc::new(disk)));
        self
    }

    /// Makes the store on this disk; the path given to [`to`](Fork::to) counts for nothing.
    #[cfg(feature = "testing")]
    pub fn on_disk(mut self, disk: impl Disk) -> Self {
        self.disk = Some(Place::Disk(Arc::new(disk)));
        self
    }

    /// Makes the store in this directory, which is made where it is missing. It has begun when this returns. What is true of
    /// an interrupted [restore](crate::Restore::to) is true of a fork.
    ///
    /// # Errors
    ///
    /// [`Error::NoStore`]; [`Error::Pruned`] for a point before the oldest snapshot, [`Error::NotYet`] for one behind the end;
    /// [`Error::StoreExists`], [`Error::NotAStore`] and [`Error::Locked`], of the new directory; [`Error::Corrupt`], [`Error::SuspectTail`],
    /// [`Error::UnsupportedFormat`], [`Error::UnknownContent`]; [`Error::Io`], of both sides.
    pub fn to(self, dir: impl AsRef<Path>) -> Operation<NewStore> {
        let Fork { from, archive, point, disk } = self;
        let dir = dir.as_ref().to_owned();
        let place = disk.unwrap_or_else(|| Place::Directory(dir.clone()));
        in_background("prevalent-fork", &dir, StoreKey::new(), move || {
            let from = from.disk()?;
            expect_store_or_archive(&*from)?;
            let from = match archive {
                Some(archive) => Arc::new(WithArchive::new(from, archive.disk()?)),
                None => from,
            };
            place.make_store(|disk| fork_to(&*from, point, &**disk))
        })
    }
}

fn fork_to(from: &dyn Disk, point: Option<Point>, to: &dyn Disk) -> Result<NewStore, Error> {
    beside_owner(from, |tries| {
        if tries > 0 {
            remove_all(to);
        }
        let directory = Directory::read_beside_owner(from)?;
        let end = JournalEnd::Unknown { drop_suspect_tail: false };
        let source = Source { disk: from, directory: &directory, end, how: OriginKind::Forked };
        transplant(&source, point, to)
    })
}
