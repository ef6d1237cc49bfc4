//! The state as it was.

use std::fmt;
use std::ops::Deref;
use std::time::SystemTime;

use crate::Seq;
use crate::clock;
use crate::recovery::State;

/// A moment in a store's history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Point {
    /// Behind the transaction with this sequence number.
    Seq(Seq),
    /// Behind the last transaction whose [time](crate::TxContext::now) is not later.
    Time(SystemTime),
}

impl From<Seq> for Point {
    fn from(seq: Seq) -> Self {
        Point::Seq(seq)
    }
}

impl From<SystemTime> for Point {
    fn from(time: SystemTime) -> Self {
        Point::Time(time)
    }
}

/// A model as it was at a [`Point`]: what [`Builder::open_at`](crate::Builder::open_at) gives. It derefs to the model, so that
/// its methods with `&self`, the queries among them, can be called; nothing leads from it back to the store.
pub struct Past<M> {
    model: M,
    seq: Seq,
    time: SystemTime,
}

impl<M> Past<M> {
    pub(crate) fn new(state: State<M>) -> Self {
        let State { model, seq, time_us, .. } = state;
        Past { model, seq: seq.into(), time: clock::from_us(time_us) }
    }

    /// The sequence number of the last transaction in it.
    #[must_use]
    pub fn seq(&self) -> Seq {
        self.seq
    }

    /// The time of the last transaction in it; 1970 where there is none.
    #[must_use]
    pub fn time(&self) -> SystemTime {
        self.time
    }

    /// The model itself.
    #[must_use]
    pub fn into_model(self) -> M {
        self.model
    }
}

impl<M> Deref for Past<M> {
    type Target = M;

    fn deref(&self) -> &M {
        &self.model
    }
}

impl<M> fmt::Debug for Past<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Past")
            .field("seq", &self.seq)
            .field("time", &self.time)
            .finish_non_exhaustive()
    }
}
