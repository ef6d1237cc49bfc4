//! What one writes by hand to save the hop to another thread: the first who finds nobody writing writes for all, inside its
//! own poll. It blocks a thread of the executor while the disk works.

use std::path::Path;
use std::sync::Arc;

use parking_lot::{Mutex, RwLock};
use tokio::sync::oneshot;
use tokio::task::yield_now;

use super::Contender;
use crate::drive;
use crate::failure::Result;
use crate::frame::{Batch, Session, read_into, session};
use crate::load::{Acknowledged, Load, Outcome};
use crate::log_file::{LogFile, room_for};
use crate::workload::{Map, map_with_room};

const FILE: &str = "log";

/// Nothing is decoded.
pub(super) struct HandWritten;

impl Contender for HandWritten {
    fn name(&self) -> &'static str {
        "group commit by hand, leader"
    }

    fn run(&self, dir: &Path, load: &Load) -> Result<Outcome> {
        let runtime = drive::runtime()?;
        let log = LogFile::zero_filled(&dir.join(FILE), room_for(load.in_flight))?;
        let store = Arc::new(Store {
            queue: Mutex::new(Queue { waiting: Vec::new(), lead: Lead::Vacant }),
            disk: Mutex::new((log, Batch::new())),
            map: RwLock::new(map_with_room()),
        });
        drive::tasks(&runtime, load, move |number| commit(store.clone(), session(number)))
    }

    fn verify(&self, dir: &Path, acknowledged: &Acknowledged) -> Result<()> {
        let mut map = map_with_room();
        read_into(&dir.join(FILE), &mut map)?;
        acknowledged.verify_in(&map)
    }
}

struct Store {
    queue: Mutex<Queue>,
    /// Only the leader's.
    disk: Mutex<(LogFile, Batch)>,
    map: RwLock<Map>,
}

struct Queue {
    waiting: Vec<(Session, oneshot::Sender<Reply>)>,
    lead: Lead,
}

type Reply = Result<(), Arc<str>>;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Lead {
    Vacant,
    Taken,
}

async fn commit(store: Arc<Store>, session: Session) -> Result<()> {
    let (reply, replied) = oneshot::channel();
    let lead = {
        let mut queue = store.queue.lock();
        queue.waiting.push((session, reply));
        std::mem::replace(&mut queue.lead, Lead::Taken)
    };
    if lead == Lead::Vacant {
        // Those who are ready to run may come along.
        yield_now().await;
        if store.write_one_batch() == Lead::Taken {
            tokio::spawn(lead_on(store));
        }
    }
    Ok(replied.await?.map_err(|failure| failure.to_string())?)
}

/// Leads until nobody is left.
async fn lead_on(store: Arc<Store>) {
    loop {
        yield_now().await;
        if store.write_one_batch() == Lead::Vacant {
            break;
        }
    }
}

impl Store {
    /// Makes durable what waits, and tells whether somebody must go on.
    fn write_one_batch(&self) -> Lead {
        let waiting = std::mem::take(&mut self.queue.lock().waiting);
        let (sessions, replies): (Vec<_>, Vec<_>) = waiting.into_iter().unzip();
        let result = self.write(sessions).map_err(|failure| failure.to_string().into());
        for reply in replies {
            // Who doesn't wait any more needs no reply.
            let _ = reply.send(result.clone());
        }
        let mut queue = self.queue.lock();
        if queue.waiting.is_empty() {
            queue.lead = Lead::Vacant;
        }
        queue.lead
    }

    fn write(&self, sessions: Vec<Session>) -> Result<()> {
        let (log, batch) = &mut *self.disk.lock();
        for session in &sessions {
            batch.push(session)?;
        }
        log.append(batch.seal()?)?;
        batch.clear();
        self.map.write().extend(sessions);
        Ok(())
    }
}
