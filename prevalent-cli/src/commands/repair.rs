//! `prevalent repair`.
use super::{Form, Outcome};
use crate::args::Repair;
use crate::failure::Failure;
pub(super) fn run(args: &Repair, _form: Form) -> Outcome {
    Err(Failure::usage(args.dir.display()))
}
