//! `prevalent fork`.

use super::{Form, Outcome, new_store};
use crate::args::Fork;
use crate::progress::spinner;

pub(super) fn run(args: &Fork, form: Form) -> Outcome {
    let mut fork = prevalent::fork(&args.look.dir);
    if let Some(archive) = &args.look.archive {
        fork = fork.archive(archive);
    }
    if let Some(point) = args.at {
        fork = fork.at(point);
    }
    let spinner = spinner("forking");
    let made = fork.to(&args.to).wait();
    spinner.finish_and_clear();
    new_store::tell(&made?, &args.to, form)
}
