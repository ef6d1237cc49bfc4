//! How long a transaction takes.

use std::time::{Duration, Instant};

use prevalent::{Commit, Durability};

use crate::Failure;
use crate::contrast::{imbl_without, std_with, std_without};
use crate::model::{self, Refused};

/// A store, as far as it matters here.
pub struct Subject {
    articles: u64,
    convert: Box<dyn Fn(u64, u64) -> Converting>,
    total: Box<dyn Fn() -> u64>,
}

type Converting = Commit<Result<(), Refused>>;

macro_rules! opening {
    ($(#[$doc:meta])* $name:ident, $module:ident) => {
        $(#[$doc])*
        pub fn $name(articles: u64) -> Result<Subject, Failure> {
            // In memory, and nobody waits for a sync: what is measured is the engine and the model.
            let builder = $module::WarehouseStore::builder_in_memory();
            let builder = builder.initial(move || $module::Warehouse::with(articles));
            let store = builder.durability(Durability::Manual).open().wait()?;
            let reader = store.clone();
            Ok(Subject {
                articles,
                convert: Box::new(move |from, to| store.convert(from, to, 1)),
                total: Box::new(move || reader.total()),
            })
        }
    };
}

opening!(
    /// `imbl`'s map.
    imbl_plain, imbl_without
);
opening!(
    /// `imbl`'s map, with `rollback`.
    imbl_rolled_back, model
);
opening!(
    /// The standard library's map.
    std_plain, std_without
);
opening!(
    /// The standard library's map, with `rollback`.
    std_rolled_back, std_with
);

/// So many runs are made, and the fastest one counts: what else the machine does only makes the others slower.
const RUNS: u32 = 5;

impl Subject {
    /// The time of one of so many transactions.
    pub fn time(&self, transactions: u32) -> Result<Duration, Failure> {
        // Makes everything warm.
        self.run(transactions)?;
        let mut best = Duration::MAX;
        for _ in 0..RUNS {
            let began = Instant::now();
            self.run(transactions)?;
            best = best.min(began.elapsed());
        }
        Ok(best / transactions)
    }

    fn run(&self, transactions: u32) -> Result<(), Failure> {
        let mut last = None;
        for number in 0..u64::from(transactions) {
            // All over the map.
            let from = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) % self.articles;
            let before = last.replace((self.convert)(from, (from + 1) % self.articles));
            // They are applied in their order: the last one tells of all.
            if let Some(before) = before {
                before.detach();
            }
        }
        match last.map(Commit::wait).transpose()? {
            Some(Err(refused)) => Err(format!("{refused:?}").into()),
            _ => Ok(()),
        }
    }

    /// How many pieces are lost by a transaction that takes one, and then finds no place for it.
    pub fn lost(&self) -> Result<u64, Failure> {
        let before = (self.total)();
        match (self.convert)(0, u64::MAX).wait()? {
            Err(Refused::NoSuchArticle) => Ok(before - (self.total)()),
            other => Err(format!("{other:?}").into()),
        }
    }
}
