//! What the command line says.

use std::time::Duration;

use crate::failure::Result;
use crate::site::{Kind, Site};

/// How it is called.
pub(crate) const USAGE: &str = "\
usage: cargo run -p prevalent-mutants -- COMMAND

  list             the sites, with their numbers
  check            fails where the catalogue is not what the code has
  write            writes the catalogue anew; the reasons in it stay
  run [OPTIONS]    builds the copy, takes the sites out one by one, and prints what noticed

  --only TEXT      the sites in which the text occurs: a file, a function, a part of the code; can be given again
  --kind KIND      the sites of a kind (\"file sync\", \"latch\", \"bound\", ...); can be given again
  --from NUMBER    those from this number on
  --again          those that were caught before, too
  --stands         those that the catalogue says nothing can notice, too
  --seconds N      no longer than this for a site: what is not caught by then is told as unknown
  --jobs N         so many tests at once (1)
  --without TEST   leaves out a program of tests (`evolution`, which takes minutes to compile, unless this is given)
";

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    List,
    Check,
    Write,
    Run,
}

/// What is to be done, and to which sites.
#[derive(Debug)]
pub(crate) struct Options {
    pub(crate) command: Command,
    pub(crate) choice: Choice,
    pub(crate) budget: Option<Duration>,
    pub(crate) jobs: usize,
    pub(crate) left_out: Vec<String>,
}

/// Which sites are run.
#[derive(Debug, Default)]
pub(crate) struct Choice {
    only: Vec<String>,
    kinds: Vec<Kind>,
    from: u32,
    pub(crate) caught: Again,
    pub(crate) standing: Again,
}

/// Whether what need not be run is run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Again {
    #[default]
    Not,
    Too,
}

impl Options {
    pub(crate) fn parse(mut words: impl Iterator<Item = String>) -> Result<Options> {
        let command = match words.next().as_deref() {
            Some("list") => Command::List,
            Some("check") => Command::Check,
            Some("write") => Command::Write,
            Some("run") => Command::Run,
            _ => return Err(USAGE.into()),
        };
        let mut options = Options {
            command,
            choice: Choice::default(),
            budget: None,
            jobs: 1,
            left_out: Vec::new(),
        };
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or_else(|| format!("`{word}` needs a value"));
            match word.as_str() {
                "--only" => options.choice.only.push(value()?),
                "--kind" => {
                    let name = value()?;
                    let kind = Kind::named(&name);
                    options.choice.kinds.push(kind.ok_or_else(|| format!("no kind `{name}`"))?);
                }
                "--from" => options.choice.from = value()?.parse()?,
                "--again" => options.choice.caught = Again::Too,
                "--stands" => options.choice.standing = Again::Too,
                "--seconds" => options.budget = Some(Duration::from_secs(value()?.parse()?)),
                "--jobs" => options.jobs = value()?.parse::<usize>()?.max(1),
                "--without" => options.left_out.push(value()?),
                _ => return Err(format!("`{word}` is not known\n\n{USAGE}").into()),
            }
        }
        if options.left_out.is_empty() {
            options.left_out.push("evolution".to_owned());
        }
        Ok(options)
    }
}

impl Choice {
    /// Whether a site is asked for.
    pub(crate) fn has(&self, site: &Site) -> bool {
        let name = format!("{} {}", site.key, site.number);
        site.number >= self.from
            && (self.kinds.is_empty() || self.kinds.contains(&site.kind))
            && (self.only.is_empty() || self.only.iter().any(|text| name.contains(text)))
    }
}
