//! What to do about transactions whose code has changed.

/// What an open does about transactions that it has to replay, and that were committed when their methods had other bodies:
/// their effect may be another one than it was.
///
/// A body is known by a fingerprint that the macro takes of it; what it calls can't be seen. Transactions that go through an `upgrade` are
/// not compared. A store that was
/// [closed](crate::Store::close) with a snapshot (the default) has nothing to replay, and so nothing of this can happen.
///
/// May change from open to open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ChangedBodies {
    /// Replays them; [`Recovery::changed_bodies`](crate::Recovery::changed_bodies) tells.
    Allow,
    /// The same, with a warning (an event of `tracing`).
    #[default]
    Warn,
    /// Fails with [`SchemaError::ChangedBody`](crate::SchemaError::ChangedBody), before anything is replayed or written.
    Refuse,
}
