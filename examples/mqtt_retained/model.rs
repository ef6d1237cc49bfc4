//! What the broker must not forget: the last message of each topic, and what each client has subscribed to.

use std::collections::{BTreeMap, BTreeSet};

use prevalent::prevalent;

/// Retained messages, and the subscriptions of those clients who want them kept.
#[prevalent]
#[derive(Debug, Default)]
pub struct Retained {
    messages: BTreeMap<String, Vec<u8>>,
    sessions: BTreeMap<String, BTreeSet<String>>,
}

#[prevalent]
impl Retained {
    /// Keeps the last message of a topic. An empty one clears the topic.
    #[tx]
    pub fn retain(&mut self, topic: String, payload: Vec<u8>) {
        if payload.is_empty() {
            self.messages.remove(&topic);
        } else {
            self.messages.insert(topic, payload);
        }
    }

    /// Begins a session that is kept, or goes on with it.
    #[tx]
    pub fn begin_session(&mut self, client: String) {
        self.sessions.entry(client).or_default();
    }

    /// Forgets a session.
    #[tx]
    pub fn end_session(&mut self, client: &str) {
        self.sessions.remove(client);
    }

    /// Keeps subscriptions in a session.
    #[tx]
    pub fn add_filters(&mut self, client: &str, filters: Vec<String>) {
        if let Some(session) = self.sessions.get_mut(client) {
            session.extend(filters);
        }
    }

    /// Takes subscriptions out of a session.
    #[tx]
    pub fn remove_filters(&mut self, client: &str, filters: &[String]) {
        if let Some(session) = self.sessions.get_mut(client) {
            session.retain(|filter| !filters.contains(filter));
        }
    }

    /// The retained messages of all topics that a filter matches.
    #[query]
    pub fn matching(&self, filter: &str) -> Vec<(String, Vec<u8>)> {
        let messages = self.messages.iter().filter(|(topic, _)| matches(filter, topic));
        messages.map(|(topic, payload)| (topic.clone(), payload.clone())).collect()
    }

    /// The subscriptions of a session, if there is one.
    #[query]
    pub fn session(&self, client: &str) -> Option<BTreeSet<String>> {
        self.sessions.get(client).cloned()
    }

    /// How many topics have a retained message.
    #[query]
    pub fn topics(&self) -> usize {
        self.messages.len()
    }
}

/// Whether a filter matches a topic: section 4.7 of MQTT 3.1.1.
pub fn matches(filter: &str, topic: &str) -> bool {
    if topic.starts_with('$') && filter.starts_with(['+', '#']) {
        return false;
    }
    let (mut filter, mut topic) = (filter.split('/'), topic.split('/'));
    loop {
        match (filter.next(), topic.next()) {
            // It matches the level above, too: `a/#` matches `a`.
            (Some("#"), _) | (None, None) => return true,
            (Some("+"), Some(_)) => (),
            (Some(level), Some(other)) if level == other => (),
            _ => return false,
        }
    }
}
