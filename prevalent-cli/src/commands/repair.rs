//! `prevalent repair`: says what it would do, or does it.

use std::io::Write;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use prevalent::inspect::{Lost, RepairPlan, RepairStep, repair};
use serde_json::{Value, json};

use super::{Form, Outcome, next_open};
use crate::args::Repair;
use crate::exit::Exit;
use crate::human;
use crate::output::{GREEN, Paint, RED, YELLOW, data, json_line, path};

pub(super) fn run(args: &Repair, form: Form) -> Outcome {
    let aside = aside(&args.dir);
    let repair = repair(&args.dir).aside(&aside);
    let (plan, kept_in, store) = if args.apply {
        let repaired = repair.apply()?;
        (repaired.plan, repaired.aside, Some(repaired.store.to_string()))
    } else {
        (repair.plan()?, None, None)
    };
    if form == Form::Json {
        json_line(&json!({
            "applied": args.apply && !plan.steps.is_empty(),
            "steps": plan.steps.iter().map(step_json).collect::<Vec<_>>(),
            "seq": plan.seq,
            "lost": plan.lost.map(|lost| json!({
                "first": lost.first, "last_known": lost.last_known,
            })),
            "originals": kept_in.as_deref().map(path),
            "store": store,
        }))?;
        return Ok(Exit::Done);
    }
    let mut out = data();
    out.write_all(text(&plan, kept_in.as_deref(), args).as_bytes())?;
    out.flush()?;
    Ok(Exit::Done)
}

/// `DIR.before-repair-20260703T101112Z`, with a number behind it where that is there already.
fn aside(dir: &Path) -> PathBuf {
    let time = Timestamp::now().strftime("%Y%m%dT%H%M%SZ").to_string();
    let numbered = (2..).map(|number| format!("{time}-{number}"));
    let mut paths = std::iter::once(time.clone()).chain(numbered).map(|time| aside_at(dir, &time));
    paths.find(|path| !path.exists()).unwrap_or_default()
}

fn aside_at(dir: &Path, time: &str) -> PathBuf {
    // `.` and `..` have no name of their own, and a link may lead to another filesystem.
    let dir = match dir.canonicalize() {
        Ok(found) if dir.file_name().is_none() || dir.is_symlink() => found,
        _ => dir.to_owned(),
    };
    let mut name = dir.file_name().unwrap_or_default().to_owned();
    name.push(format!(".before-repair-{time}"));
    dir.with_file_name(name)
}

fn text(plan: &RepairPlan, kept_in: Option<&Path>, args: &Repair) -> String {
    let paint = Paint::of_stdout();
    if plan.steps.is_empty() {
        let seq = plan.seq;
        return format!(
            "{}: the store opens, and goes on behind #{seq}\n",
            paint.show(GREEN, "nothing to do")
        );
    }
    let mut lines: Vec<String> = plan.steps.iter().map(|step| step_text(step, paint)).collect();
    lines.push(match plan.lost {
        None => format!("{}: the store goes on behind #{}", paint.show(GREEN, "nothing is lost"), plan.seq),
        Some(Lost { first, last_known: Some(last), .. }) => format!(
            "{}: {} from #{first} to #{last}, and whatever came later; the store goes on behind #{}",
            paint.show(RED, "lost"),
            human::counted(last.get() - first.get() + 1, "sequence number"),
            plan.seq
        ),
        Some(Lost { first, .. }) => format!(
            "{}: whatever there was from #{first} on; the store goes on behind #{}",
            paint.show(RED, "lost"),
            plan.seq
        ),
    });
    match kept_in {
        Some(aside) => lines.push(format!("done; the originals are in `{}`", aside.display())),
        None if args.apply => {}
        None => {
            let goes_on = plan.steps.iter().find_map(|step| match step {
                RepairStep::GoOn { originals, .. } => Some(originals.clone()),
                _ => None,
            });
            lines.push(format!(
                "{}: with `--apply`, this is done; what is replaced is kept in `{}`",
                paint.show(YELLOW, "nothing was changed"),
                // When that will be, nobody knows.
                goes_on.unwrap_or_else(|| aside_at(&args.dir, "TIME")).display()
            ));
        }
    }
    lines.join("\n") + "\n"
}

fn step_text(step: &RepairStep, paint: Paint) -> String {
    match step {
        RepairStep::SetAside { file, why, .. } => {
            format!("{} `{}`: {why}", paint.show(YELLOW, "moves aside"), file.display())
        }
        RepairStep::DropTail(tail) => format!(
            "{} {} at the journal's end, `{}` from byte {} on, which are bad without a sign of a crash",
            paint.show(YELLOW, "leaves out"),
            human::bytes(tail.bytes),
            tail.file.display(),
            tail.offset
        ),
        RepairStep::MakeAnew { snapshot_seq, transactions, why, .. } => format!(
            "{} out of the snapshot of #{snapshot_seq} and {}, and gives it another id: {why}",
            paint.show(YELLOW, "makes the store anew"),
            human::counted(*transactions, "transaction")
        ),
        RepairStep::GoOn { originals, .. } => format!(
            "{} with a repair that was interrupted; the originals are in `{}`",
            paint.show(YELLOW, "goes on"),
            originals.display()
        ),
        _ => "does something that this version can't name".to_owned(),
    }
}

fn step_json(step: &RepairStep) -> Value {
    match step {
        RepairStep::SetAside { file, why, .. } => {
            json!({ "step": "set_aside", "file": path(file), "why": next_open::error(why) })
        }
        RepairStep::DropTail(tail) => {
            json!({ "step": "drop_tail", "tail": next_open::tail(tail) })
        }
        RepairStep::MakeAnew { snapshot_seq, transactions, why, .. } => json!({
            "step": "make_anew",
            "snapshot_seq": snapshot_seq,
            "transactions": transactions,
            "why": next_open::error(why),
        }),
        RepairStep::GoOn { originals, .. } => {
            json!({ "step": "go_on", "originals": path(originals) })
        }
        _ => Value::Null,
    }
}
