//! What became of the mutants so far, in a file: a run that was ended goes on where it was.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::failure::Result;
use crate::run::Verdict;
use crate::site::Site;

/// Results by site.
#[derive(Debug)]
pub(crate) struct Results {
    path: PathBuf,
    all: BTreeMap<String, Noted>,
}

/// What became of a mutant.
#[derive(Clone, Debug)]
pub(crate) struct Noted {
    pub(crate) verdict: Verdict,
    pub(crate) took: Duration,
    /// The code around the site, as it was then.
    code: u64,
}

impl Results {
    pub(crate) fn read(path: &Path) -> Result<Results> {
        let mut all = BTreeMap::new();
        let text = if path.exists() { fs::read_to_string(path)? } else { String::new() };
        for line in text.lines() {
            let [key, verdict, by, tests, ms, code] = line.split('\t').collect::<Vec<_>>()[..]
            else {
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
            let (took, code) = (Duration::from_millis(ms.parse()?), code.parse()?);
            all.insert(key.to_owned(), Noted { verdict, took, code });
        }
        Ok(Results { path: path.to_owned(), all })
    }

    /// What became of it, whatever the code around it was then.
    pub(crate) fn last(&self, site: &Site) -> Option<&Noted> {
        self.all.get(&site.key.to_string())
    }

    /// What became of it, with the function that it is in as it is now.
    pub(crate) fn get(&self, site: &Site) -> Option<&Noted> {
        self.last(site).filter(|noted| noted.code == site.code)
    }

    pub(crate) fn put(&mut self, site: &Site, verdict: &Verdict, took: Duration) -> Result<()> {
        let Site { key, code, .. } = site;
        let (name, by, tests) = match verdict {
            Verdict::Caught { by } => ("caught", by.as_str(), 0),
            Verdict::Hung { by } => ("hung", by.as_str(), 0),
            Verdict::Survived { tests } => ("survived", "", *tests),
            Verdict::NotReached => ("unreached", "", 0),
            Verdict::Unknown { tests } => ("unknown", "", *tests),
        };
        let mut file = fs::OpenOptions::new().append(true).create(true).open(&self.path)?;
        writeln!(file, "{key}\t{name}\t{by}\t{tests}\t{}\t{code}", took.as_millis())?;
        let noted = Noted { verdict: verdict.clone(), took, code: *code };
        self.all.insert(key.to_string(), noted);
        Ok(())
    }
}
