//! `prevalent backup`.

use std::io::Write;

use prevalent::BackupKind;
use serde_json::json;

use super::{Form, Outcome, next_open};
use crate::args;
use crate::exit::Exit;
use crate::human;
use crate::output::{data, json_line, note};
use crate::progress::spinner;

pub(super) fn run(args: &args::Backup, form: Form) -> Outcome {
    let mut backup = prevalent::backup(&args.look.dir);
    if let Some(archive) = &args.look.archive {
        backup = backup.archive(archive);
    }
    let spinner = spinner("backing up");
    let info = backup.to(args.target.as_path()).wait();
    spinner.finish_and_clear();
    let info = info?;
    for error in &info.damaged {
        note(format_args!("left out: {error}"));
    }
    let kind = match info.kind {
        BackupKind::Full => "full",
        _ => "incremental",
    };
    if form == Form::Json {
        json_line(&json!({
            "kind": kind,
            "seq": info.seq,
            "oldest_seq": info.oldest_seq,
            "snapshot_seq": info.snapshot_seq,
            "pieces": info.pieces,
            "bytes": info.bytes,
            "damaged": info.damaged.iter().map(next_open::error).collect::<Vec<_>>(),
        }))?;
        return Ok(Exit::Done);
    }
    let mut out = data();
    writeln!(
        out,
        "{kind} backup in `{}`: {} copied; it can be restored from #{} to #{}",
        args.target.display(),
        human::bytes(info.bytes),
        info.oldest_seq,
        info.seq
    )?;
    out.flush()?;
    Ok(Exit::Done)
}
