//! What stands in the place of the clean mark while files change places: no open accepts it, and the next repair learns from
//! it how to go on.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::{Lost, RepairPlan, RepairStep};
use crate::disk::Disk;
use crate::disk::publish::publish;
use crate::disk::transfer::read_prefix;
use crate::error::Error;
use crate::format::names;

/// What it begins with. The place of the originals follows.
const BEGINNING: &str = "prevalent: a repair is going on; the originals are in ";

/// No guard is longer: whatever else lies there may be.
const BYTES_MAX: usize = 64 << 10;

/// A repair in the middle of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Guard {
    /// Where the originals are, or go.
    pub(super) aside: PathBuf,
    pub(super) phase: Phase,
    /// What will be the last sequence number.
    pub(super) seq: u64,
    pub(super) lost: Option<Lost>,
}

/// What is being moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    Originals,
    /// No original is left in the directory.
    NewStore,
}

impl Phase {
    fn name(self) -> &'static str {
        match self {
            Phase::Originals => "the originals",
            Phase::NewStore => "the new store",
        }
    }
}

impl Guard {
    /// The one in this directory, if there is one.
    ///
    /// # Errors
    ///
    /// `Io`; `Corrupt` where there is one that doesn't say how to go on.
    pub(super) fn read(store: &dyn Disk) -> Result<Option<Self>, Error> {
        let bytes = match store.open(names::CLEAN).and_then(|it| read_prefix(&*it, BYTES_MAX)) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            bytes => {
                bytes.map_err(|error| Error::io(&store.path_of(names::CLEAN), "read", error))?
            }
        };
        // No guard is anything else than text.
        let text = str::from_utf8(&bytes).ok().and_then(|text| text.strip_prefix(BEGINNING));
        let Some(text) = text else { return Ok(None) };
        let aside = text.lines().next().unwrap_or_default();
        let parsed = Guard::parse(text);
        parsed.map(Some).ok_or_else(|| by_hand(store, Path::new(aside)))
    }

    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        let aside = PathBuf::from(lines.next()?);
        let mut value = |name: &str| lines.next()?.strip_prefix(name);
        let moved = value("moved now: ")?;
        let phases = [Phase::Originals, Phase::NewStore];
        let phase = phases.into_iter().find(|phase| phase.name() == moved)?;
        let seq = value("kept through: ")?.parse().ok()?;
        let lost = match value("lost: ")? {
            "nothing" => None,
            range => {
                let (first, last) = range.split_once(" to ")?;
                let first = first.parse::<u64>().ok()?.into();
                let last = if last == "?" { None } else { Some(last.parse::<u64>().ok()?.into()) };
                Some(Lost { first, last_known: last })
            }
        };
        Some(Guard { aside, phase, seq, lost })
    }

    /// Puts it into the place of the clean mark.
    pub(super) fn write(&self, store: &dyn Disk) -> Result<(), Error> {
        let Guard { aside, phase, seq, lost } = self;
        let aside = aside.to_str().filter(|path| !path.contains('\n')).ok_or_else(|| {
            let what = "its name has something in it that can't be written down";
            Error::io(aside, "name", std::io::Error::new(ErrorKind::InvalidInput, what))
        })?;
        let lost = match lost {
            None => "nothing".to_owned(),
            Some(Lost { first, last_known: Some(last) }) => format!("{first} to {last}"),
            Some(Lost { first, last_known: None }) => format!("{first} to ?"),
        };
        let phase = phase.name();
        let text =
            format!("{BEGINNING}{aside}\nmoved now: {phase}\nkept through: {seq}\nlost: {lost}\n");
        let published = publish(store, names::CLEAN, text.as_bytes());
        published.map(drop).map_err(|failure| failure.at(store))
    }

    pub(super) fn plan(&self) -> RepairPlan {
        let steps = vec![RepairStep::GoOn { originals: self.aside.clone() }];
        RepairPlan { steps, seq: self.seq.into(), lost: self.lost }
    }
}

/// Where nobody knows how to go on.
pub(super) fn by_hand(store: &dyn Disk, aside: &Path) -> Error {
    let what = format!(
        "a repair of this store was interrupted, and can't go on; move all files that are in `{}` back to where they were, and begin again",
        aside.display()
    );
    Error::corrupt(store.path_of(names::CLEAN), 0, None, what)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::sim::{ReadFault, SimDisk};

    #[test]
    fn what_is_written_is_read_back_and_what_says_too_little_is_an_error() {
        let disk = SimDisk::new();
        assert_eq!(Guard::read(&disk).unwrap(), None);
        let lost =
            |last: Option<u64>| Some(Lost { first: 6.into(), last_known: last.map(Into::into) });
        for lost in [None, lost(None), lost(Some(10))] {
            for phase in [Phase::Originals, Phase::NewStore] {
                let guard = Guard { aside: "/a b/c".into(), phase, seq: 5, lost };
                guard.write(&disk).unwrap();
                assert_eq!(Guard::read(&disk).unwrap(), Some(guard));
            }
        }
        disk.set_file(names::CLEAN, format!("{BEGINNING}/somewhere\n").into_bytes());
        let error = Guard::read(&disk).unwrap_err();
        assert!(error.to_string().contains("`/somewhere`"), "{error}");
        for other in [b"prvl-end".to_vec(), vec![0xff; 200_000], vec![b'x'; 200_000]] {
            disk.set_file(names::CLEAN, other);
            assert_eq!(Guard::read(&disk).unwrap(), None);
        }
    }

    #[test]
    fn a_path_that_can_not_be_written_down_is_an_error() {
        let disk = SimDisk::new();
        let guard = Guard { aside: "/a\nb".into(), phase: Phase::Originals, seq: 5, lost: None };
        assert!(matches!(guard.write(&disk), Err(Error::Io { operation: "name", .. })));
        assert!(disk.file_names().is_empty());
    }

    #[test]
    fn a_guard_that_can_not_be_read_is_an_error_and_no_missing_one() {
        let disk = SimDisk::new();
        disk.set_file(names::CLEAN, BEGINNING.into());
        disk.fail_reads(names::CLEAN, ReadFault::Eio);
        assert!(matches!(Guard::read(&disk), Err(Error::Io { operation: "read", .. })));
    }
}
