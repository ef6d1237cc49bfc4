//! What is done at the bank: `SmallBank`'s mix of transactions.

use prevalent::Error;
use tokio::task::JoinSet;

use crate::model::{BankStore, Customer};

/// So many work at the same time.
pub const TELLERS: u32 = 64;
const STEPS_EACH: u32 = 500;

/// What was done.
#[derive(Clone, Copy, Debug, Default)]
pub struct Done {
    /// All that was committed.
    pub transactions: u32,
    /// What of it was refused: a reply like any other, and in the journal.
    pub refused: u32,
}

/// Has all tellers do their steps.
pub async fn work(
    store: &BankStore,
    customers: Customer,
) -> Result<Done, Box<dyn std::error::Error>> {
    let mut tellers = JoinSet::new();
    for number in 0..TELLERS {
        tellers.spawn(teller(store.clone(), fastrand::Rng::with_seed(number.into()), customers));
    }
    let mut all = Done::default();
    while let Some(done) = tellers.join_next().await {
        let done = done??;
        all.transactions += done.transactions;
        all.refused += done.refused;
    }
    Ok(all)
}

async fn teller(
    store: BankStore,
    mut random: fastrand::Rng,
    customers: Customer,
) -> Result<Done, Error> {
    let mut done = Done::default();
    for _ in 0..STEPS_EACH {
        let (one, other) = (random.u32(..customers), random.u32(..customers));
        let amount = random.i64(1..50_000);
        let outcome = match random.u32(..100) {
            0..15 => store.amalgamate(one, other).await?.map(drop),
            15..30 => store.deposit_checking(one, amount).await?.map(drop),
            30..55 => store.send_payment(one, other, amount).await?.map(drop),
            55..70 => store.transact_savings(one, amount - 25_000).await?.map(drop),
            70..85 => store.write_check(one, amount).await?.map(drop),
            // A look at memory: no transaction.
            _ => {
                _ = store.balance(one);
                continue;
            }
        };
        done.transactions += 1;
        done.refused += u32::from(outcome.is_err());
    }
    Ok(done)
}
