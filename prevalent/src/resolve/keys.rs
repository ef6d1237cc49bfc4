//! What is remembered of idempotent transactions: written, and read into today's types.

use std::sync::Arc;

use super::Resolver;
use crate::error::{Error, SchemaError};
use crate::format::window::WindowRecord;
use crate::idempotency::{Keyed, Known, Recalled, SharedWindow, Today, Window};
use crate::model::Model;
use crate::schema::types::Types;
use crate::sync::Mutex;

impl<M: Model> Resolver<M> {
    /// The window of a snapshot.
    pub(crate) fn window(&self, types: &Types, record: WindowRecord) -> SharedWindow {
        Arc::new(Mutex::new(Window::restored(self.keys_max, types, record)))
    }

    /// Remembers what was executed.
    pub(crate) fn remember(&self, window: &SharedWindow, seq: u64, keyed: Keyed, reply: &M::Reply) {
        let Some(today) = self.today(keyed.variant).filter(|_| self.keys_max > 0) else { return };
        let reply = self.replies.encode(keyed.variant, reply);
        window.lock().remember(seq, keyed.key, today, keyed.arguments, reply);
    }

    /// What is known of the key.
    pub(crate) fn find(&self, window: &SharedWindow, keyed: &Keyed) -> Option<Known> {
        window.lock().find(&keyed.key, self.today(keyed.variant)?, keyed.arguments)
    }

    /// The reply that is remembered.
    ///
    /// # Errors
    ///
    /// `Schema` where it can't be read, or there is none.
    pub(crate) fn recall(&self, variant: usize, recalled: &Recalled) -> Result<M::Reply, Error> {
        let today = self.today(variant);
        let reply = today
            .ok_or_else(|| "it is not remembered any more".to_owned())
            .and_then(|it| self.replies.recall(variant, recalled, (it.types, it.reply)));
        reply.map_err(|reason| unreadable::<M>(variant, recalled.seq, reason))
    }

    /// A reply of the same transaction once more, for somebody else who waits for it.
    ///
    /// # Errors
    ///
    /// `Schema` where it can't be copied.
    pub(crate) fn copy(&self, keyed: (usize, u64), reply: &M::Reply) -> Result<M::Reply, Error> {
        let (variant, seq) = keyed;
        let bytes = self.replies.encode(variant, reply);
        bytes
            .and_then(|bytes| self.replies.decode(variant, &bytes))
            .map_err(|reason| unreadable::<M>(variant, seq, reason))
    }

    fn today(&self, variant: usize) -> Option<Today<'_>> {
        let (info, schema) = (M::TRANSACTIONS.get(variant)?, &self.schema);
        Some(Today {
            variant,
            name: info.name(),
            revision: info.revision(),
            types: &schema.types,
            arguments: *schema.arguments.get(variant)?,
            reply: (*schema.replies.get(variant)?)?,
        })
    }
}

fn unreadable<M: Model>(variant: usize, seq: u64, reason: String) -> Error {
    let tx = M::TRANSACTIONS.get(variant).map_or(M::NAME, |info| info.name()).to_owned();
    SchemaError::ReplyUnreadable { tx, seq: seq.into(), reason }.into()
}
