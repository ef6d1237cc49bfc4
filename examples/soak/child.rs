//! The process that is killed.

use std::convert::Infallible;
use std::time::Duration;

use prevalent::{Error, ReplayEnd};
use tokio::task::JoinSet;

use crate::Failure;
use crate::model::{StepsStore, open};
use crate::options::ChildOrders;
use crate::words::{Voice, Word, say_at_once};

/// A task takes something along that makes its transactions unlike in length.
const LUGGAGE: [u8; 600] = [0xa5; 600];

/// One step in so many is followed by one that panics.
const STUMBLE_EVERY: u64 = 150;

/// Works until it is killed: it returns only if something fails, or was refused.
pub fn run(orders: &ChildOrders) -> Result<(), Failure> {
    // Transactions panic here on purpose, and many of them.
    std::panic::set_hook(Box::new(|_| {}));
    match work(orders) {
        Ok(never) => match never {},
        Err(error) => match error.downcast_ref() {
            Some(Error::ReplayPanicked { end: ReplayEnd::Process, .. }) => {
                say_at_once(&Word::Refused)?;
            }
            _ => say_at_once(&Word::Wrong(error.to_string()))?,
        },
    }
    Ok(())
}

#[tokio::main]
async fn work(orders: &ChildOrders) -> Result<Infallible, Failure> {
    let store = open(&orders.dir, orders.mode)?;
    let next = store.all();
    // Before anything is committed: numbers of what an earlier kill has taken away are given again.
    say_at_once(&Word::Opened { seq: store.stats().seq.into(), next: next.clone() })?;
    let voice = Voice::start();

    let mut tasks = JoinSet::new();
    for task in 0..orders.tasks {
        let number = next.get(usize::from(task)).copied().unwrap_or(0);
        tasks.spawn(walk(task, number, store.clone(), voice.clone()));
    }
    tasks.spawn(flush_again_and_again(store.clone(), voice.clone()));
    tasks.spawn(take_snapshots(store, voice));
    match tasks.join_next().await {
        Some(Ok(Err(failure))) => Err(failure),
        Some(Err(panicked)) => Err(panicked.into()),
        None => Err("there are no tasks".into()),
    }
}

/// Step by step, each when the one before is acknowledged.
async fn walk(
    task: u16,
    from: u64,
    store: StepsStore,
    voice: Voice,
) -> Result<Infallible, Failure> {
    for number in from.. {
        let luggage = &LUGGAGE[..usize::from(task) * 37 % LUGGAGE.len()];
        let commit = store.step(task, number, luggage);
        let seq = commit.seq().ok_or("it was not ordered")?;
        if let Err(next) = commit.await? {
            return Err(format!("task {task} went step {number}, and {next} was next").into());
        }
        voice.say(Word::Acknowledged { task, number, seq: seq.into() });
        if (number + u64::from(task)) % STUMBLE_EVERY == 0 {
            match store.stumble(task).await {
                Err(Error::TxPanicked { .. }) => voice.say(Word::Stumbled),
                other => return Err(format!("a transaction that panics gave {other:?}").into()),
            }
        }
    }
    Err("no more steps".into())
}

async fn flush_again_and_again(store: StepsStore, voice: Voice) -> Result<Infallible, Failure> {
    loop {
        tokio::time::sleep(Duration::from_millis(15)).await;
        let ordered = store.stats().ordered_seq;
        store.flush().await?;
        voice.say(Word::Flushed { seq: ordered.into() });
    }
}

async fn take_snapshots(store: StepsStore, voice: Voice) -> Result<Infallible, Failure> {
    loop {
        tokio::time::sleep(Duration::from_millis(40)).await;
        store.snapshot().await?;
        voice.say(Word::Snapshot);
    }
}
