//! A file with the schemas of all released versions: today's code must be able to read them (feature `json`).

pub(crate) mod diff;
mod file;

use std::collections::BTreeSet;
use std::fmt::{self, Write as _};
use std::path::Path;

use crate::model::Model;
use crate::resolve::Resolver;
use crate::resolve::released::breaks;
use crate::schema::public::Schema;

/// The environment variable with which today's schema is written to the file.
const BLESS: &str = "PREVALENT_BLESS";

/// Checks that today's code reads whatever the released versions of the program have written, and that today's schema is
/// among theirs (feature `json`).
///
/// The file has the schemas of all released versions, oldest first, and is kept in version control. What is in it is tried
/// out: values of each type are made, and read by today's types and functions. Where something can't be read, this tells what, shows
/// what has changed, and says what to write.
///
/// With the environment variable `PREVALENT_BLESS=1` today's schema is added to the file (which is made where there is none),
/// unless something can't be read. A schema that was never released, or that needs no support any more, is deleted by hand.
///
/// It sees types, by the names of fields and variants. That the *meaning* of a value has changed, and its type has not, it
/// can't see: cents that were euros, a method with another body.
///
/// # Errors
///
/// Where something can't be read; where today's schema is not the newest one in the file; where there is no file, or it is
/// none.
///
/// # Examples
///
/// ```
/// # use prevalent::prevalent;
/// # #[prevalent] #[derive(Default)] struct Counter { count: u64 }
/// # #[prevalent] impl Counter { #[tx] fn add(&mut self) { self.count += 1; } }
/// # let dir = tempfile::tempdir().unwrap();
/// # let path = dir.path().join("counter.schema.json");
/// let missing = prevalent::schema_lock::<Counter>(&path).unwrap_err();
/// assert!(missing.to_string().contains("PREVALENT_BLESS=1"));
/// ```
pub fn schema_lock<M: Model>(path: impl AsRef<Path>) -> Result<(), SchemaLockError> {
    let bless = match std::env::var(BLESS) {
        Ok(value) if value == "1" => Mode::Bless,
        _ => Mode::Check,
    };
    check::<M>(path.as_ref(), bless).map_err(SchemaLockError)
}

/// What a [`schema_lock`] has found. Its text says what to do about it.
pub struct SchemaLockError(String);

impl fmt::Display for SchemaLockError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The text: it is what `main` and `unwrap` print.
impl fmt::Debug for SchemaLockError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for SchemaLockError {}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Check,
    Bless,
}

fn check<M: Model>(path: &Path, mode: Mode) -> Result<(), String> {
    let shown = path.display();
    let resolver = Resolver::<M>::new(0);
    let today = Schema::of::<M>();
    let mut released = file::read(path)?;
    let reused = M::TRANSACTIONS.iter().find(|info| M::REMOVED.contains(&info.name()));
    if let Some(info) = reused {
        return Err(format!(
            "the transaction `{0}` has a name that was removed: `{0}`",
            info.name()
        ));
    }
    let broken = told_breaks(&resolver, &today, released.as_deref().unwrap_or_default());
    if !broken.is_empty() {
        let and_mode = match mode {
            Mode::Bless => format!("; nothing was written with {BLESS}=1"),
            Mode::Check => String::new(),
        };
        return Err(format!(
            "the code can't read what released versions have written, by `{shown}`{and_mode}\n\n{broken}A schema in that file that was never released, or needs no support any more, is deleted by hand."
        ));
    }
    if released.as_ref().and_then(|all| all.last()) == Some(&today) {
        return Ok(());
    }
    if mode == Mode::Bless {
        let all = released.get_or_insert_default();
        all.push(today);
        return file::write(path, all);
    }
    let how = format!("run the test with {BLESS}=1 in the environment, and commit the file");
    Err(match released.as_ref().and_then(|all| all.last()) {
        None => format!("there is no schema in `{shown}` yet: {how}"),
        Some(newest) => format!(
            "the schema of `{}` has changed, and `{shown}` doesn't have it yet; everything that was released can be read\n\n{}\nTo add it to the file, {how}. A schema in it that was never released is deleted by hand.",
            M::NAME,
            diff::diff(&newest.to_string(), &today.to_string())
        ),
    })
}

fn told_breaks<M: Model>(resolver: &Resolver<M>, today: &Schema, released: &[Schema]) -> String {
    let mut text = String::new();
    for (index, schema) in released.iter().enumerate() {
        let breaks = breaks(resolver, schema);
        if breaks.is_empty() {
            continue;
        }
        let _ = writeln!(text, "Schema {} of {}:", index + 1, released.len());
        for one in breaks {
            let _ = writeln!(text, "- {one}");
        }
        text.push_str("\nFrom that schema to today's:\n");
        text.push_str(&diff::diff(&schema.to_string(), &today.to_string()));
        text.push('\n');
    }
    for info in M::TRANSACTIONS {
        for revision in info.old_revisions() {
            let orders = orders_of(info.name(), *revision, released);
            if orders.len() > 1 {
                let _ = writeln!(
                    text,
                    "The transaction `{}` had its arguments in more than one order in revision {revision}: ({}). An upgrade gets them by their places, and can't tell which order it is.\n",
                    info.name(),
                    orders.into_iter().collect::<Vec<_>>().join("), ("),
                );
            }
        }
    }
    text
}

/// The orders in which the arguments of this revision stood.
fn orders_of(tx: &str, revision: u32, released: &[Schema]) -> BTreeSet<String> {
    let of_it = |schema: &Schema| {
        let transactions = schema.transactions.iter();
        let mut found = transactions.filter(|it| it.name == tx && it.revision == revision);
        found.next().map(|it| schema.types.argument_names(it.arguments).join(", "))
    };
    released.iter().filter_map(of_it).collect()
}

#[cfg(test)]
mod tests;
