//! Subscriptions: past and future transactions as a stream.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::SystemTime;

use futures_core::Stream;

use crate::clock;
use crate::commit::block_on;
use crate::engine::feed::Mailbox;
use crate::model::Model;
use crate::{Error, Seq};

/// The transactions of a store, in their order, without gaps: those that are in the journal, then those that come
/// ([`Store::subscribe`](crate::Store::subscribe)); or a part of the past ([`Store::history`](crate::Store::history)), behind
/// which it ends.
///
/// A [`Stream`] of [`Event`]s; [`next`](Subscription::next) does without a stream library. It delivers a transaction when
/// it is both durable and applied, in every durability mode, so that a position that somebody has kept is still valid
/// after a crash. Transactions that panicked are left out. It may lag behind as far as it likes: it is read from the
/// journal, and holds nobody up. If the journal no longer has what comes next, it ends with [`Error::Pruned`].
///
/// When the store is closed, it delivers what there is, and ends. After an error it ends. It does not keep the store
/// open.
#[must_use = "a subscription does nothing unless its events are taken"]
pub struct Subscription<M: Model> {
    mailbox: Arc<Mailbox<M>>,
}

impl<M: Model> Subscription<M> {
    pub(crate) fn new(mailbox: Arc<Mailbox<M>>) -> Self {
        Subscription { mailbox }
    }

    /// The next transaction; `None` when there will be no more.
    ///
    /// # Errors
    ///
    /// [`Error::Pruned`], [`Error::Failed`] when the store has failed, and what reading the journal comes upon. After an
    /// error there is nothing more.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses no event.
    pub async fn next(&mut self) -> Option<Result<Event<M>, Error>> {
        poll_fn(|cx| self.mailbox.poll_next(cx.waker())).await
    }

    /// Like [`next`](Subscription::next), but blocks the thread until there is one. Needs no runtime.
    ///
    /// # Errors
    ///
    /// Those of [`next`](Subscription::next).
    ///
    /// # Panics
    ///
    /// Inside a `read` closure of the same store.
    ///
    /// ```
    /// # use prevalent::prevalent;
    /// # #[prevalent] #[derive(Default)] struct Counter { count: u64 }
    /// # #[prevalent] impl Counter { #[tx] fn add(&mut self) { self.count += 1; } }
    /// # fn main() -> Result<(), prevalent::Error> {
    /// # let store = CounterStore::in_memory();
    /// # store.add().wait()?;
    /// # let mut seen = 0;
    /// let mut past = store.history(..);
    /// while let Some(event) = past.wait_next() {
    ///     println!("{}", event?.seq);
    /// #   seen += 1;
    /// }
    /// # assert_eq!(seen, 1);
    /// # Ok(()) }
    /// ```
    pub fn wait_next(&mut self) -> Option<Result<Event<M>, Error>> {
        let store = self.mailbox.store();
        block_on(store, poll_fn(|cx| self.mailbox.poll_next(cx.waker())))
    }
}

impl<M: Model> Stream for Subscription<M> {
    type Item = Result<Event<M>, Error>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.mailbox.poll_next(cx.waker())
    }
}

impl<M: Model> fmt::Debug for Subscription<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscription").finish_non_exhaustive()
    }
}

/// A transaction that took place.
#[non_exhaustive]
pub struct Event<M: Model> {
    /// Its place in the order.
    pub seq: Seq,
    /// When it was ordered, as its `TxContext` told it.
    pub time: SystemTime,
    /// What it was. (To print it, write `#[prevalent(tx_derive(Debug))]` on the `impl`.)
    pub tx: M::Tx,
    /// How long its arguments are in the journal.
    bytes: usize,
}

impl<M: Model> Event<M> {
    pub(crate) fn new(seq: u64, time_us: u64, tx: M::Tx, bytes: usize) -> Self {
        Event { seq: seq.into(), time: clock::from_us(time_us), tx, bytes }
    }

    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }
}

impl<M: Model<Tx: Clone>> Clone for Event<M> {
    fn clone(&self) -> Self {
        Event { seq: self.seq, time: self.time, tx: self.tx.clone(), bytes: self.bytes }
    }
}

impl<M: Model<Tx: fmt::Debug>> fmt::Debug for Event<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Event")
            .field("seq", &self.seq)
            .field("time", &self.time)
            .field("tx", &self.tx)
            .finish_non_exhaustive()
    }
}
