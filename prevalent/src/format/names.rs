//! The names of a store's files.

/// The clean mark.
pub(crate) const CLEAN: &str = "CLEAN";

const SEGMENT_SUFFIX: &str = ".journal";
const SNAPSHOT_SUFFIX: &str = ".snapshot";
const TEMPORARY_SUFFIX: &str = ".tmp";
const DIGITS: usize = 20;

/// What a file of the directory is, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FileKind {
    Segment {
        number: u64,
    },
    Snapshot {
        seq: u64,
    },
    CleanMark,
    /// Being written, or left behind by a crash in the middle of that.
    Temporary,
    /// The lock file, and whatever isn't ours.
    Other,
}

impl FileKind {
    /// Whether it means that there is a store, or a part of one.
    pub(crate) fn is_of_store(self) -> bool {
        match self {
            FileKind::Segment { .. } | FileKind::Snapshot { .. } | FileKind::CleanMark => true,
            FileKind::Temporary | FileKind::Other => false,
        }
    }

    pub(crate) fn of(name: &str) -> FileKind {
        if let Some(stem) = name.strip_suffix(TEMPORARY_SUFFIX) {
            return match FileKind::of_final(stem) {
                FileKind::Other => FileKind::Other,
                _ => FileKind::Temporary,
            };
        }
        FileKind::of_final(name)
    }

    fn of_final(name: &str) -> FileKind {
        if name == CLEAN {
            FileKind::CleanMark
        } else if let Some(number) = name.strip_suffix(SEGMENT_SUFFIX).and_then(number) {
            FileKind::Segment { number }
        } else if let Some(seq) = name.strip_suffix(SNAPSHOT_SUFFIX).and_then(number) {
            FileKind::Snapshot { seq }
        } else {
            FileKind::Other
        }
    }
}

pub(crate) fn segment(number: u64) -> String {
    format!("{number:020}{SEGMENT_SUFFIX}")
}

pub(crate) fn snapshot(seq: u64) -> String {
    format!("{seq:020}{SNAPSHOT_SUFFIX}")
}

/// The manifest of a backup.
pub(crate) const BACKUP: &str = "BACKUP";

/// Says that a directory is an archive: its files are those of a store, but it lacks the newest.
pub(crate) const ARCHIVE: &str = "ARCHIVE";

/// A piece of a backup: what `file`, whose header has this hash, holds from `offset` on.
pub(crate) fn piece(file: &str, header_hash: u64, offset: u64) -> String {
    format!("{file}.{header_hash:016x}.{offset:020}")
}

pub(crate) fn temporary(name: &str) -> String {
    format!("{name}{TEMPORARY_SUFFIX}")
}

fn number(digits: &str) -> Option<u64> {
    (digits.len() == DIGITS && digits.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| digits.parse().ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_tells_what_the_file_is() {
        assert_eq!(FileKind::of(&segment(7)), FileKind::Segment { number: 7 });
        assert_eq!(FileKind::of(&snapshot(u64::MAX)), FileKind::Snapshot { seq: u64::MAX });
        assert_eq!(FileKind::of(CLEAN), FileKind::CleanMark);
        for name in [segment(7), snapshot(7), CLEAN.to_owned()] {
            assert_eq!(FileKind::of(&temporary(&name)), FileKind::Temporary);
        }
    }

    #[test]
    fn a_foreign_name_is_none_of_ours() {
        for name in [
            "LOCK",
            "notes.txt",
            "1.journal",
            "+0000000000000000001.journal",
            "99999999999999999999.journal",
            "notes.tmp",
            ".journal",
        ] {
            assert_eq!(FileKind::of(name), FileKind::Other, "{name}");
        }
    }
}
