//! What was acknowledged, and whether it is there.

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use crate::pipe::Acknowledged;
use crate::plain::Sessions;
use crate::script::{Session, Task};

/// What the parent was told in a round.
#[derive(Debug)]
pub struct Round {
    /// By task: how many of its steps were acknowledged.
    pub steps: Vec<u32>,
    /// From the child's first word to its end.
    pub duration: Duration,
}

impl Round {
    /// Nothing yet, of so many tasks.
    pub fn new(tasks: u16) -> Self {
        Round { steps: vec![0; tasks.into()], duration: Duration::ZERO }
    }

    /// Notes messages down. Fails for what no child ever says: a task's steps come in their order.
    pub fn note(&mut self, messages: Vec<Acknowledged>) -> Result<(), String> {
        for message in messages {
            match self.steps.get_mut(usize::from(message.task)) {
                Some(steps) if *steps == message.step => *steps += 1,
                _ => return Err(format!("the child made no sense: {message:?}")),
            }
        }
        Ok(())
    }

    /// How many steps were acknowledged.
    pub fn acknowledged(&self) -> u64 {
        self.steps.iter().copied().map(u64::from).sum()
    }
}

/// What is left of a round.
#[derive(Clone, Copy, Debug, Default)]
pub struct Remains {
    /// How many steps show in the state: those acknowledged, and some that were committed while the child was killed.
    pub recovered: u64,
    /// How many that were acknowledged don't.
    pub lost: u64,
}

/// What the ledger says about a recovered state.
#[derive(Debug)]
pub struct Findings {
    /// By round.
    pub rounds: Vec<Remains>,
    /// What should not be there: sessions that nobody ever opened, of somebody else, or without the step before them.
    pub wrong: Vec<String>,
}

impl Findings {
    /// How many acknowledged steps are lost, in all.
    pub fn lost(&self) -> u64 {
        self.rounds.iter().map(|remains| remains.lost).sum()
    }
}

/// Compares the state with all that was acknowledged.
pub fn check(rounds: &[Round], state: &Sessions) -> Findings {
    let mut wrong = Vec::new();
    let mut left: BTreeMap<Task, HashSet<u32>> = BTreeMap::new();
    for (token, &user) in state.tokens() {
        match Session::from_token(token).filter(|session| session.user_id() == user) {
            Some(session) => _ = left.entry(session.task).or_default().insert(session.step),
            None => wrong.push(format!("nobody opened the session {token:?} of user {user}")),
        }
    }

    let mut found = Vec::new();
    for (round, number) in rounds.iter().zip(0..) {
        let mut remains = Remains::default();
        for (&acknowledged, task) in round.steps.iter().zip(0..) {
            let task = Task { round: number, number: task };
            let trace = Trace(left.remove(&task).unwrap_or_default());
            let last = trace.steps().max(acknowledged);
            for step in (0..last).filter(|&step| !trace.shows(step)) {
                if step < acknowledged {
                    remains.lost += 1;
                } else {
                    wrong.push(format!("{task:?} went on without its step {step}"));
                }
            }
            remains.recovered += (0..last).map(|step| u64::from(trace.shows(step))).sum::<u64>();
        }
        found.push(remains);
    }
    wrong.extend(left.keys().map(|task| format!("there never was a {task:?}")));

    // A log-in whose loss a log-out would hide, or a step that was applied twice, is told by the number of operations.
    let recovered: u64 = found.iter().map(|remains| remains.recovered).sum();
    if wrong.is_empty() && recovered != state.operations() {
        let operations = state.operations();
        wrong.push(format!("{operations} operations counted, but {recovered} show in the state"));
    }
    Findings { rounds: found, wrong }
}

/// What the state shows of a task: the steps whose sessions are there. See [`crate::script`].
struct Trace(HashSet<u32>);

impl Trace {
    /// Whether this step has been done.
    fn shows(&self, step: u32) -> bool {
        match step % 3 {
            // Its session may have been ended again, but only after the next one was opened.
            0 => self.has(step) || self.has(step + 1),
            1 => self.has(step),
            _ => self.has(step - 1) && !self.has(step - 2),
        }
    }

    /// How many steps have been done, going by the last that left a trace.
    fn steps(&self) -> u32 {
        match self.0.iter().max() {
            None => 0,
            Some(&last) if self.shows(last + 1) => last + 2,
            Some(&last) => last + 1,
        }
    }

    fn has(&self, step: u32) -> bool {
        self.0.contains(&step)
    }
}
