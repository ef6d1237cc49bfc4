//! What else to try where a type refuses a value.

use std::collections::HashMap;
use std::rc::Rc;

use super::memory::Choice;
use super::sampling::{Decision, Sampling};
use super::{Attempt, Problem};

/// The decisions that are varied, at the most: the last ones.
const DECISIONS_MAX: usize = 48;
/// The values that are made to find one that the type accepts have so many parts at the most, with one decision varied,
const SINGLES_WORK_MAX: usize = 400_000;
/// and with two.
const PAIRS_WORK_MAX: usize = 200_000;

/// A decision of the type that refused what was decided.
#[derive(Clone)]
struct Varied {
    path: u64,
    choice: Choice,
    choices: Choice,
    fork: Option<u64>,
    is_wanted: bool,
    is_enum: bool,
    /// The types that it is in, from the one that refused it outwards, each with what it calls the decision.
    around: Vec<(u64, u64)>,
}

/// Whether it may be changed what is to be seen in any case.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Loss {
    None,
    Any,
}

/// Another choice for a decision.
type Change<'v> = (&'v Varied, Choice);

struct Search<'s, 'a, 'm> {
    sampling: &'s mut Sampling<'a>,
    make: &'m mut dyn FnMut(&mut Sampling<'a>) -> Attempt,
    /// What was decided when the value was refused.
    base: Rc<HashMap<u64, Choice>>,
    /// The path of the frame that refused it.
    watch: u64,
}

/// Finds out what the type accepts that refused what was made last, and remembers it.
pub(super) fn search<'a>(
    sampling: &mut Sampling<'a>,
    make: &mut dyn FnMut(&mut Sampling<'a>) -> Attempt,
    reason: &str,
) -> Result<(), Problem> {
    let Some(failure) = sampling.pass.failure else {
        return Err(Problem { at: None, reason: reason.to_owned() });
    };
    let problem = Problem { at: sampling.pass.type_name(failure), reason: reason.to_owned() };
    let key = sampling.pass.frames[failure].key;
    if sampling.memory.hopeless.contains(&key) {
        return Err(problem);
    }
    let own = sampling.pass.fork_of(failure).cloned();
    let is_enum = sampling.pass.frames[failure].is_enum();
    if let Some(own) = own.as_ref().filter(|own| is_enum && sampling.is_last(own)) {
        // The enum itself refuses this variant, without a look at what is in it: it is one that is not used here.
        if sampling.close_variant(own) {
            return Ok(());
        }
    }
    let mut varied = sampling.varied(failure);
    // Whoever reads an option or an enum has nothing against there being a value; what is in it is not right.
    let is_own = |path| own.as_ref().is_some_and(|own| own.path == path);
    varied.retain(|varied| !((varied.is_enum || varied.choices == 2) && is_own(varied.path)));

    let decisions = sampling.pass.decisions.iter();
    let base = Rc::new(decisions.map(|decision| (decision.path, decision.choice)).collect());
    let watch = sampling.pass.path_of(failure);
    let mut search = Search { sampling, make, base, watch };

    let varied: Vec<_> = varied.iter().collect();
    let mut found = search.singles(&varied, Loss::None)?;
    if found.is_none() {
        found = search.pairs(&varied)?;
    }
    // What is to be seen in any case is given up last.
    if found.is_none() {
        found = search.singles(&varied, Loss::Any)?;
    }
    let Some(changes) = found else {
        sampling.memory.hopeless.insert(key);
        return Err(problem);
    };
    for (varied, choice) in changes {
        sampling.learn(&varied, choice, problem.at.as_deref());
    }
    Ok(())
}

impl Search<'_, '_, '_> {
    /// One decision varied.
    fn singles(
        &mut self,
        varied: &[&Varied],
        loss: Loss,
    ) -> Result<Option<Vec<(Varied, Choice)>>, Problem> {
        let mut work = 0;
        for change in self.sampling.changes(varied, loss) {
            if self.is_accepted(&[change])? {
                return Ok(Some(vec![(change.0.clone(), change.1)]));
            }
            work += self.sampling.pass.frames.len();
            if work > SINGLES_WORK_MAX {
                break;
            }
        }
        Ok(None)
    }

    /// Two decisions varied: the second may be one that only comes up with the first.
    fn pairs(&mut self, varied: &[&Varied]) -> Result<Option<Vec<(Varied, Choice)>>, Problem> {
        let firsts = self.sampling.changes(varied, Loss::None);
        // What there is to vary with each first one.
        let mut seconds: Vec<Vec<(Varied, Choice)>> = Vec::new();
        let mut work = 0;
        let mut total = 0;
        loop {
            let mut is_any = false;
            for place in 0..=total.min(firsts.len().saturating_sub(1)) {
                let Some(first) = firsts.get(place).copied() else { break };
                if seconds.len() == place {
                    self.is_accepted(&[first])?;
                    work += self.sampling.pass.frames.len();
                    seconds.push(self.seconds(first.0));
                }
                let Some(second) = seconds[place].get(total - place) else { continue };
                is_any = true;
                if self.is_accepted(&[first, (&second.0, second.1)])? {
                    return Ok(Some(vec![(first.0.clone(), first.1), second.clone()]));
                }
                work += self.sampling.pass.frames.len();
                if work > PAIRS_WORK_MAX {
                    return Ok(None);
                }
            }
            total += 1;
            if !is_any && total > firsts.len() {
                return Ok(None);
            }
        }
    }

    /// The decisions of the same frame, with one of them changed.
    fn seconds(&self, first: &Varied) -> Vec<(Varied, Choice)> {
        let pass = &self.sampling.pass;
        let Some(failure) = pass.failure.filter(|failure| pass.path_of(*failure) == self.watch)
        else {
            return Vec::new();
        };
        let mut varied = self.sampling.varied(failure);
        varied.retain(|varied| varied.path != first.path);
        let changes = self.sampling.changes(&varied.iter().collect::<Vec<_>>(), Loss::None);
        changes.into_iter().map(|(varied, choice)| (varied.clone(), choice)).collect()
    }

    fn is_accepted(&mut self, changes: &[Change<'_>]) -> Result<bool, Problem> {
        let overrides = changes.iter().map(|(varied, choice)| (varied.path, *choice)).collect();
        self.sampling.begin_again(Rc::clone(&self.base), overrides, self.watch);
        match (self.make)(self.sampling) {
            Attempt::Panicked(reason) => Err(self.sampling.panicked(&reason)),
            // What comes after it, or what is made of it, is not in question here.
            Attempt::Made(_) | Attempt::Unwritable(_) | Attempt::Refused(_) => {
                Ok(self.sampling.pass.is_watched_made)
            }
        }
    }
}

impl Varied {
    /// Whether something is not seen any more that was to be seen: a variant, or what is in an option or a sequence.
    fn is_lost_with(&self, choice: Choice) -> bool {
        self.is_wanted && (self.is_enum || (self.choice == 0 && choice == 1 && self.fork.is_some()))
    }
}

impl Sampling<'_> {
    /// The last decisions in this frame.
    fn varied(&self, frame: usize) -> Vec<Varied> {
        let start = self.pass.frames[frame].decisions_start;
        let decisions = &self.pass.decisions[start..];
        let last = decisions.len().saturating_sub(DECISIONS_MAX);
        decisions[last..].iter().map(|decision| self.varied_one(frame, decision)).collect()
    }

    fn varied_one(&self, frame: usize, decision: &Decision) -> Varied {
        let Decision { path, choice, choices, fork, is_wanted, .. } = *decision;
        let around = self.pass.around(decision).skip_while(|(index, _)| *index != frame);
        Varied {
            path,
            choice,
            choices,
            fork,
            is_wanted,
            is_enum: self.pass.frames[decision.frame].is_enum(),
            around: around.map(|(index, path)| (self.pass.frames[index].key, path)).collect(),
        }
    }

    /// All changes of one decision: the nearest choices first, and of these those of the last decision.
    fn changes<'v>(&self, varied: &[&'v Varied], loss: Loss) -> Vec<Change<'v>> {
        let most = varied.iter().map(|varied| varied.choices).max().unwrap_or(0);
        let mut changes = Vec::new();
        for choice in 0..most {
            let others = varied.iter().rev().filter(|varied| {
                choice < varied.choices
                    && choice != varied.choice
                    && varied.fork.is_none_or(|fork| self.memory.is_open(fork, choice))
                    && (loss == Loss::Any || !varied.is_lost_with(choice))
            });
            changes.extend(others.map(|varied| (*varied, choice)));
        }
        changes
    }

    /// Remembers what was accepted.
    fn learn(&mut self, varied: &Varied, choice: Choice, at: Option<&str>) {
        let mut around = varied.around.iter();
        if let Some((ty, decision)) = around.next() {
            self.memory.learn(*ty, *decision, choice);
        }
        // What a type around it has learnt would come first.
        for (ty, decision) in around {
            self.memory.relearn(*ty, *decision, choice);
        }
        let fork = varied.fork.filter(|_| varied.is_wanted);
        if let Some(fork) = fork.and_then(|fork| self.memory.known_fork(fork)) {
            fork.refuse(varied.choice, at);
        }
    }

    /// Whether nothing was read, or decided, after this.
    fn is_last(&self, decision: &Decision) -> bool {
        let frames = self.pass.frames.len();
        let is_last = self.pass.decisions.last().is_some_and(|last| last.path == decision.path);
        is_last && decision.frame + 1 == frames
    }

    /// Leaves a variant out, unless a value of it was made before.
    fn close_variant(&mut self, own: &Decision) -> bool {
        let fork = own.fork.and_then(|fork| self.memory.known_fork(fork));
        fork.is_some_and(|fork| {
            let is_new = !fork.is_made(own.choice);
            if is_new {
                fork.close(own.choice);
            }
            is_new
        })
    }

    /// The user's code panicked: where.
    pub(super) fn panicked(&self, reason: &str) -> Problem {
        let at = self.pass.current.and_then(|current| self.pass.type_name(current));
        Problem { at, reason: format!("it panicked: {reason}") }
    }
}
