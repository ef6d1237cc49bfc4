//! What a repair does to files: each change is one call, so that a test can stop it between any two.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use crate::error::Error;

/// Makes a directory, which must not be there.
pub(super) fn make_dir(dir: &Path) -> Result<(), Error> {
    change(dir, "create", || fs::create_dir(dir))?;
    match dir.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => sync(parent),
        _ => sync(Path::new(".")),
    }
}

/// Removes a directory with all that is in it.
pub(super) fn remove_dir(dir: &Path) -> Result<(), Error> {
    change(dir, "remove", || fs::remove_dir_all(dir))
}

/// Moves a file to another directory.
pub(super) fn move_file(name: &str, from: &Path, to: &Path) -> Result<(), Error> {
    let path = from.join(name);
    change(&path, "move", || fs::rename(&path, to.join(name)))
}

/// Copies a file to another directory, durably.
pub(super) fn copy_file(name: &str, from: &Path, to: &Path) -> Result<(), Error> {
    let (path, copy) = (from.join(name), to.join(name));
    change(&path, "copy", || {
        fs::copy(&path, &copy)?;
        File::open(&copy)?.sync_all()
    })?;
    sync(to)
}

/// Writes a file under one name, and gives it another when it is durable.
pub(super) fn publish(dir: &Path, temporary: &str, name: &str, text: &str) -> Result<(), Error> {
    let path = dir.join(temporary);
    change(&path, "write", || {
        fs::write(&path, text)?;
        File::open(&path)?.sync_all()
    })?;
    change(&path, "rename", || fs::rename(&path, dir.join(name)))?;
    sync(dir)
}

/// Makes the names in a directory durable.
pub(super) fn sync(dir: &Path) -> Result<(), Error> {
    change(dir, "sync", || File::open(dir)?.sync_all())
}

fn change(
    path: &Path,
    operation: &'static str,
    make: impl FnOnce() -> io::Result<()>,
) -> Result<(), Error> {
    #[cfg(test)]
    let make = || fault::strike().and_then(|()| make());
    make().map_err(|error| Error::io(path, operation, error))
}

/// Changes that fail, so that nothing comes after them.
#[cfg(test)]
pub(super) mod fault {
    use std::cell::Cell;
    use std::io;

    thread_local! {
        static LEFT: Cell<Option<usize>> = const { Cell::new(None) };
    }

    /// So many changes of this thread succeed, and no more.
    pub(in super::super) fn after(changes: Option<usize>) {
        LEFT.set(changes);
    }

    pub(super) fn strike() -> io::Result<()> {
        match LEFT.get() {
            Some(0) => Err(io::ErrorKind::StorageFull.into()),
            left => {
                LEFT.set(left.map(|left| left - 1));
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_not_be_made_moved_or_copied_is_an_error() {
        let root = tempfile::tempdir().unwrap();
        let (dir, nowhere) = (root.path().join("dir"), root.path().join("nowhere"));
        make_dir(&dir).unwrap();
        make_dir(&dir).unwrap_err();
        fs::write(dir.join("here"), "content").unwrap();
        for (name, to) in [("here", &nowhere), ("missing", &root.path().to_owned())] {
            move_file(name, &dir, to).unwrap_err();
            copy_file(name, &dir, to).unwrap_err();
        }
        assert_eq!(fs::read_to_string(dir.join("here")).unwrap(), "content");
        publish(&nowhere, "temporary", "name", "text").unwrap_err();
        remove_dir(&nowhere).unwrap_err();
    }

    /// What it can't sync, the system refuses to: so a refusal shows that it was asked.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_sync_reaches_the_system() {
        let error = sync(Path::new("/proc/self")).unwrap_err();
        assert!(matches!(error, Error::Io { operation: "sync", .. }), "{error}");
    }
}
