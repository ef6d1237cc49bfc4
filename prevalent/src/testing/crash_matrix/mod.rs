//! A model's store, crashed at every point in every way.

mod case;
mod error;
mod faults;
mod gate;
mod history;
mod oracle;
mod record;
mod recover;
mod report;
mod sampler;
mod script;
mod session;
mod setup;
mod shadow;
#[cfg(test)]
mod tests;

use std::cell::RefCell;
use std::fmt;
use std::sync::Arc;

use self::case::{Case, Failing, Lasting};
pub use self::error::CrashMatrixError;
use self::history::History;
use self::oracle::{Effort, Oracle, SuspectTails, broken};
use self::record::{Health, record};
pub use self::report::CrashReport;
use self::sampler::Sampler;
use self::script::{Encoded, Source, Step, steps, transactions};
use self::setup::Setup;
use self::shadow::{Shadow, first_that_differs};
use crate::builder::{Builder, FromFunction};
use crate::disk::Disk;
use crate::disk::sim::{Fault, Loss, SimDisk};
use crate::durability::Durability;
use crate::model::Model;
use crate::rng::TxRng;
use crate::store::Store;

/// What [`CrashMatrix::configure`] is given, and gives back.
pub type MatrixBuilder<M> = Builder<Store<M>, FromFunction<Box<dyn FnOnce() -> M + Send>>>;

type Configure<M> = Box<dyn Fn(MatrixBuilder<M>) -> MatrixBuilder<M>>;

/// What stands between a store and the simulated disk while a history is recorded.
type Through = dyn Fn(&SimDisk) -> Arc<dyn Disk>;

/// Runs the store of a model through crashes and failing disks, and checks what it has promised.
///
/// From a seed, it makes a *history*: transactions are committed, alone and in batches, the store is flushed, snapshots are
/// taken, and it is closed and opened again. All that on a [`SimDisk`]. Then
///
/// 1. the machine crashes: after each operation of the disk, with each set of sectors and changes of the directory that were
///    not synced being kept (of very many, a sample);
/// 2. what such a crash has left is recovered, and the machine crashes while it is: and again, while what that has left is
///    recovered;
/// 3. operations of the disk fail: each of them, in each way, once and for good; and the machine crashes afterwards, or goes on.
///
/// Each time, what is recovered must be the state as it was behind some transaction, and hold all that was acknowledged before
/// the crash; a batch is there whole or not at all; what has panicked has no effect; an open that fails changes no byte; to
/// open it twice gives the same; and the store goes on with more commits, a close, and an open that finds everything. What
/// the state should be is found out without an engine: by applying the transactions one after the other. States are compared by their
/// [`Digest`](crate::Digest), so that a model needs nothing for it.
///
/// The engine's own tests do this to the engine. With a model of yours, it also shows that the *model* bears a life of crashes:
/// what is not stored is made anew by `restored`, `Deserialize` gives back what `Serialize` wrote, and a replay does what the
/// transactions did. Transactions may return `Err`, panic, and use all that their context has. (A panic is printed each time,
/// unless there is a panic hook that leaves it out.)
///
/// ```
/// use prevalent::testing::CrashMatrix;
/// # use prevalent::prevalent;
/// # #[prevalent] #[derive(Default)] struct Sessions { tokens: std::collections::BTreeMap<String, u64> }
/// # #[prevalent] impl Sessions {
/// #     #[tx] fn create_session(&mut self, token: String, user_id: u64) { self.tokens.insert(token, user_id); }
/// #     #[tx] fn delete_session(&mut self, token: &str) -> Option<u64> { self.tokens.remove(token) }
/// # }
///
/// # fn sessions_survive_crashes() {
/// // In a `#[test]`: these transactions …
/// let report = CrashMatrix::new(
///     Sessions::default(),
///     [
///         SessionsTx::CreateSession { token: "a".into(), user_id: 1 },
///         SessionsTx::CreateSession { token: "b".into(), user_id: 2 },
///         SessionsTx::DeleteSession { token: "a".into() },
///     ],
/// )
/// .check()
/// .unwrap();
/// println!("{report}");
///
/// // … or others each time.
/// CrashMatrix::generated(Sessions::default(), |rng| {
///     let token = format!("token {}", rng.below(5));
///     match rng.below(3) {
///         0 => SessionsTx::DeleteSession { token },
///         _ => SessionsTx::CreateSession { token, user_id: rng.next_u64() },
///     }
/// })
/// .transactions(20)
/// .check()
/// .unwrap();
/// # assert!(report.images > 0);
/// # }
/// # sessions_survive_crashes();
/// ```
///
/// # Failures
///
/// An error names the case: `3/always/41:7` is the history of the seed 3, with [`Durability::Always`], crashed after 41
/// operations, and the image of the index 7 of what that may leave. [`replay`](CrashMatrix::replay) looks at it alone. A history depends on its seed,
/// on the transactions, and on the knobs; times are simulated, too. What may differ from run to run is what the store's threads
/// do of their own accord: with [`Durability::Every`] a short interval, or with automatic snapshots, a case need not
/// fail each time.
#[must_use = "nothing is run before `check`"]
pub struct CrashMatrix<M: Model> {
    first: M,
    source: Source<M>,
    transactions: usize,
    configure: Configure<M>,
    through: Option<Box<Through>>,
    durabilities: Vec<Durability>,
    loss: Loss,
    nested: u64,
    closely_every: u64,
    seed: u64,
    histories: u64,
    images_max: u64,
    failures_max: u64,
}

impl<M: Model> CrashMatrix<M> {
    /// Runs these transactions, in this order, on this first state.
    pub fn new(first: M, transactions: impl IntoIterator<Item = M::Tx>) -> Self {
        Self::with(first, Source::List(transactions.into_iter().collect()))
    }

    /// Runs transactions that are made for each history, from random numbers that are the same for the same seed.
    pub fn generated(first: M, generate: impl FnMut(&mut TxRng<'_>) -> M::Tx + 'static) -> Self {
        Self::with(first, Source::Generator(RefCell::new(Box::new(generate))))
    }

    fn with(first: M, source: Source<M>) -> Self {
        CrashMatrix {
            first,
            source,
            transactions: script::GENERATED,
            configure: Box::new(|builder| builder),
            through: None,
            durabilities: vec![Durability::Always, Durability::Manual],
            loss: Loss::KeepOrDrop,
            nested: 3,
            closely_every: 10,
            seed: 0,
            histories: 4,
            images_max: 20_000,
            failures_max: 100,
        }
    }

    /// So many transactions are generated for a history. Default: 12.
    pub fn transactions(self, count: usize) -> Self {
        CrashMatrix { transactions: count, ..self }
    }

    /// Knobs of the store that count, instead of those that a history draws from its seed: the sizes of segments and of
    /// what is filled ahead, and how many snapshots are kept. Where the store is, its first state and its durability are set later.
    ///
    /// ```
    /// # use prevalent::{prevalent, testing::CrashMatrix};
    /// # #[prevalent] #[derive(Default)] struct Counter { count: u64 }
    /// # #[prevalent] impl Counter { #[tx] fn add(&mut self) { self.count += 1; } }
    /// CrashMatrix::new(Counter::default(), (0..5).map(|_| CounterTx::Add {}))
    ///     .configure(|builder| builder.segment_bytes(1 << 20).no_snapshot_on_close())
    /// #   .histories(1)
    ///     .check()
    ///     .unwrap();
    /// ```
    pub fn configure(
        self,
        configure: impl Fn(MatrixBuilder<M>) -> MatrixBuilder<M> + 'static,
    ) -> Self {
        CrashMatrix { configure: Box::new(configure), ..self }
    }

    /// There are histories with each of these. Default: `Always` and `Manual`.
    pub fn durabilities(self, durabilities: impl IntoIterator<Item = Durability>) -> Self {
        CrashMatrix { durabilities: durabilities.into_iter().collect(), ..self }
    }

    /// What may become of a sector that was not synced. Default: [`Loss::KeepOrDrop`]. Garbage makes more images, and no more
    /// that count.
    pub fn loss(self, loss: Loss) -> Self {
        CrashMatrix { loss, ..self }
    }

    /// So often is the machine crashed once more while it recovers from a crash. Default: 3, with the first crash four behind
    /// one another. 0 for never.
    pub fn nested(self, crashes: u64) -> Self {
        CrashMatrix { nested: crashes, ..self }
    }

    /// Of the recoveries, one in so many is looked at closely: it is crashed, and what comes of it goes on. Default: 10. 0
    /// counts as 1.
    pub fn closely_every(self, recoveries: u64) -> Self {
        CrashMatrix { closely_every: recoveries.max(1), ..self }
    }

    /// The seed of the first history; the next one has the next seed. Default: 0.
    pub fn seed(self, seed: u64) -> Self {
        CrashMatrix { seed, ..self }
    }

    /// So many seeds: for each, there is a history with each durability. Default: 4.
    pub fn histories(self, histories: u64) -> Self {
        CrashMatrix { histories, ..self }
    }

    /// No more crash images than this are judged, evenly spread over the histories and over the crash points of each. Default:
    /// 20,000; crashes of recoveries come on top.
    pub fn images_max(self, images: u64) -> Self {
        CrashMatrix { images_max: images, ..self }
    }

    /// No more failures of the disk than this are tried, evenly spread; each takes a history of its own. Default: 100.
    pub fn failures_max(self, failures: u64) -> Self {
        CrashMatrix { failures_max: failures, ..self }
    }

    /// Histories are recorded on what this makes of the disk: on one that leaves out what it should do, in order to see that
    /// it is noticed.
    #[doc(hidden)]
    pub fn recorded_through(self, through: impl Fn(&SimDisk) -> Arc<dyn Disk> + 'static) -> Self {
        CrashMatrix { through: Some(Box::new(through)), ..self }
    }

    /// Runs it all, and tells how much it was.
    ///
    /// # Errors
    ///
    /// The first case in which the store has not kept a promise; where the model is not deterministic, that; where the
    /// first state or a transaction can't be stored, or there are no histories or durabilities, that.
    ///
    /// # Panics
    ///
    /// Where the closures do, and where no thread can be started.
    pub fn check(self) -> Result<CrashReport, CrashMatrixError> {
        self.expect_histories()?;
        let first = self.encoded_first()?;
        let mut report = CrashReport::default();
        let histories = self.histories.saturating_mul(self.durabilities.len() as u64).max(1);
        for (place, seed) in (0..self.histories).zip(self.seed..) {
            for (durability, index) in self.durabilities.iter().zip(0..) {
                let place = place * self.durabilities.len() as u64 + index;
                let share = |all: u64| portion(all, place, histories);
                let run = self.run(&first, Case::new(seed, *durability))?;
                report += self.judge(&run, share(self.images_max))?;
                report += self.fail_all(&run, share(self.failures_max))?;
            }
        }
        Ok(report)
    }

    /// Looks at the case of this name alone, in the matrix that it was found in.
    ///
    /// ```no_run
    /// # use prevalent::{prevalent, testing::CrashMatrix};
    /// # #[prevalent] #[derive(Default)] struct Counter { count: u64 }
    /// # #[prevalent] impl Counter { #[tx] fn add(&mut self) { self.count += 1; } }
    /// CrashMatrix::new(Counter::default(), (0..5).map(|_| CounterTx::Add {}))
    ///     .replay("3/always/41:7")
    ///     .unwrap();
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`check`](CrashMatrix::check); [`CrashMatrixError::Unusable`] where there is no such case.
    pub fn replay(self, case: &str) -> Result<CrashReport, CrashMatrixError> {
        let unknown = |_| CrashMatrixError::Unusable {
            what: format!("the case `{case}`"),
            reason: "that is no name of a case".to_owned(),
        };
        let case: Case = case.parse().map_err(unknown)?;
        let run = self.run(&self.encoded_first()?, case)?;
        let mut report = CrashReport::default();
        if !run.case.crashes.is_empty() {
            let mut oracle = self.oracle(&run);
            oracle.replay(&run.case).map_err(|error| run.blame(error))?;
            report += oracle.report;
        } else if let Some(failing) = run.case.failing {
            report += self.fail(&run, failing)?;
        } else {
            report += self.judge(&run, u64::MAX)?;
        }
        Ok(report)
    }

    /// A matrix that looks at nothing finds nothing.
    fn expect_histories(&self) -> Result<(), CrashMatrixError> {
        let what = match (self.histories, self.durabilities.is_empty()) {
            (0, _) => "a matrix of no histories",
            (_, true) => "a matrix without a durability",
            _ => return Ok(()),
        };
        let reason = "it looks at nothing".to_owned();
        Err(CrashMatrixError::Unusable { what: what.to_owned(), reason })
    }

    fn encoded_first(&self) -> Result<Arc<[u8]>, CrashMatrixError> {
        let encoded = shadow::encode(&self.first).and_then(|bytes| {
            Shadow::<M>::load(&bytes)?;
            Ok(bytes.into())
        });
        encoded.map_err(|reason| CrashMatrixError::Unusable {
            what: "the first state".to_owned(),
            reason,
        })
    }
}

/// A history, and what it was made from.
struct Run<'a, M: Model> {
    case: Case,
    setup: Setup<'a, M>,
    transactions: Vec<Encoded>,
    history: History,
}

/// So many transactions are committed on what was recovered.
const MORE: usize = 2;

/// So many images of a crash behind a failure are judged.
const IMAGES_BEHIND_FAILURE: u64 = 200;

impl<M: Model> CrashMatrix<M> {
    /// Records the history of a case, with the failure that it names.
    fn run(&self, first: &Arc<[u8]>, case: Case) -> Result<Run<'_, M>, CrashMatrixError> {
        let unusable =
            |reason| CrashMatrixError::Unusable { what: "the first state".to_owned(), reason };
        let outcome =
            Shadow::<M>::load(first).and_then(|shadow| shadow.first()).map_err(unusable)?;
        let (knobs, configure) = ((case.seed, case.durability), &*self.configure);
        let setup = Setup::new(first.clone(), knobs, configure, self.through.as_deref());
        let transactions = transactions(&self.source, self.transactions, case.seed)?;
        let steps: Vec<Step> = steps(&transactions, case.seed);
        let sim = SimDisk::new();
        let health = match case.failing {
            None => Health::Healthy,
            Some(Failing { operation, fault, lasting }) => {
                match lasting {
                    Lasting::Once => sim.fail_operation(operation, fault),
                    Lasting::ForGood => sim.fail_from(operation, fault),
                }
                Health::Failing
            }
        };
        let (history, broken_by) = match record(sim, &setup, &outcome, &steps, health) {
            Ok(history) => (history, None),
            Err(broken) => (broken.history, Some(broken.what)),
        };
        let run = Run { case, setup, transactions, history };
        if let Some(what) = broken_by {
            return Err(run.broken(what));
        }
        if health == Health::Healthy {
            run.expect_deterministic()?;
        }
        Ok(run)
    }

    fn oracle<'a>(&self, run: &'a Run<'_, M>) -> Oracle<'a, M> {
        let is_split = run.case.failing.is_some_and(|it| it.fault == Fault::ShortWrite);
        let suspect_tails = if is_split || self.loss == Loss::KeepDropOrGarbage {
            SuspectTails::Possible
        } else {
            SuspectTails::Never
        };
        let effort = Effort {
            loss: self.loss,
            nested: self.nested,
            closely_every: self.closely_every,
            suspect_tails,
        };
        let more = &run.transactions[..run.transactions.len().min(MORE)];
        Oracle::new(&run.setup, &run.history, &run.case, effort, more)
    }

    /// The crashes of a history.
    fn judge(&self, run: &Run<'_, M>, images_max: u64) -> Result<CrashReport, CrashMatrixError> {
        let mut oracle = self.oracle(run);
        let mut sampler = match images_max {
            u64::MAX => Sampler::all(),
            wanted => Sampler::new(oracle.count_images(), wanted),
        };
        for (point, images) in run.history.crashes(self.loss) {
            oracle.judge_point(point, images, &mut sampler).map_err(|error| run.blame(error))?;
        }
        if images_max > 0 {
            oracle.survive_kill().map_err(|error| run.blame(error))?;
        }
        Ok(CrashReport {
            histories: 1,
            transactions: run.history.chapter_at(usize::MAX).last(),
            operations: run.history.end as u64,
            ..oracle.report
        })
    }

    /// The failures of a history's operations.
    fn fail_all(
        &self,
        run: &Run<'_, M>,
        failures_max: u64,
    ) -> Result<CrashReport, CrashMatrixError> {
        let failures = faults::all(&run.history.sim.operations());
        let mut sampler = Sampler::new(failures.len() as u64, failures_max);
        let mut report = CrashReport::default();
        for failing in failures.into_iter().filter(|_| sampler.takes()) {
            let failed = self.run(&run.setup.first, run.case.failing(failing))?;
            report += self.fail(&failed, failing)?;
        }
        Ok(report)
    }

    /// A history in which the disk fails.
    fn fail(&self, run: &Run<'_, M>, failing: Failing) -> Result<CrashReport, CrashMatrixError> {
        let history = &run.history;
        faults::expect_told(history, failing).map_err(|what| run.broken(what))?;
        let mut oracle = self.oracle(run);
        let mut images = 0;
        for point in faults::crash_points(history, failing) {
            let images = history.sim.images_at(point, self.loss);
            let mut sampler = Sampler::new(images.len() as u64, IMAGES_BEHIND_FAILURE);
            oracle.judge_point(point, images, &mut sampler).map_err(|error| run.blame(error))?;
        }
        images += oracle.report.images;
        images += oracle.survive_kill().map_err(|error| run.blame(error))?;
        Ok(CrashReport { failures: 1, images_after_failures: images, ..CrashReport::default() })
    }
}

impl<M: Model> Run<'_, M> {
    fn broken(&self, what: String) -> CrashMatrixError {
        self.blame(broken(&self.case.history(), what, String::new()))
    }

    /// Whose fault it is: the store's is known only where the model does the same each time.
    fn blame(&self, error: CrashMatrixError) -> CrashMatrixError {
        self.expect_deterministic().err().unwrap_or(error)
    }

    fn expect_deterministic(&self) -> Result<(), CrashMatrixError> {
        for chapter in self.history.chapters() {
            let differs = first_that_differs::<M>(&self.setup.first, &chapter.outcomes);
            if let Some(outcome) = differs {
                return Err(CrashMatrixError::NotDeterministic {
                    case: self.case.history().to_string(),
                    seq: outcome.given.as_ref().map_or(0, |given| given.seq),
                    tx: outcome.name().to_owned(),
                });
            }
        }
        Ok(())
    }
}

/// What part number `place` of so many equal parts has of all.
fn portion(all: u64, place: u64, parts: u64) -> u64 {
    if all == u64::MAX {
        return all;
    }
    let before = |place: u64| u128::from(all) * u128::from(place) / u128::from(parts);
    u64::try_from(before(place + 1) - before(place)).unwrap_or(u64::MAX)
}

impl<M: Model> fmt::Debug for CrashMatrix<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CrashMatrix")
            .field("model", &M::NAME)
            .field("seed", &self.seed)
            .field("histories", &self.histories)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod portions {
    use super::*;

    #[test]
    fn the_parts_are_the_whole() {
        for (all, parts) in [(10, 3), (0, 2), (7, 7), (5, 9)] {
            assert_eq!((0..parts).map(|place| portion(all, place, parts)).sum::<u64>(), all);
        }
        assert_eq!(portion(u64::MAX, 1, 5), u64::MAX);
    }
}
