//! What became of the mutants so far, in a file: a run that was ended goes on where it was.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::failure::Result;
use crate::run::Verdict;
use crate::site::Key;

/// Results by site.
#[derive(Debug)]
pub(crate) struct Results {
    path: PathBuf,
    all: BTreeMap<String, (Verdict, Duration)>,
}

impl Results {
    pub(crate) fn read(path: &Path) -> Result<Results> {
        let mut all = BTreeMap::new();
        let text = if path.exists() { fs::read_to_string(path)? } else { String::new() };
        for line in text.lines() {
            let [key, verdict, by, tests, ms] = line.split('\t').collect::<Vec<_>>()[..] else {
                continue;
            };
            let (by, tests) = (by.to_owned(), tests.parse()?);
            let verdict = match verdict {
                "caught" => Verdict::Caught { by },
                "hung" => Verdict::Hung { by },
                "survived" => Verdict::Survived { tests },
                "unreached" => Verdict::NotReached,
                _ => Verdict::Unknown { tests },
            };
            all.insert(key.to_owned(), (verdict, Duration::from_millis(ms.parse()?)));
        }
        Ok(Results { path: path.to_owned(), all })
    }

    pub(crate) fn get(&self, key: &Key) -> Option<&(Verdict, Duration)> {
        self.all.get(&key.to_string())
    }

    pub(crate) fn put(&mut self, key: &Key, verdict: &Verdict, took: Duration) -> Result<()> {
        let (name, by, tests) = match verdict {
            Verdict::Caught { by } => ("caught", by.as_str(), 0),
            Verdict::Hung { by } => ("hung", by.as_str(), 0),
            Verdict::Survived { tests } => ("survived", "", *tests),
            Verdict::NotReached => ("unreached", "", 0),
            Verdict::Unknown { tests } => ("unknown", "", *tests),
        };
        let mut file = fs::OpenOptions::new().append(true).create(true).open(&self.path)?;
        writeln!(file, "{key}\t{name}\t{by}\t{tests}\t{}", took.as_millis())?;
        self.all.insert(key.to_string(), (verdict.clone(), took));
        Ok(())
    }
}
