//! `prevalent status`: what there is.

use std::fmt::Write as _;
use std::io::Write as _;

use prevalent::OriginKind;
use prevalent::inspect::{NextOpen, Owner, Status};
use serde_json::{Value, json};

use super::{Form, Outcome, files, next_open};
use crate::args;
use crate::exit::Exit;
use crate::human;
use crate::output::{BOLD, GREEN, Paint, RED, YELLOW, data, json_line, path};

pub(super) fn run(args: &args::Status, form: Form) -> Outcome {
    let files = files(&args.look)?;
    let status = files.status()?;
    let next = if args.quick { None } else { Some(files.next_open()?) };
    match form {
        Form::Json => json_line(&json(&status, next.as_ref()))?,
        Form::Text => {
            let mut out = data();
            out.write_all(text(&status, next.as_ref(), Paint::of_stdout()).as_bytes())?;
            out.flush()?;
        }
    }
    Ok(Exit::Done)
}

fn text(status: &Status, next: Option<&NextOpen>, paint: Paint) -> String {
    let mut text = String::new();
    let mut line = |name: &str, value: &str| {
        let value = value.replace('\n', "\n            ");
        let _ = writeln!(text, "{}{value}", paint.show(BOLD, format_args!("{name:<12}")));
    };
    line("directory", &status.dir.display().to_string());
    line("store", &status.store.map_or_else(|| "not known".to_owned(), |id| id.to_string()));
    line("model", &model(status));
    line("format", &format!("version {}", status.format_version));
    if let Some(origin) = &status.origin {
        let how = match origin.how {
            OriginKind::Restored => "restored from a backup of",
            OriginKind::Forked => "forked from",
            OriginKind::Imported => "imported from",
            _ => "made from",
        };
        line("origin", &format!("{how} {} at #{}", origin.store, origin.seq));
    }
    line("owner", &owner(status.owner, paint));
    let closed = match status.closed {
        Some(time) => human::time(time),
        None if status.owner.is_running() => "it is open".to_owned(),
        None => paint.show(YELLOW, "not since it was last written to"),
    };
    line("closed", &closed);
    let newest = status.newest.map(|(seq, time)| match u64::from(seq) {
        0 => "none yet".to_owned(),
        _ => format!("#{seq}, {}", human::time(time)),
    });
    line("last", &newest.unwrap_or_else(|| "not known".to_owned()));
    line("journal", &journal(status, paint));
    line("snapshots", &snapshots(status, paint));
    if !status.temporaries.is_empty() {
        line("unfinished", &status.temporaries.join("\n"));
    }
    for error in &status.refused {
        line("damaged", &paint.show(RED, error));
    }
    if let Some(next) = next {
        line("next open", &next_open::text(next, paint));
    }
    text
}

fn model(status: &Status) -> String {
    match (&status.model, status.model_version) {
        (Some(name), Some(version)) => format!("{}, version {version}", human::tame_line(name)),
        _ => "not known: no snapshot can be read".to_owned(),
    }
}

fn owner(owner: Owner, paint: Paint) -> String {
    match owner {
        Owner::Running { pid, .. } => paint.show(GREEN, format_args!("process {pid} has it open")),
        Owner::NotSeen => "none is seen".to_owned(),
        _ => "this system doesn't tell".to_owned(),
    }
}

fn journal(status: &Status, paint: Paint) -> String {
    let bytes: u64 = status.segments.iter().map(|segment| segment.bytes).sum();
    let number = status.segments.len() as u64;
    let mut text = format!("{}, {}", human::counted(number, "segment"), human::bytes(bytes));
    for segment in &status.segments {
        let number = segment.number;
        let bytes = human::bytes(segment.bytes);
        let _ = match &segment.header {
            Ok(header) => write!(
                text,
                "\n{number:>6}  {bytes:>9}  from #{}, made {}{}",
                header.first_seq,
                human::time(header.created),
                if header.rollback { ", with rollback" } else { "" }
            ),
            Err(error) => write!(text, "\n{number:>6}  {bytes:>9}  {}", paint.show(RED, error)),
        };
    }
    text
}

fn snapshots(status: &Status, paint: Paint) -> String {
    let mut text = human::count(status.snapshots.len() as u64);
    for snapshot in &status.snapshots {
        let (seq, bytes) = (format!("#{}", snapshot.seq), human::bytes(snapshot.bytes));
        let _ = match &snapshot.created {
            Ok(time) => write!(text, "\n{seq:>6}  {bytes:>9}  taken {}", human::time(*time)),
            Err(error) => write!(text, "\n{seq:>6}  {bytes:>9}  {}", paint.show(RED, error)),
        };
    }
    text
}

fn json(status: &Status, next: Option<&NextOpen>) -> Value {
    let segments: Vec<Value> = status
        .segments
        .iter()
        .map(|it| {
            let header = it.header.as_ref().ok();
            json!({
                "number": it.number,
                "file": path(&it.file),
                "bytes": it.bytes,
                "first_seq": header.map(|header| header.first_seq),
                "created": header.map(|header| human::timestamp(header.created)),
                "rollback": header.map(|header| header.rollback),
                "error": it.header.as_ref().err().map(next_open::error),
            })
        })
        .collect();
    let snapshots: Vec<Value> = status
        .snapshots
        .iter()
        .map(|it| {
            json!({
                "seq": it.seq,
                "file": path(&it.file),
                "bytes": it.bytes,
                "created": it.created.as_ref().ok().map(|time| human::timestamp(*time)),
                "error": it.created.as_ref().err().map(next_open::error),
            })
        })
        .collect();
    let owner = match status.owner {
        Owner::Running { pid, .. } => json!({ "running": true, "pid": pid }),
        Owner::NotSeen => json!({ "running": false }),
        _ => json!({ "running": null }),
    };
    json!({
        "dir": path(&status.dir),
        "store": status.store.map(|id| id.to_string()),
        "model": status.model,
        "model_version": status.model_version,
        "format_version": status.format_version,
        "origin": status.origin.as_ref().map(|origin| json!({
            "how": format!("{:?}", origin.how).to_lowercase(),
            "store": origin.store.to_string(),
            "seq": origin.seq,
        })),
        "owner": owner,
        "closed": status.closed.map(human::timestamp),
        "newest": status.newest.map(|(seq, time)| {
            json!({ "seq": seq, "time": human::timestamp(time) })
        }),
        "segments": segments,
        "snapshots": snapshots,
        "temporaries": status.temporaries,
        "refused": status.refused.iter().map(next_open::error).collect::<Vec<_>>(),
        "next_open": next.map(next_open::json),
    })
}
