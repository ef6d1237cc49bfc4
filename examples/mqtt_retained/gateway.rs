//! What all connections share: the store, what is published just now, and who is connected.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use prevalent::Error;
use rumqttc::Publish;
use tokio::sync::{Notify, broadcast};

use crate::model::RetainedStore;

/// So many messages may a subscriber be late by, before it is disconnected.
const LATE_MAX: usize = 1024;

/// Cheap to clone.
#[derive(Clone)]
pub struct Gateway {
    /// What must not be forgotten.
    pub store: RetainedStore,
    live: broadcast::Sender<Publish>,
    connected: Arc<Mutex<HashMap<String, Arc<Notify>>>>,
}

impl Gateway {
    /// A gateway without any connection.
    pub fn new(store: RetainedStore) -> Self {
        let (live, _) = broadcast::channel(LATE_MAX);
        Gateway { store, live, connected: Arc::default() }
    }

    /// Everything that is published from now on.
    pub fn listen(&self) -> broadcast::Receiver<Publish> {
        self.live.subscribe()
    }

    /// Publishes a message. If it is to be retained, its place in the order is fixed at the call; when this resolves, it is
    /// on stable storage, and the subscribers have been told.
    pub fn publish(
        &self,
        publish: Publish,
    ) -> impl Future<Output = Result<Publish, Error>> + Send + use<> {
        let commit = publish
            .retain
            .then(|| self.store.retain(publish.topic.clone(), publish.payload.to_vec()));
        let live = self.live.clone();
        async move {
            if let Some(commit) = commit {
                commit.await?;
            }
            // Nobody may be listening.
            _ = live.send(publish.clone());
            Ok(publish)
        }
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
