//! `prevalent restore`.

use super::{Form, Outcome, new_store};
use crate::args::Restore;
use crate::progress::spinner;

pub(super) fn run(args: &Restore, form: Form) -> Outcome {
    let mut restore = prevalent::restore(args.target.as_path());
    if let Some(point) = args.at {
        restore = restore.at(point);
    }
    let spinner = spinner("restoring");
    let made = restore.to(&args.dir).wait();
    spinner.finish_and_clear();
    new_store::tell(&made?, &args.dir, form)
}
