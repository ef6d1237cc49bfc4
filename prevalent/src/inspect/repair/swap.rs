//! One store in the place of another, in the same directory, so that whoever looks at any moment sees the old one, the new
//! one, or a store that refuses to open.

use std::io::ErrorKind;
use std::sync::Arc;

use super::guard::{Guard, Phase, by_hand};
use super::hands::{
    confirm, copy_file, directory, expect_movable, move_files, remove_directory, replace_file,
};
use crate::disk::Disk;
use crate::disk::volume::Volume;
use crate::error::Error;
use crate::format::names::{self, FileKind};

/// The directories of a repair. The third one, for the originals, is in the guard. The lock on the store is held.
#[derive(Debug)]
pub(super) struct Places<'a> {
    pub(super) volume: &'a dyn Volume,
    pub(super) store: Arc<dyn Disk>,
    /// Where the new store is made.
    pub(super) fresh: Arc<dyn Disk>,
}

impl Places<'_> {
    /// Shows that files can change places, before any does: when some have, there is no way back.
    pub(super) fn expect_movable(&self, aside: &dyn Disk) -> Result<(), Error> {
        expect_movable(self.volume, &*self.store, aside)?;
        expect_movable(self.volume, &*self.fresh, &*self.store)
    }

    /// Moves what is in the store's directory aside, and the new store to where it was.
    pub(super) fn swap(&self, guard: Guard) -> Result<(), Error> {
        let aside = directory(self.volume, &guard.aside)?;
        copy_file(names::CLEAN, &*self.store, &*aside)?;
        guard.write(&*self.store)?;
        self.move_all(guard, &*aside)
    }

    /// The same, from wherever it was interrupted.
    pub(super) fn go_on(&self, guard: Guard) -> Result<(), Error> {
        let aside = directory(self.volume, &guard.aside)?;
        match self.fresh.open(names::CLEAN) {
            Ok(_) => {}
            // It is moved last; without it, what is there is not the new store, or not all of it.
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return Err(by_hand(&*self.store, &guard.aside));
            }
            Err(error) => {
                return Err(Error::io(&self.fresh.path_of(names::CLEAN), "open", error));
            }
        }
        confirm(&[&*self.store, &*self.fresh])?;
        if guard.phase == Phase::Originals {
            confirm(&[&*aside])?;
        }
        self.move_all(guard, &*aside)
    }

    /// Removes what a repair has left that was interrupted before files changed places, or when all had.
    pub(super) fn remove_leftovers(&self) -> Result<(), Error> {
        if self.fresh.list().is_ok() {
            confirm(&[&*self.store, &*self.fresh])?;
            remove_directory(self.volume, &*self.fresh)?;
        }
        Ok(())
    }

    fn move_all(&self, mut guard: Guard, aside: &dyn Disk) -> Result<(), Error> {
        let (volume, store, fresh) = (self.volume, &*self.store, &*self.fresh);
        if guard.phase == Phase::Originals {
            move_files(volume, &movable(store)?, store, aside)?;
            guard.phase = Phase::NewStore;
            guard.write(store)?;
        }
        move_files(volume, &movable(fresh)?, fresh, store)?;
        // In the place of the guard: with this it is a store.
        replace_file(volume, names::CLEAN, fresh, store)?;
        remove_directory(volume, fresh)
    }
}

/// The files of a store, without the clean mark and the guard that may stand in its place.
fn movable(directory: &dyn Disk) -> Result<Vec<String>, Error> {
    let names = directory.list().map_err(|error| Error::io(directory.path(), "list", error))?;
    let is_movable = |name: &String| {
        FileKind::of(name) != FileKind::Other
            && name != names::CLEAN
            && *name != names::temporary(names::CLEAN)
    };
    Ok(names.into_iter().filter(is_movable).collect())
}
