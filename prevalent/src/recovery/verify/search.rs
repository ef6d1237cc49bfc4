//! Finds the transaction behind which two replays part.

use super::replays::{Between, Replays, points_in};
use crate::digest::Digest;
use crate::model::Model;
use crate::recovery::replay::ReplayError;

/// So many digests are taken in each replay: with 16, a million transactions take five pairs of replays.
const POINTS: u64 = 16;

/// So many pairs of replays may agree before it is believed that all do: the orders of small hash maps are often the same.
const TRIES_MAX: u32 = 4;

/// So many pairs of replays are made at the most.
const ROUNDS_MAX: u32 = 40;

/// Where two replays of the same journal part: behind the first place they agree, and behind the second they don't. `None`
/// where they do the same.
pub(super) fn search<M: Model>(
    replays: &Replays<'_, M>,
) -> Result<Option<(u64, u64)>, ReplayError> {
    let mut place = (replays.from, replays.through());
    let mut is_found = false;
    let mut tries = 0;
    for _ in 0..ROUNDS_MAX {
        let (agrees, differs) = place;
        if tries == TRIES_MAX || agrees == differs || (is_found && agrees + 1 == differs) {
            break;
        }
        let points = points_in(agrees, differs, POINTS);
        let plain = replays.run(&points, Between::Keep)?.digests;
        let reloaded = replays.run(&points, Between::Reload)?.digests;
        let both = |seq: &u64| (plain.get(seq), reloaded.get(seq));
        let parted: Vec<(Option<&Digest>, Option<&Digest>)> = points.iter().map(both).collect();
        match parted.iter().position(|(plain, reloaded)| plain != reloaded) {
            None => tries += 1,
            // What had agreed by chance: it is earlier.
            Some(0) => (place, is_found) = ((replays.from, agrees), true),
            Some(index) => (place, is_found) = ((points[index - 1], points[index]), true),
        }
    }
    Ok(is_found.then_some(place))
}
