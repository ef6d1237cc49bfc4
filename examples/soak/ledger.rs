//! What was acknowledged, and whether it is there.

use crate::model::Mode;
use crate::words::Word;

/// All that the children have said.
#[derive(Debug, Default)]
pub struct Ledger {
    /// By task: the number of its next step, as of the last open. Nothing of that can be lost any more.
    next: Vec<u64>,
    /// The same: the last sequence number.
    seq: u64,
    /// What was acknowledged since then: task, number, sequence number.
    acknowledged: Vec<(u16, u64, u64)>,
    /// Through here, a kill can lose nothing.
    durable: u64,
    /// What there was of everything.
    pub totals: Totals,
}

/// For the last lines.
#[derive(Clone, Copy, Debug, Default)]
pub struct Totals {
    pub opens: u64,
    pub acknowledged: u64,
    pub flushes: u64,
    pub snapshots: u64,
    pub stumbles: u64,
    /// Acknowledged, and not there: allowed behind the last flush, with `Every` and `Manual`.
    pub gone: u64,
    pub refusals: u64,
}

impl Ledger {
    /// Notes what a child has said in a round of this mode.
    ///
    /// # Errors
    ///
    /// Says what is lost, or wrong.
    pub fn note(&mut self, words: Vec<Word>, mode: Mode) -> Result<(), String> {
        for word in words {
            match word {
                Word::Opened { seq, next } => self.opened(seq, next)?,
                Word::Acknowledged { task, number, seq } => {
                    self.totals.acknowledged += 1;
                    self.acknowledged.push((task, number, seq));
                    if mode == Mode::Always {
                        self.durable = self.durable.max(seq);
                    }
                }
                Word::Flushed { seq } => {
                    self.totals.flushes += 1;
                    self.durable = self.durable.max(seq);
                }
                Word::Snapshot => self.totals.snapshots += 1,
                Word::Stumbled => self.totals.stumbles += 1,
                Word::Refused => self.totals.refusals += 1,
                Word::Wrong(what) => return Err(what),
            }
        }
        Ok(())
    }

    /// The store was opened: what was promised must be there, and of what wasn't, no more than an end may be missing.
    ///
    /// # Errors
    ///
    /// Says what is lost.
    pub fn opened(&mut self, seq: u64, next: Vec<u64>) -> Result<(), String> {
        self.totals.opens += 1;
        let floor = self.durable.max(self.seq);
        if seq < floor {
            return Err(format!("the store is at {seq}, and {floor} was durable"));
        }
        let came_to = |task: usize| next.get(task).copied().unwrap_or(0);
        for (task, &before) in self.next.iter().enumerate() {
            if came_to(task) < before {
                let now = came_to(task);
                return Err(format!("task {task} has come to {now}, and had come to {before}"));
            }
        }
        for &(task, number, its_seq) in &self.acknowledged {
            let is_there = number < came_to(usize::from(task));
            if its_seq <= seq && !is_there {
                return Err(format!(
                    "step {number} of task {task} (sequence number {its_seq}) is lost; the store is at {seq}"
                ));
            }
            self.totals.gone += u64::from(its_seq > seq);
        }
        self.acknowledged.clear();
        (self.seq, self.next, self.durable) = (seq, next, seq);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(mode: Mode) -> Ledger {
        let mut ledger = Ledger::default();
        let words = vec![
            Word::Opened { seq: 0, next: vec![] },
            Word::Acknowledged { task: 0, number: 0, seq: 1 },
            Word::Acknowledged { task: 1, number: 0, seq: 2 },
            Word::Flushed { seq: 2 },
            Word::Acknowledged { task: 1, number: 1, seq: 3 },
        ];
        ledger.note(words, mode).unwrap();
        ledger
    }

    #[test]
    fn what_was_promised_must_be_there_and_the_rest_only_in_order() {
        assert!(heard(Mode::Always).opened(3, vec![1, 2]).is_ok());
        assert!(heard(Mode::Always).opened(5, vec![3, 2]).is_ok());
        assert!(heard(Mode::Always).opened(2, vec![1, 1]).is_err());
        let mut manual = heard(Mode::Manual);
        assert!(manual.opened(2, vec![1, 1]).is_ok());
        assert_eq!(manual.totals.gone, 1);
        assert!(heard(Mode::Manual).opened(1, vec![1, 0]).is_err());
        assert!(heard(Mode::Manual).opened(3, vec![1, 1]).is_err());
        let mut twice = heard(Mode::Always);
        twice.opened(3, vec![1, 2]).unwrap();
        assert!(twice.opened(3, vec![1, 1]).is_err());
    }
}
