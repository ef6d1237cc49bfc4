//! What a transaction may know besides the state and its arguments.

use std::cell::RefCell;
use std::fmt;
use std::time::SystemTime;

use crate::clock;
use crate::rng::{Keystream, TxRng};
use crate::seq::Seq;

/// A transaction's time, sequence number and random numbers: the same in every replay.
///
/// A `#[tx]` method that takes `cx: &TxContext` gets it from the engine. For a plain unit test of
/// the method, [`TxContext::for_test`] makes one.
///
/// ```
/// use prevalent::{TxContext, prevalent};
/// use std::time::SystemTime;
///
/// #[prevalent]
/// #[derive(Default)]
/// struct Lottery {
///     tickets: Vec<String>,
///     drawn: Option<(String, SystemTime)>,
/// }
///
/// #[prevalent]
/// impl Lottery {
///     #[tx]
///     fn buy(&mut self, name: String) {
///         self.tickets.push(name);
///     }
///
///     #[tx]
///     fn draw(&mut self, cx: &TxContext) {
///         let winner = cx.rng().choose(&self.tickets).cloned();
///         self.drawn = winner.map(|name| (name, cx.now()));
///     }
/// }
///
/// # fn main() -> Result<(), prevalent::Error> {
/// let store = LotteryStore::in_memory();
/// store.buy("ada".into()).wait()?;
/// store.draw().wait()?; // the context is no argument of the store's method
/// store.verify().wait()?; // a replay draws the same
/// # Ok(()) }
/// ```
///
/// It stays on one thread: which of two threads draws first would differ from replay to replay.
pub struct TxContext {
    seq: Seq,
    now: SystemTime,
    /// The one stream that everything random is drawn from, in the order of the calls.
    ///
    /// Each `TxRng` borrows it instead of having a stream of its own: no number is ever drawn
    /// twice however calls are mixed, there is no limit on the number of generators, no block is
    /// computed for the sake of one number, and the specification is one sentence.
    stream: RefCell<Keystream>,
}

impl TxContext {
    /// The context of the transaction `seq`: its journaled time, and the secret of the session
    /// that committed it.
    pub(crate) fn new(seq: Seq, now_us: u64, secret: [u8; 32]) -> Self {
        Self::from_parts(seq, clock::from_us(now_us), secret)
    }

    /// A context for a unit test that calls a transaction's method directly.
    ///
    /// Equal arguments give equal contexts, today and in every future version.
    ///
    /// ```
    /// use prevalent::{Seq, TxContext};
    /// use std::time::SystemTime;
    ///
    /// let cx = TxContext::for_test(3, SystemTime::UNIX_EPOCH, 42);
    /// assert_eq!(cx.seq(), Seq::from(3));
    /// assert_eq!(cx.now(), SystemTime::UNIX_EPOCH);
    /// let again = TxContext::for_test(3, SystemTime::UNIX_EPOCH, 42);
    /// assert_eq!(cx.random_u64(), again.random_u64());
    /// ```
    #[must_use]
    pub fn for_test(seq: impl Into<Seq>, now: SystemTime, seed: u64) -> Self {
        let mut secret = [0; 32];
        secret[..8].copy_from_slice(&seed.to_le_bytes());
        Self::from_parts(seq.into(), now, secret)
    }

    fn from_parts(seq: Seq, now: SystemTime, secret: [u8; 32]) -> Self {
        TxContext { seq, now, stream: RefCell::new(Keystream::new(secret, seq.get())) }
    }

    /// When the transaction was ordered, in whole microseconds: never earlier than any
    /// transaction before it.
    #[must_use]
    pub fn now(&self) -> SystemTime {
        self.now
    }

    /// The transaction's sequence number.
    #[must_use]
    pub fn seq(&self) -> Seq {
        self.seq
    }

    /// A generator of random numbers. All generators of one transaction go on in one stream: none
    /// repeats what another has drawn.
    #[must_use]
    pub fn rng(&self) -> TxRng<'_> {
        TxRng::new(&self.stream)
    }

    /// The next number of the transaction's random stream: `cx.rng().next_u64()`.
    #[must_use]
    pub fn random_u64(&self) -> u64 {
        self.rng().next_u64()
    }
}

/// Without the random stream: its secret would end up in logs.
impl fmt::Debug for TxContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TxContext")
            .field("seq", &self.seq)
            .field("now", &self.now)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    #[test]
    fn whoever_draws_takes_the_next_number_of_the_one_stream() {
        let alone = TxContext::for_test(1, UNIX_EPOCH, 1);
        let mut rng = alone.rng();
        let expected: Vec<u64> = (0..6).map(|_| rng.next_u64()).collect();

        let mixed = TxContext::for_test(1, UNIX_EPOCH, 1);
        let (mut first, mut second) = (mixed.rng(), mixed.rng());
        let drawn = [
            mixed.random_u64(),
            second.next_u64(),
            first.next_u64(),
            mixed.random_u64(),
            second.next_u64(),
            mixed.rng().next_u64(),
        ];
        assert_eq!(drawn[..], expected);
    }

    #[test]
    fn another_sequence_number_or_secret_gives_another_stream() {
        let draw = |seq: u64, secret: [u8; 32]| TxContext::new(seq.into(), 0, secret).random_u64();
        assert_eq!(draw(1, [0; 32]), draw(1, [0; 32]));
        assert_ne!(draw(1, [0; 32]), draw(2, [0; 32]));
        assert_ne!(draw(1, [0; 32]), draw(1, [1; 32]));
    }

    #[test]
    fn the_time_is_that_of_the_journal() {
        let cx = TxContext::new(Seq::from(5), 1_000_001, [0; 32]);
        assert_eq!(cx.now(), UNIX_EPOCH + Duration::from_micros(1_000_001));
        assert_eq!(cx.seq(), Seq::from(5));
    }

    #[test]
    fn golden_for_test() {
        let cx = TxContext::for_test(7, UNIX_EPOCH, 0x0123_4567_89ab_cdef);
        assert_eq!(
            [cx.random_u64(), cx.random_u64()],
            [0x987d_7b70_f775_5f05, 0x13f8_9f51_415e_7833]
        );
    }

    #[test]
    fn debug_output_keeps_the_secret() {
        let cx = TxContext::for_test(7, UNIX_EPOCH, 1);
        let text = format!("{cx:?}");
        assert!(text.starts_with("TxContext { seq: Seq(7), now: "), "{text}");
        assert!(text.ends_with(", .. }"), "{text}");
    }
}
