//! One store in the place of another, in the same directory, so that whoever looks at any moment sees the old one, the new
//! one, or a store that refuses to open.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::format::names::{self, FileKind};

/// What the clean mark begins with while files change places: no open accepts it. The place of the originals follows.
pub(super) const GUARD: &str = "prevalent: a repair is going on; the originals are in ";

/// What stands behind the directory's name, where the new store is made.
pub(super) const FRESH: &str = ".being-repaired";

/// The files of a store in a directory.
pub(super) fn store_files(dir: &Path) -> Result<Vec<String>, Error> {
    let list = || -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(dir)? {
            if let Ok(name) = entry?.file_name().into_string()
                && FileKind::of(&name) != FileKind::Other
            {
                names.push(name);
            }
        }
        names.sort();
        Ok(names)
    };
    list().map_err(|error| Error::io(dir, "list", error))
}

/// Makes the directory for the originals, which must not be there.
pub(super) fn make_aside(aside: &Path) -> Result<(), Error> {
    fs::create_dir(aside).map_err(|error| Error::io(aside, "create", error))?;
    match aside.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => sync(parent),
        _ => sync(Path::new(".")),
    }
}

/// Moves a file to another directory.
pub(super) fn move_file(name: &str, from: &Path, to: &Path) -> Result<(), Error> {
    let path = from.join(name);
    fs::rename(&path, to.join(name)).map_err(|error| Error::io(&path, "move", error))
}

/// Copies a file to another directory, durably.
pub(super) fn copy_file(name: &str, from: &Path, to: &Path) -> Result<(), Error> {
    let (path, copy) = (from.join(name), to.join(name));
    fs::copy(&path, &copy)
        .and_then(|_| File::open(&copy)?.sync_all())
        .map_err(|error| Error::io(&path, "copy", error))?;
    sync(to)
}

/// Makes the names in a directory durable.
pub(super) fn sync(dir: &Path) -> Result<(), Error> {
    let synced = File::open(dir).and_then(|dir| dir.sync_all());
    synced.map_err(|error| Error::io(dir, "sync", error))
}

/// Moves what is in `dir` to `aside`, and what is in `fresh` to `dir`. The caller holds the lock on `dir`.
pub(super) fn swap(dir: &Path, fresh: &Path, aside: &Path) -> Result<(), Error> {
    let old = store_files(dir)?;
    let new = store_files(fresh)?;
    make_guard(dir, aside)?;
    for name in old.iter().filter(|name| *name != names::CLEAN) {
        move_file(name, dir, aside)?;
    }
    sync(aside)?;
    sync(dir)?;
    for name in new.iter().filter(|name| *name != names::CLEAN) {
        move_file(name, fresh, dir)?;
    }
    sync(dir)?;
    // With this it is a store.
    move_file(names::CLEAN, fresh, dir)?;
    sync(dir)
}

/// Puts the guard in the place of the clean mark, which is moved.
fn make_guard(dir: &Path, aside: &Path) -> Result<(), Error> {
    let guard: PathBuf = dir.join(names::temporary(names::CLEAN));
    let text = format!("{GUARD}{}\n", aside.display());
    fs::write(&guard, text)
        .and_then(|()| File::open(&guard)?.sync_all())
        .map_err(|error| Error::io(&guard, "write", error))?;
    let mark = dir.join(names::CLEAN);
    if mark.exists() {
        fs::copy(&mark, aside.join(names::CLEAN))
            .and_then(|_| File::open(aside.join(names::CLEAN))?.sync_all())
            .map_err(|error| Error::io(&mark, "copy", error))?;
    }
    sync(aside)?;
    fs::rename(&guard, &mark).map_err(|error| Error::io(&guard, "rename", error))?;
    sync(dir)
}
