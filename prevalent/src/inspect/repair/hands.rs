//! What a repair does to directories. What one of these has changed is durable when it returns.

use std::io;
use std::path::Path;
use std::sync::Arc;

use crate::disk::Disk;
use crate::disk::publish::{Temporary, confirm_names, publish};
use crate::disk::transfer::read_to_end;
use crate::disk::volume::Volume;
use crate::error::Error;
use crate::format::names::{self, FileKind};

/// The directory with this path, there or not.
pub(super) fn directory(volume: &dyn Volume, path: &Path) -> Result<Arc<dyn Disk>, Error> {
    volume.directory(path).map_err(|error| Error::io(path, "open", error))
}

/// Makes a directory, which must not be there.
pub(super) fn make_directory(volume: &dyn Volume, path: &Path) -> Result<Arc<dyn Disk>, Error> {
    volume.make_directory(path).map_err(|error| Error::io(path, "create", error))?;
    if let Some(around) = path.parent() {
        sync(&[&*directory(volume, around)?])?;
    }
    directory(volume, path)
}

/// Removes a directory, if there is one, with the files of a store that are in it. Where there is something else in it, all of
/// it stays.
pub(super) fn remove_directory(volume: &dyn Volume, directory: &dyn Disk) -> Result<(), Error> {
    let names = match directory.list() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        names => names.map_err(|error| Error::io(directory.path(), "list", error))?,
    };
    if names.iter().any(|name| FileKind::of(name) == FileKind::Other) {
        return Ok(());
    }
    for name in names {
        let removed = directory.remove(&name);
        removed.map_err(|error| Error::io(&directory.path_of(&name), "remove", error))?;
    }
    match volume.remove_directory(directory.path()) {
        // Of nobody we know, too, under a name that is in no list.
        Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => Ok(()),
        removed => removed.map_err(|error| Error::io(directory.path(), "remove", error)),
    }
}

/// Moves files to another directory, where nothing has their names.
pub(super) fn move_files(
    volume: &dyn Volume,
    names: &[String],
    from: &dyn Disk,
    to: &dyn Disk,
) -> Result<(), Error> {
    let taken = to.list().map_err(|error| Error::io(to.path(), "list", error))?;
    if let Some(name) = names.iter().find(|name| taken.contains(name)) {
        let exists = io::ErrorKind::AlreadyExists;
        return Err(Error::io(&to.path_of(name), "move another file to", exists.into()));
    }
    for name in names {
        move_file(volume, name, from, to)?;
    }
    sync(&[from, to])
}

/// Moves a file to another directory, into the place of the one that has its name there.
pub(super) fn replace_file(
    volume: &dyn Volume,
    name: &str,
    from: &dyn Disk,
    to: &dyn Disk,
) -> Result<(), Error> {
    move_file(volume, name, from, to)?;
    sync(&[from, to])
}

/// Shows that files can be moved from one directory to the other: not where the first is a file system of its own.
pub(super) fn expect_movable(
    volume: &dyn Volume,
    from: &dyn Disk,
    to: &dyn Disk,
) -> Result<(), Error> {
    let _file = Temporary::create(from, names::CLEAN).map_err(|failure| failure.at(from))?;
    let name = names::temporary(names::CLEAN);
    move_file(volume, &name, from, to)?;
    to.remove(&name).map_err(|error| Error::io(&to.path_of(&name), "remove", error))
}

/// Copies a file to another directory, if there is one.
pub(super) fn copy_file(name: &str, from: &dyn Disk, to: &dyn Disk) -> Result<(), Error> {
    let bytes = match from.open(name).and_then(|file| read_to_end(&*file)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        bytes => bytes.map_err(|error| Error::io(&from.path_of(name), "read", error))?,
    };
    publish(to, name, &bytes).map(drop).map_err(|failure| failure.at(to))
}

/// Makes durable which files are seen in the directories. Whoever has put them there may have been killed, or have failed,
/// before he could.
pub(super) fn confirm(directories: &[&dyn Disk]) -> Result<(), Error> {
    for &directory in directories {
        confirm_names(directory).map_err(|failure| failure.at(directory))?;
    }
    Ok(())
}

/// A file that was moved is durable in its new place when both directories are synced.
fn sync(directories: &[&dyn Disk]) -> Result<(), Error> {
    for directory in directories {
        directory.sync_dir().map_err(|error| Error::io(directory.path(), "sync", error))?;
    }
    Ok(())
}

fn move_file(volume: &dyn Volume, name: &str, from: &dyn Disk, to: &dyn Disk) -> Result<(), Error> {
    let moved = volume.move_file(name, from.path(), to.path());
    moved.map_err(|error| Error::io(&from.path_of(name), "move", error))
}
