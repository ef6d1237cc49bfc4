//! What all connections share: the store, what is published just now, and who is connected.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::StreamExt;
use futures_util::stream::FuturesOrdered;
use rumqttc::Publish;
use tokio::sync::{Notify, broadcast, mpsc, oneshot};

use crate::Failure;
use crate::model::RetainedStore;

/// So many messages may a subscriber be late by, before it is disconnected.
const LATE_MAX: usize = 1024;

/// A message to be published, and who wants to hear how that went.
type Asked = (Publish, oneshot::Sender<Result<Publish, prevalent::Error>>);

/// Cheap to clone.
#[derive(Clone)]
pub struct Gateway {
    /// What must not be forgotten.
    pub store: RetainedStore,
    asked: mpsc::UnboundedSender<Asked>,
    live: broadcast::Sender<Publish>,
    connected: Arc<Mutex<HashMap<String, Arc<Notify>>>>,
}

impl Gateway {
    /// A gateway without any connection. It has a task of its own.
    pub fn new(store: RetainedStore) -> Self {
        let (live, _) = broadcast::channel(LATE_MAX);
        // A connection asks for so many at a time, and no more.
        let (asked, asking) = mpsc::unbounded_channel();
        tokio::spawn(publish_in_order(store.clone(), asking, live.clone()));
        Gateway { store, asked, live, connected: Arc::default() }
    }

    /// Everything that is published from now on.
    pub fn listen(&self) -> broadcast::Receiver<Publish> {
        self.live.subscribe()
    }

    /// Publishes a message, whether anybody waits for it or not. Its place in the order is fixed at the call; when this resolves,
    /// it is on stable storage, if it is to be retained, and the subscribers have been told.
    pub fn publish(
        &self,
        publish: Publish,
    ) -> impl Future<Output = Result<Publish, Failure>> + Send + use<> {
        let (told, outcome) = oneshot::channel();
        // It fails only where the program is about to end, and then nobody tells the outcome.
        _ = self.asked.send((publish, told));
        async { Ok(outcome.await??) }
    }

    /// A client is connected; whoever was connected by the same name is told to go. What this gives tells it the same one day.
    pub fn take_over(&self, client: &str) -> Arc<Notify> {
        let taken_over = Arc::new(Notify::new());
        if let Some(older) = self.connected().insert(client.to_owned(), taken_over.clone()) {
            older.notify_one();
        }
        taken_over
    }

    /// A client has gone.
    pub fn leave(&self, client: &str, taken_over: &Arc<Notify>) {
        let mut connected = self.connected();
        if connected.get(client).is_some_and(|current| Arc::ptr_eq(current, taken_over)) {
            connected.remove(client);
        }
    }

    fn connected(&self) -> MutexGuard<'_, HashMap<String, Arc<Notify>>> {
        self.connected.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Publishes the messages of all connections in the order in which they were asked for: none overtakes one that is still on its way
/// to the disk, and what is live last is what is retained.
async fn publish_in_order(
    store: RetainedStore,
    mut asked: mpsc::UnboundedReceiver<Asked>,
    live: broadcast::Sender<Publish>,
) {
    let mut on_their_way = FuturesOrdered::new();
    loop {
        tokio::select! {
            Some((publish, told)) = asked.recv() => {
                // It has its place in the journal now, and shares a sync with others.
                let commit = publish
                    .retain
                    .then(|| store.retain(publish.topic.clone(), publish.payload.to_vec()));
                on_their_way.push_back(async {
                    let stored = match commit {
                        Some(commit) => commit.await,
                        None => Ok(()),
                    };
                    (stored, publish, told)
                });
            }
            Some((stored, publish, told)) = on_their_way.next() => {
                if stored.is_ok() {
                    // Nobody may be listening.
                    _ = live.send(publish.clone());
                }
                // The connection may have gone.
                _ = told.send(stored.map(|()| publish));
            }
            else => return,
        }
    }
}
