//! What the tasks do: known in advance, so that the parent can tell from the state alone how far each of them had come.
//!
//! A task goes through steps 0, 1, 2, …, each submitted when the one before is acknowledged. Two steps log in, and the third
//! logs the first of the two out again. So each step leaves a trace of its own: a log-in that is there, or is gone.

use std::fmt;

/// One of the tasks of one of the children.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Task {
    /// The child's round.
    pub round: u16,
    /// Which of its tasks.
    pub number: u16,
}

/// The session that a task opens with a step. Displayed, it is the token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Session {
    /// Whose it is.
    pub task: Task,
    /// With which step it begins.
    pub step: u32,
}

/// What is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Open this session.
    LogIn(Session),
    /// End this session.
    LogOut(Session),
}

impl Task {
    /// What the task does with this step.
    pub fn action(self, step: u32) -> Action {
        match step % 3 {
            2 => Action::LogOut(Session { task: self, step: step - 2 }),
            _ => Action::LogIn(Session { task: self, step }),
        }
    }
}

impl Session {
    /// The user that is logged in: another one for each session.
    pub fn user_id(self) -> u64 {
        u64::from(self.task.round) << 48 | u64::from(self.task.number) << 32 | u64::from(self.step)
    }

    /// The session with this token, if the script has one.
    pub fn from_token(token: &str) -> Option<Self> {
        let mut parts = token.split('-');
        let round = parts.next()?.parse().ok()?;
        let number = parts.next()?.parse().ok()?;
        let step = parts.next()?.parse().ok()?;
        let session = Session { task: Task { round, number }, step };
        (session.task.action(step) == Action::LogIn(session) && session.to_string() == token)
            .then_some(session)
    }
}

impl fmt::Display for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}-{}", self.task.round, self.task.number, self.step)
    }
}
