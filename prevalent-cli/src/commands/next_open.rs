//! What the next open would do, in words and as JSON.

use std::fmt::Write as _;

use prevalent::Error;
use prevalent::inspect::{NextOpen, Opening};
use serde_json::{Value, json};

use crate::failure::exit_of;
use crate::human;
use crate::output::{GREEN, Paint, RED, YELLOW, path};

/// In words, over several lines.
pub(super) fn text(next: &NextOpen, paint: Paint) -> String {
    match next {
        NextOpen::Opens(opening) => opens(opening, paint),
        NextOpen::Refuses(error) => {
            format!("{}: {}", paint.show(RED, "refuses"), human::tame(&error.to_string()))
        }
        _ => "is not known to this version".to_owned(),
    }
}

fn opens(opening: &Opening, paint: Paint) -> String {
    let replay = match opening.transactions {
        0 => "replays nothing".to_owned(),
        number => format!("replays {}", human::counted(number, "transaction")),
    };
    let style = if opening.dropped_tail.is_some() { YELLOW } else { GREEN };
    let mut text = format!(
        "{}: loads the snapshot of #{}, {replay}, and goes on behind #{}",
        paint.show(style, "opens"),
        opening.snapshot_seq,
        opening.seq
    );
    if opening.unconfirmed > 0 {
        let number = human::counted(opening.unconfirmed, "transaction");
        let _ =
            write!(text, "; copies {number} that nothing says to be durable into a new segment");
    }
    if let Some(tail) = &opening.dropped_tail {
        let bytes = human::bytes(tail.bytes);
        let _ = write!(
            text,
            "\n{}: {bytes} at the journal's end, which a crash has torn (`{}` from byte {} on)",
            paint.show(YELLOW, "drops"),
            tail.file.display(),
            tail.offset
        );
    }
    for error in &opening.damaged {
        let error = error.to_string();
        let _ = write!(
            text,
            "\n{}: {}",
            paint.show(RED, "not needed, but damaged"),
            human::tame(&error)
        );
    }
    text
}

pub(super) fn json(next: &NextOpen) -> Value {
    match next {
        NextOpen::Opens(opening) => json!({
            "opens": true,
            "snapshot_seq": opening.snapshot_seq,
            "seq": opening.seq,
            "transactions": opening.transactions,
            "closed_cleanly": opening.closed_cleanly,
            "unconfirmed": opening.unconfirmed,
            "dropped_tail": opening.dropped_tail.as_ref().map(tail),
            "damaged": opening.damaged.iter().map(error).collect::<Vec<_>>(),
        }),
        NextOpen::Refuses(refusal) => json!({ "opens": false, "error": error(refusal) }),
        _ => Value::Null,
    }
}

pub(super) fn tail(tail: &prevalent::DroppedTail) -> Value {
    json!({
        "file": path(&tail.file),
        "offset": tail.offset,
        "bytes": tail.bytes,
        "next_seq": tail.next_seq,
        "suspect": tail.suspect,
    })
}

/// What is wrong, and where, as far as that is known.
pub(super) fn error(error: &Error) -> Value {
    let (file, offset, seq) = match error {
        Error::Corrupt { file, offset, seq, .. } => (Some(file), Some(*offset), *seq),
        Error::SuspectTail { file, offset, seq, .. } => (Some(file), Some(*offset), Some(*seq)),
        _ => (None, None, None),
    };
    json!({
        "kind": exit_of(error).name(),
        "message": error.to_string(),
        "file": file.map(|file| path(file)),
        "offset": offset,
        "seq": seq,
    })
}
