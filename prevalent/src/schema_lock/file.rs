//! The file of a schema lock.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use crate::json::schema::{Entries, from_tree};
use crate::json::tree::Tree;
use crate::schema::public::Schema;

/// What is written, and the newest that is read.
const VERSION: u64 = 1;

/// The released schemas, oldest first; `None` where there is no file.
pub(super) fn read(path: &Path) -> Result<Option<Vec<Schema>>, String> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(format!("could not read `{}`: {error}", path.display())),
    };
    let all = serde_json::from_str(&text).map_err(|error| error.to_string());
    let all = all.and_then(|tree: Tree| parse(&tree));
    all.map(Some).map_err(|error| format!("`{}` is no file of schemas: {error}", path.display()))
}

fn parse(tree: &Tree) -> Result<Vec<Schema>, String> {
    let mut file = Entries::of(tree, "the file")?;
    let version = file.number("schema_lock")?;
    if version > VERSION {
        return Err(format!("a newer version of prevalent wrote it (schema lock {version})"));
    }
    let Tree::List(all) = file.take("released")? else {
        return Err("`released` is no array".to_owned());
    };
    file.finish()?;
    let numbered = |(index, tree)| {
        from_tree(tree).map_err(|error| format!("schema {}: {error}", index + 1_usize))
    };
    all.iter().enumerate().map(numbered).collect()
}

/// Writes the file.
pub(super) fn write(path: &Path, released: &[Schema]) -> Result<(), String> {
    let all: Vec<_> = released.iter().map(Schema::to_json).collect();
    let text = format!("{{\"schema_lock\": {VERSION}, \"released\": [\n{}\n]}}\n", all.join(",\n"));
    fs::write(path, text).map_err(|error| format!("could not write `{}`: {error}", path.display()))
}
