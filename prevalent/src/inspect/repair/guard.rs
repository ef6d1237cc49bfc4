//! What stands in the place of the clean mark while files change places: no open accepts it, and the next repair learns from
//! it how to go on.

use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use super::hands::publish;
use super::{Lost, RepairPlan, RepairStep};
use crate::error::Error;
use crate::format::names;

/// What it begins with. The place of the originals follows.
const BEGINNING: &str = "prevalent: a repair is going on; the originals are in ";

/// No guard is longer: whatever else lies there may be.
const BYTES_MAX: u64 = 64 << 10;

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
    pub(super) fn read(dir: &Path) -> Result<Option<Self>, Error> {
        let path = dir.join(names::CLEAN);
        let mut text = String::new();
        match File::open(&path).and_then(|it| it.take(BYTES_MAX).read_to_string(&mut text)) {
            Ok(_) => {}
            // No guard is anything else than text.
            Err(error) if error.kind() == ErrorKind::InvalidData => return Ok(None),
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Error::io(&path, "read", error)),
        }
        let Some(text) = text.strip_prefix(BEGINNING) else { return Ok(None) };
        let aside = text.lines().next().unwrap_or_default();
        let parsed = Guard::parse(text);
        parsed.map(Some).ok_or_else(|| by_hand(dir, Path::new(aside)))
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
    pub(super) fn write(&self, dir: &Path) -> Result<(), Error> {
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
        publish(dir, &names::temporary(names::CLEAN), names::CLEAN, &text)
    }

    pub(super) fn plan(&self) -> RepairPlan {
        let steps = vec![RepairStep::GoOn { originals: self.aside.clone() }];
        RepairPlan { steps, seq: self.seq.into(), lost: self.lost }
    }
}

/// Where nobody knows how to go on.
pub(super) fn by_hand(dir: &Path, aside: &Path) -> Error {
    let what = format!(
        "a repair of this store was interrupted, and can't go on; move all files that are in `{}` back to where they were, and begin again",
        aside.display()
    );
    Error::corrupt(dir.join(names::CLEAN), 0, None, what)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn what_is_written_is_read_back_and_what_says_too_little_is_an_error() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(Guard::read(dir.path()).unwrap(), None);
        let lost =
            |last: Option<u64>| Some(Lost { first: 6.into(), last_known: last.map(Into::into) });
        for lost in [None, lost(None), lost(Some(10))] {
            for phase in [Phase::Originals, Phase::NewStore] {
                let guard = Guard { aside: "/a b/c".into(), phase, seq: 5, lost };
                guard.write(dir.path()).unwrap();
                assert_eq!(Guard::read(dir.path()).unwrap(), Some(guard));
            }
        }
        fs::write(dir.path().join(names::CLEAN), format!("{BEGINNING}/somewhere\n")).unwrap();
        let error = Guard::read(dir.path()).unwrap_err();
        assert!(error.to_string().contains("`/somewhere`"), "{error}");
        for other in [b"prvl-end".to_vec(), vec![0xff; 200_000], vec![b'x'; 200_000]] {
            fs::write(dir.path().join(names::CLEAN), other).unwrap();
            assert_eq!(Guard::read(dir.path()).unwrap(), None);
        }
        let guard = Guard { aside: "/a\nb".into(), phase: Phase::Originals, seq: 5, lost: None };
        assert!(guard.write(dir.path()).is_err());
    }
}
