//! The list of all sites, which is kept beside the code: what is new or gone is noticed.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::Path;

use crate::failure::Result;
use crate::site::{Key, Kind, Site};

/// What is known of the sites.
#[derive(Debug, Default)]
pub(crate) struct Catalogue {
    /// With the reason why no test can notice that it is taken out, where there is one.
    sites: BTreeMap<Key, (Kind, Option<String>)>,
}

/// What the catalogue says of other sites than the code.
#[derive(Debug, Default)]
pub(crate) struct Difference {
    /// In the code only.
    pub(crate) unlisted: Vec<Key>,
    /// In the catalogue only.
    pub(crate) gone: Vec<Key>,
}

/// Begins the line with a reason.
const REASON: &str = "      stands: ";

impl Catalogue {
    /// Reads the file.
    pub(crate) fn read(path: &Path) -> Result<Catalogue> {
        let mut catalogue = Catalogue::default();
        let (mut file, mut function) = (String::new(), String::new());
        let mut last: Option<Key> = None;
        for (index, line) in fs::read_to_string(path)?.lines().enumerate() {
            let wrong = || format!("{}:{}: `{line}`", path.display(), index + 1);
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            if let Some(reason) = line.strip_prefix(REASON) {
                let key = last.as_ref().ok_or_else(wrong)?;
                if let Some((_, stands)) = catalogue.sites.get_mut(key) {
                    *stands = Some(reason.to_owned());
                }
            } else if let Some(site) = line.strip_prefix("    ") {
                let (kind, text) = site.split_once(": ").ok_or_else(wrong)?;
                let kind = Kind::named(kind).ok_or_else(wrong)?;
                let (text, ordinal) = split_ordinal(text);
                let (file, function) = (file.clone(), function.clone());
                let key = Key { file, function, text: text.to_owned(), ordinal };
                catalogue.sites.insert(key.clone(), (kind, None));
                last = Some(key);
            } else if let Some(name) = line.strip_prefix("  ") {
                name.clone_into(&mut function);
            } else {
                line.clone_into(&mut file);
            }
        }
        Ok(catalogue)
    }

    /// Why no test can notice this one.
    pub(crate) fn reason(&self, key: &Key) -> Option<&str> {
        self.sites.get(key)?.1.as_deref()
    }

    pub(crate) fn compare(&self, sites: &[Site]) -> Difference {
        let found: BTreeSet<&Key> = sites.iter().map(|site| &site.key).collect();
        let unlisted = found.iter().filter(|key| !self.sites.contains_key(**key));
        let gone = self.sites.keys().filter(|key| !found.contains(key));
        Difference {
            unlisted: unlisted.map(|&key| key.clone()).collect(),
            gone: gone.cloned().collect(),
        }
    }

    /// Writes the file anew for these sites; the reasons stay.
    pub(crate) fn write(&self, path: &Path, sites: &[Site]) -> Result<()> {
        let mut out = HEAD.to_owned();
        let (mut file, mut function) = ("", "");
        let mut sorted: Vec<&Site> = sites.iter().collect();
        sorted.sort_by_key(|site| (&site.key.file, site.line));
        for Site { key, kind, .. } in sorted {
            if key.file != file {
                write!(out, "\n{}\n", key.file)?;
                (file, function) = (&key.file, "");
            }
            if key.function != function {
                writeln!(out, "  {}", key.function)?;
                function = &key.function;
            }
            write!(out, "    {}: {}", kind.name(), key.text)?;
            if key.ordinal > 1 {
                write!(out, " ({})", key.ordinal)?;
            }
            out.push('\n');
            if let Some(reason) = self.reason(key) {
                writeln!(out, "{REASON}{reason}")?;
            }
        }
        Ok(fs::write(path, out)?)
    }
}

const HEAD: &str = "\
# What can be taken out of the library: written by `cargo run -p prevalent-mutants -- write`.
#
# A file below `prevalent/src`, its functions, their sites. A line `stands:` below a site is written by hand: why no test
# can notice that it is taken out.
";

/// The number behind a text that occurs more than once.
fn split_ordinal(text: &str) -> (&str, usize) {
    text.strip_suffix(')')
        .and_then(|text| text.rsplit_once(" ("))
        .and_then(|(text, ordinal)| Some((text, ordinal.parse().ok()?)))
        .unwrap_or((text, 1))
}
