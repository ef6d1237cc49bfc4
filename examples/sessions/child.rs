//! The process that is killed.

use std::convert::Infallible;
use std::time::Instant;

use tokio::task::JoinSet;

use crate::Failure;
use crate::options::ChildOrders;
use crate::pipe::{Acknowledged, Sender};
use crate::plain::SessionsStore;
use crate::script::{Action, Task};

/// So small that the kills also hit the store while it begins a new file, or takes a snapshot.
const SEGMENT_BYTES: u64 = 1 << 20;
const SNAPSHOT_EVERY_BYTES: u64 = 8 << 20;

/// Works until it is killed: it returns only if something fails.
#[tokio::main]
pub async fn run(orders: &ChildOrders) -> Result<Infallible, Failure> {
    let start = Instant::now();
    let store = SessionsStore::builder(&orders.dir)
        .segment_bytes(SEGMENT_BYTES)
        .snapshot_every_bytes(SNAPSHOT_EVERY_BYTES)
        .open()
        .await?;
    let parent = Sender::start(start.elapsed());

    let mut tasks = JoinSet::new();
    for number in 0..orders.tasks {
        let task = Task { round: orders.round, number };
        tasks.spawn(follow_the_script(task, store.clone(), parent.clone()));
    }
    match tasks.join_next().await {
        Some(Ok(Err(failure))) => Err(failure),
        Some(Err(panicked)) => Err(panicked.into()),
        None => Err("there are no tasks".into()),
    }
}

async fn follow_the_script(
    task: Task,
    store: SessionsStore,
    parent: Sender,
) -> Result<Infallible, Failure> {
    for step in 0.. {
        match task.action(step) {
            Action::LogIn(session) => {
                store.create_session(session.to_string(), session.user_id()).await?;
            }
            Action::LogOut(session) => {
                let user = store.delete_session(&session.to_string()).await?;
                if user != Some(session.user_id()) {
                    return Err(format!("session {session} was of {user:?}").into());
                }
            }
        }
        parent.send(Acknowledged { task: task.number, step })?;
    }
    Err("no more steps".into())
}
