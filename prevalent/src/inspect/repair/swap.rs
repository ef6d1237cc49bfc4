//! One store in the place of another, in the same directory, so that whoever looks at any moment sees the old one, the new
//! one, or a store that refuses to open.

use std::fs;
use std::io;
use std::path::Path;

use super::guard::{Guard, Phase, by_hand};
use super::hands::{copy_file, move_file, remove_dir, sync};
use crate::disk::real::LOCK_FILE;
use crate::error::Error;
use crate::format::names::{self, FileKind};

/// What stands behind the directory's name, where the new store is made.
pub(super) const FRESH: &str = ".being-repaired";

/// Moves what is in `dir` aside, and what is in `fresh` to `dir`. The caller holds the lock on `dir`.
pub(super) fn swap(dir: &Path, fresh: &Path, guard: Guard) -> Result<(), Error> {
    if dir.join(names::CLEAN).exists() {
        copy_file(names::CLEAN, dir, &guard.aside)?;
    }
    guard.write(dir)?;
    go_on(dir, fresh, guard)
}

/// The same, from wherever it was interrupted.
pub(super) fn go_on(dir: &Path, fresh: &Path, mut guard: Guard) -> Result<(), Error> {
    // It is moved last; without it, what is there is not the new store, or not all of it.
    if !fresh.join(names::CLEAN).exists() {
        return Err(by_hand(dir, &guard.aside));
    }
    if guard.phase == Phase::Originals {
        for name in movable(dir)? {
            move_file(&name, dir, &guard.aside)?;
        }
        sync(&guard.aside)?;
        sync(dir)?;
        guard.phase = Phase::NewStore;
        guard.write(dir)?;
    }
    for name in movable(fresh)? {
        move_file(&name, fresh, dir)?;
    }
    sync(dir)?;
    // With this it is a store.
    move_file(names::CLEAN, fresh, dir)?;
    sync(dir)?;
    remove_dir(fresh)
}

/// Removes what a repair has left that was interrupted before the files changed places.
pub(super) fn remove_leftovers(fresh: &Path) -> Result<(), Error> {
    let names = match list(fresh) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        names => names.map_err(|error| Error::io(fresh, "list", error))?,
    };
    let is_ours = |name: &String| name == LOCK_FILE || FileKind::of(name) != FileKind::Other;
    // A directory in which there is something else is left to whoever makes a store there, who refuses it.
    if names.iter().all(is_ours) { remove_dir(fresh) } else { Ok(()) }
}

/// The files of a store, without the clean mark and the guard that may stand in its place.
fn movable(dir: &Path) -> Result<Vec<String>, Error> {
    let mut names = list(dir).map_err(|error| Error::io(dir, "list", error))?;
    names.retain(|name| {
        FileKind::of(name) != FileKind::Other
            && name != names::CLEAN
            && *name != names::temporary(names::CLEAN)
    });
    names.sort();
    Ok(names)
}

fn list(dir: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(dir)? {
        // What is not UTF-8 is of nobody we know, and stays; it is in no list, but it is in the directory.
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    Ok(names)
}
