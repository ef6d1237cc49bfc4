//! The name of a case: what it takes to come to the same crash once more.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use crate::disk::sim::Fault;
use crate::durability::Durability;

/// Which history, what fails in it, and where it crashes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Case {
    pub(super) seed: u64,
    pub(super) durability: Durability,
    pub(super) failing: Option<Failing>,
    /// The crash of the history, then that of the recovery from it, and so on. None where it is about the history itself.
    pub(super) crashes: Vec<CrashAt>,
}

/// Which operation fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Failing {
    pub(super) operation: usize,
    pub(super) fault: Fault,
    pub(super) lasting: Lasting,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lasting {
    Once,
    /// All that come later fail, too.
    ForGood,
}

/// A crash after so many operations, and which of the images.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct CrashAt {
    pub(super) point: usize,
    pub(super) image: usize,
}

impl Case {
    pub(super) fn new(seed: u64, durability: Durability) -> Self {
        Case { seed, durability, failing: None, crashes: Vec::new() }
    }

    pub(super) fn failing(&self, failing: Failing) -> Self {
        Case { failing: Some(failing), ..self.clone() }
    }

    /// The case in which what this one left crashes, while it is recovered.
    pub(super) fn then(&self, point: usize, image: usize) -> Self {
        let mut case = self.clone();
        case.crashes.push(CrashAt { point, image });
        case
    }

    /// The history, without a crash.
    pub(super) fn history(&self) -> Self {
        Case { crashes: Vec::new(), ..self.clone() }
    }
}

/// `7/always`, with what fails `7/always/Eio@12` (once) or `7/always/Eio@12..` (for good), then a crash after another:
/// `7/always/41:3/5:0`.
impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/", self.seed)?;
        match self.durability {
            Durability::Always => write!(f, "always")?,
            Durability::Manual => write!(f, "manual")?,
            Durability::Every(interval) => write!(f, "every-{}us", interval.as_micros())?,
        }
        if let Some(Failing { operation, fault, lasting }) = self.failing {
            let dots = if lasting == Lasting::ForGood { ".." } else { "" };
            write!(f, "/{fault:?}@{operation}{dots}")?;
        }
        for CrashAt { point, image } in &self.crashes {
            write!(f, "/{point}:{image}")?;
        }
        Ok(())
    }
}

/// A text that names no case.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NoCase;

impl FromStr for Case {
    type Err = NoCase;

    fn from_str(text: &str) -> Result<Self, NoCase> {
        let mut parts = text.split('/').peekable();
        let seed = number(parts.next())?;
        let durability = match parts.next().ok_or(NoCase)? {
            "always" => Durability::Always,
            "manual" => Durability::Manual,
            every => {
                let us = every.strip_prefix("every-").and_then(|rest| rest.strip_suffix("us"));
                Durability::Every(Duration::from_micros(number(us)?))
            }
        };
        let failing = parts.next_if(|part| part.contains('@')).map(failing).transpose()?;
        let crashes = parts
            .map(|part| {
                let (point, image) = part.split_once(':').ok_or(NoCase)?;
                Ok(CrashAt { point: number(Some(point))?, image: number(Some(image))? })
            })
            .collect::<Result<_, _>>()?;
        Ok(Case { seed, durability, failing, crashes })
    }
}

fn failing(part: &str) -> Result<Failing, NoCase> {
    let (name, operation) = part.split_once('@').ok_or(NoCase)?;
    let fault = Fault::ALL.into_iter().find(|fault| format!("{fault:?}") == name).ok_or(NoCase)?;
    let (operation, lasting) = match operation.strip_suffix("..") {
        Some(operation) => (operation, Lasting::ForGood),
        None => (operation, Lasting::Once),
    };
    Ok(Failing { operation: number(Some(operation))?, fault, lasting })
}

fn number<T: FromStr>(text: Option<&str>) -> Result<T, NoCase> {
    text.and_then(|text| text.parse().ok()).ok_or(NoCase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_is_found_again_by_its_name() {
        let always = Case::new(7, Durability::Always);
        let manual = Case::new(u64::MAX, Durability::Manual).then(41, 3).then(5, 0);
        let failing = Failing { operation: 12, fault: Fault::Eio, lasting: Lasting::Once };
        let every = Case::new(0, Durability::Every(Duration::from_millis(3))).failing(failing);
        let for_good = every.failing(Failing { lasting: Lasting::ForGood, ..failing }).then(13, 1);
        let names = [
            "7/always",
            "18446744073709551615/manual/41:3/5:0",
            "0/every-3000us/Eio@12",
            "0/every-3000us/Eio@12../13:1",
        ];
        for (case, name) in [always, manual, every, for_good].into_iter().zip(names) {
            assert_eq!(case.to_string(), name);
            assert_eq!(name.parse(), Ok(case));
        }
    }

    #[test]
    fn what_names_no_case_is_refused() {
        for text in
            ["", "7", "x/always", "7/sometimes", "7/every-3", "7/always/Oops@1", "7/always/1:x"]
        {
            assert_eq!(text.parse::<Case>(), Err(NoCase), "{text}");
        }
    }
}
