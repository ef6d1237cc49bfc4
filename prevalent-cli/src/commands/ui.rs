//! `prevalent ui`.
use super::Outcome;
use crate::args::Look;
use crate::failure::Failure;
pub(super) fn run(look: &Look) -> Outcome {
    Err(Failure::usage(look.dir.display()))
}
