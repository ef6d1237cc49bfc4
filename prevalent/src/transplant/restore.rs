//! A store out of a backup.

use std::path::Path;

use super::{NewStore, Source, transplant};
use crate::Operation;
use crate::backup::Target;
use crate::backup::files::BackupFiles;
use crate::engine::launch::in_background;
use crate::engine::thread::StoreKey;
use crate::error::Error;
use crate::origin::OriginKind;
use crate::past::Point;
use crate::place::Place;
use crate::recovery::survey::JournalEnd;

/// Makes a store out of a backup: with [`to`](Restore::to), in a directory of its own.
///
/// None of the program's types is needed. What is made is a new store: it has another id, and remembers where it comes from
/// ([`Recovery::origin`](crate::Recovery::origin)). Any version of the program opens it that could open the one that was
/// backed up.
///
/// ```no_run
/// # use prevalent::{Seq, restore};
/// # async fn doc(yesterday: std::time::SystemTime) -> Result<(), prevalent::Error> {
/// restore("backups/sessions").to("data/sessions").await?;
/// restore("backups/sessions").at(Seq::from(4711)).to("data/before").await?;
/// restore("backups/sessions").at(yesterday).to("data/yesterday").await?;
/// # Ok(()) }
/// ```
pub fn restore(target: impl Into<Target>) -> Restore {
    Restore { target: target.into(), point: None, disk: None }
}

/// A [`restore`] to be made.
#[derive(Debug)]
#[must_use = "nothing is restored until `to()`"]
pub struct Restore {
    target: Target,
    point: Option<Point>,
    disk: Option<Place>,
}

impl Restore {
    /// Up to this point: a sequence number ([`Seq`](crate::Seq)), or the last transaction that is not later than a time
    /// ([`SystemTime`](std::time::SystemTime)). Default: all that the backup holds.
    pub fn at(mut self, point: impl Into<Point>) -> Self {
        self.point = Some(point.into());
        self
    }

    /// Makes the store on this disk; the path given to [`to`](Restore::to) counts for nothing.
    #[cfg(feature = "testing")]
    pub fn on_disk(mut self, disk: impl crate::disk::Disk) -> Self {
        self.disk = Some(Place::Disk(std::sync::Arc::new(disk)));
        self
    }

    /// Makes the store in this directory, which is made where it is missing. It has begun when this returns.
    ///
    /// The snapshot gets its name last, when all else is durable and was read back. A restore that is interrupted leaves no
    /// store: a directory that is empty, or one that neither an open nor another restore accepts, because it has a
    /// journal without a snapshot. Remove it, and begin again.
    ///
    /// # Errors
    ///
    /// [`Error::NoBackup`]; [`Error::Pruned`] for a point before the first snapshot in the backup, [`Error::NotYet`] for one
    /// behind its end; [`Error::StoreExists`], [`Error::NotAStore`], [`Error::Locked`]; [`Error::Corrupt`] where a piece is missing or damaged that is
    /// needed, [`Error::UnsupportedFormat`], [`Error::UnknownContent`]; [`Error::Io`], of both sides. There is no store then,
    /// unless the very last step has failed: that of making the last name durable.
    pub fn to(self, dir: impl AsRef<Path>) -> Operation<NewStore> {
        let Restore { target, point, disk } = self;
        let dir = dir.as_ref().to_owned();
        let place = disk.unwrap_or_else(|| Place::Directory(dir.clone()));
        in_background("prevalent-restore", &dir, StoreKey::new(), move || run(target, point, place))
    }
}

fn run(target: Target, point: Option<Point>, place: Place) -> Result<NewStore, Error> {
    let files = BackupFiles::open(target)?;
    let directory = files.directory();
    let (end, how) = (JournalEnd::Known(files.end()), OriginKind::Restored);
    let source = Source { disk: &files, directory: &directory, end, how };
    place.make_store(|disk| transplant(&source, point, &**disk))
}
