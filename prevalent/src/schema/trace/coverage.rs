//! Whether all has been seen that there is to be seen.

use std::collections::HashSet;

use super::Problem;
use super::sampling::Sampling;

/// What a value that was made has shown.
pub(super) struct Progress {
    /// Something that was not known before.
    pub(super) is_news: bool,
    /// There is more.
    pub(super) is_more: bool,
}

/// The forks that lie in one root.
#[derive(Default)]
pub(super) struct Seen {
    all: HashSet<u64>,
    /// In the order in which they were come by, each with the type that it is in.
    in_order: Vec<(u64, Option<String>)>,
}

impl Sampling<'_> {
    /// Notes what the value that was made last has shown.
    pub(super) fn cover(&mut self, seen: &mut Seen) -> Progress {
        let Sampling { memory, pass, .. } = self;
        let mut progress = Progress { is_news: false, is_more: false };
        // From the inside to the outside: a way has more to show as long as a fork on it has.
        for (index, decision) in pass.decisions.iter().enumerate().rev() {
            let Some(place) = decision.fork.filter(|_| !decision.is_sealed) else { continue };
            let inside = &pass.decisions[index + 1..decision.decisions_end.max(index + 1)];
            // Those that are come to from themselves are seen to where they are come to first.
            let forks = || {
                let forks = inside.iter().filter(|inner| !inner.is_reentry);
                forks.filter_map(|inner| inner.fork)
            };
            let has_more = forks().any(|fork| memory.is_wanted(fork));
            let gaps = forks().flat_map(|fork| memory.gaps(fork)).collect();
            let Some(fork) = memory.known_fork(place) else { continue };
            progress.is_news |= fork.made(decision.choice, has_more);
            fork.suspect(gaps);
        }
        for decision in &pass.decisions {
            let Some(place) = decision.fork.filter(|_| !decision.is_reentry) else { continue };
            progress.is_more |= memory.is_wanted(place);
            if seen.all.insert(place) {
                seen.in_order.push((place, pass.type_name(decision.frame)));
            }
        }
        progress
    }

    /// What could not be seen of the root, though there may be such values.
    pub(super) fn gap_in(&self, seen: &Seen) -> Option<Problem> {
        seen.in_order.iter().find_map(|(place, at)| {
            let gap = *self.memory.gaps(*place).first()?;
            let at = self.memory.refused_by(gap).or(at.as_ref()).cloned();
            Some(Problem { at, reason: "not all of its values can be made".to_owned() })
        })
    }
}
