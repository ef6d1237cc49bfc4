//! `prevalent schema`: the types that are stored.

use std::io::Write;
use std::path::Path;

use prevalent::Schema;
use prevalent::inspect::StoreFiles;
use serde_json::{Value, json};

use super::{Form, Outcome, files};
use crate::args;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::human;
use crate::output::{DIM, GREEN, Paint, RED, data, json_line};

pub(super) fn run(args: &args::Schema, form: Form) -> Outcome {
    let files = files(&args.look)?;
    if let Some([a, b]) = args.diff.as_deref() {
        let (a, b) = (named(a, &files)?, named(b, &files)?);
        return diff(&a, &b, form);
    }
    let schema = match args.at {
        Some(seq) => files.schema_at(seq)?,
        None => files.schema()?,
    };
    let mut out = data();
    match form {
        Form::Json => writeln!(out, "{}", human::tame_json(&schema.to_json()))?,
        Form::Text => out.write_all(human::tame(&schema.to_string()).as_bytes())?,
    }
    out.flush()?;
    Ok(Exit::Done)
}

/// That of this store at a sequence number, that of another store, or one in a file.
fn named(name: &str, files: &StoreFiles) -> Result<Schema, Failure> {
    let path = Path::new(name);
    if path.is_dir() {
        return Ok(StoreFiles::at(path)?.schema()?);
    }
    if path.is_file() {
        let read = std::fs::read_to_string(path);
        let json = read.map_err(|error| {
            Failure::new(Exit::Failed, format_args!("could not read `{name}`: {error}"))
        })?;
        return Schema::from_json(&json).map_err(|error| {
            Failure::new(Exit::Failed, format_args!("`{name}` is no schema as JSON: {error}"))
        });
    }
    match name.parse::<u64>() {
        Ok(seq) => Ok(files.schema_at(seq.into())?),
        Err(_) => Err(Failure::new(
            Exit::NotThere,
            format_args!("`{name}` is no sequence number, no store's directory, and no file"),
        )),
    }
}

fn diff(a: &Schema, b: &Schema, form: Form) -> Outcome {
    let text = a.diff(b);
    let changed = |sign| -> Vec<Value> {
        let lines = text.lines().filter_map(|line| line.strip_prefix(sign));
        lines.map(Value::from).collect()
    };
    if form == Form::Json {
        json_line(&json!({
            "equal": a == b, "removed": changed("− "), "added": changed("+ "),
        }))?;
        return Ok(Exit::Done);
    }
    let paint = Paint::of_stdout();
    let mut out = data();
    for line in text.lines() {
        let style = match line.chars().next() {
            Some('−') => RED,
            Some('+') => GREEN,
            _ => DIM,
        };
        writeln!(out, "{}", paint.show(style, line))?;
    }
    out.flush()?;
    Ok(Exit::Done)
}
