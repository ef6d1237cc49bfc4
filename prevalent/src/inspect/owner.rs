//! Whether a store is open, without taking its lock from anybody.

use std::path::Path;

/// Whether a program has the store open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Owner {
    /// This process has it.
    #[non_exhaustive]
    Running {
        /// Its number, as this process sees it.
        pid: u32,
    },
    /// None is seen. One in another container, or on a machine that shares the directory, would not be.
    NotSeen,
    /// This system doesn't tell, or not here.
    Unknown,
}

impl Owner {
    /// Whether there certainly is one.
    #[must_use]
    pub fn is_running(self) -> bool {
        matches!(self, Owner::Running { .. })
    }
}

/// Who holds the lock on this file. To try the lock would tell as well, and would refuse an application that is started in that
/// very moment.
#[cfg(target_os = "linux")]
pub(super) fn owner_of(lock_file: &Path) -> Owner {
    use std::io::ErrorKind;
    use std::os::unix::fs::MetadataExt;

    let metadata = match std::fs::metadata(lock_file) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == ErrorKind::NotFound => return Owner::NotSeen,
        Err(_) => return Owner::Unknown,
    };
    let Ok(locks) = std::fs::read_to_string("/proc/locks") else { return Owner::Unknown };
    let device = (major(metadata.dev()), minor(metadata.dev()));
    let mut has_unsure = false;
    for lock in locks.lines().filter_map(Lock::read) {
        if lock.inode != metadata.ino() {
            continue;
        }
        // Some filesystems show another device here than there.
        if lock.device == device {
            return Owner::Running { pid: lock.pid };
        }
        match has_open(lock.pid, lock_file) {
            Some(true) => return Owner::Running { pid: lock.pid },
            Some(false) => {}
            None => has_unsure = true,
        }
    }
    if has_unsure { Owner::Unknown } else { Owner::NotSeen }
}

#[cfg(not(target_os = "linux"))]
pub(super) fn owner_of(_lock_file: &Path) -> Owner {
    Owner::Unknown
}

/// A line of `/proc/locks`, of the kind that a store's owner has.
#[cfg(target_os = "linux")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Lock {
    pid: u32,
    device: (u64, u64),
    inode: u64,
}

#[cfg(target_os = "linux")]
impl Lock {
    /// `1: FLOCK  ADVISORY  WRITE 1234 fd:01:5678 0 EOF`; `->` stands before one that waits.
    fn read(line: &str) -> Option<Self> {
        let mut fields = line.split_whitespace().skip(1);
        if fields.next()? != "FLOCK" {
            return None;
        }
        let mut fields = fields.skip(2);
        let pid = fields.next()?.parse().ok()?;
        let mut place = fields.next()?.split(':');
        let hex = |digits: &str| u64::from_str_radix(digits, 16).ok();
        let device = (hex(place.next()?)?, hex(place.next()?)?);
        Some(Lock { pid, device, inode: place.next()?.parse().ok()? })
    }
}

/// Whether this process has the file open, where that can be seen.
#[cfg(target_os = "linux")]
fn has_open(pid: u32, file: &Path) -> Option<bool> {
    let file = file.canonicalize().ok()?;
    let mut open = std::fs::read_dir(format!("/proc/{pid}/fd")).ok()?;
    Some(open.any(|entry| {
        entry.and_then(|entry| std::fs::read_link(entry.path())).is_ok_and(|path| path == file)
    }))
}

#[cfg(target_os = "linux")]
fn major(device: u64) -> u64 {
    (device >> 8) & 0xfff | (device >> 32) & !0xfff
}

#[cfg(target_os = "linux")]
fn minor(device: u64) -> u64 {
    device & 0xff | (device >> 12) & !0xff
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn only_locks_that_are_held_and_of_the_owners_kind_count() {
        let held = Lock::read("1: FLOCK  ADVISORY  WRITE 1234 fd:01:5678 0 EOF");
        assert_eq!(held, Some(Lock { pid: 1234, device: (0xfd, 1), inode: 5678 }));
        for other in [
            "1: POSIX  ADVISORY  WRITE 1234 fd:01:5678 0 EOF",
            "1: -> FLOCK  ADVISORY  WRITE 1234 fd:01:5678 0 EOF",
            "1: FLOCK",
            "",
        ] {
            assert_eq!(Lock::read(other), None, "{other}");
        }
    }

    #[test]
    fn the_owner_is_seen_as_long_as_it_holds_the_lock() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("LOCK");
        assert_eq!(owner_of(&path), Owner::NotSeen);
        let file = std::fs::File::create(&path).unwrap();
        assert_eq!(owner_of(&path), Owner::NotSeen);
        file.lock().unwrap();
        assert_eq!(owner_of(&path), Owner::Running { pid: std::process::id() });
        drop(file);
        assert_eq!(owner_of(&path), Owner::NotSeen);
    }
}
