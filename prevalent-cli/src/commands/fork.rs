//! `prevalent fork`.

use super::{Form, Outcome, new_store};
use crate::args::Fork;
use crate::progress::spinner;

pub(super) fn run(args: &Fork, form: Form) -> Outcome {
    let mut forking = prevalent::fork(&args.look.dir);
    if let Some(archive) = &args.look.archive {
        forking = forking.archive(archive);
    }
    if let Some(point) = args.at {
        forking = forking.at(point);
    }
    let spinner = spinner("forking");
    let made = forking.to(&args.to).wait();
    spinner.finish_and_clear();
    new_store::tell(&made?, &args.to, form)
}
