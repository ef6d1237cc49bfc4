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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// A directory with these files, which say where they were made.
    fn directory(root: &Path, name: &str, files: &[&str]) -> PathBuf {
        let dir = root.join(name);
        fs::create_dir(&dir).unwrap();
        for file in files {
            fs::write(dir.join(file), name).unwrap();
        }
        dir
    }

    fn contents(dir: &Path) -> BTreeMap<String, String> {
        let names = store_files(dir).unwrap().into_iter();
        names.map(|name| (name.clone(), fs::read_to_string(dir.join(name)).unwrap())).collect()
    }

    const SEGMENT: &str = "00000000000000000001.journal";

    #[test]
    fn one_store_comes_into_the_place_of_another_one_which_is_kept() {
        let root = tempfile::tempdir().unwrap();
        let dir = directory(root.path(), "old", &[SEGMENT, names::CLEAN]);
        let fresh = directory(root.path(), "new", &[SEGMENT, names::CLEAN]);
        let aside = root.path().join("aside");
        make_aside(&aside).unwrap();
        let (old, new) = (contents(&dir), contents(&fresh));
        swap(&dir, &fresh, &aside).unwrap();
        assert_eq!((contents(&dir), contents(&aside)), (new, old));
    }

    #[test]
    fn what_can_not_be_made_moved_or_copied_is_an_error() {
        let root = tempfile::tempdir().unwrap();
        let dir = directory(root.path(), "old", &[SEGMENT]);
        let nowhere = root.path().join("nowhere");
        make_aside(&dir).unwrap_err();
        for (name, to) in [(SEGMENT, &nowhere), (names::CLEAN, &root.path().to_owned())] {
            move_file(name, &dir, to).unwrap_err();
            copy_file(name, &dir, to).unwrap_err();
        }
        assert_eq!(contents(&dir).len(), 1);
    }

    /// What it can't sync, the system refuses to: so a refusal shows that it was asked.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_sync_reaches_the_system() {
        let error = sync(Path::new("/proc/self")).unwrap_err();
        assert!(matches!(error, Error::Io { operation: "sync", .. }), "{error}");
    }

    #[test]
    fn nothing_is_moved_before_there_is_a_place_for_it() {
        for files in [&[SEGMENT][..], &[SEGMENT, names::CLEAN]] {
            let root = tempfile::tempdir().unwrap();
            let dir = directory(root.path(), "old", files);
            let fresh = directory(root.path(), "new", &[SEGMENT, names::CLEAN]);
            let before = contents(&dir);
            swap(&dir, &fresh, &root.path().join("nowhere")).unwrap_err();
            let mut after = contents(&dir);
            after.remove(&names::temporary(names::CLEAN));
            assert_eq!(after, before);
        }
    }

    #[test]
    fn a_swap_that_fails_in_the_middle_leaves_the_guard() {
        // The first: an original can't be moved. The second: there is no new mark.
        for (in_the_way, new) in [(Some(SEGMENT), &[SEGMENT, names::CLEAN][..]), (None, &[SEGMENT])]
        {
            let root = tempfile::tempdir().unwrap();
            let dir = directory(root.path(), "old", &[SEGMENT, names::CLEAN]);
            let fresh = directory(root.path(), "new", new);
            let aside = directory(root.path(), "aside", &[]);
            if let Some(name) = in_the_way {
                fs::create_dir(aside.join(name)).unwrap();
            }
            swap(&dir, &fresh, &aside).unwrap_err();
            let after = contents(&dir);
            assert!(after[names::CLEAN].starts_with(GUARD), "{after:?}");
            let segment = if in_the_way.is_some() { "old" } else { "new" };
            assert_eq!(after[SEGMENT], segment);
        }
    }
}
