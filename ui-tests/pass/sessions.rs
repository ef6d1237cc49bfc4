//! The example of the documentation.

use prevalent::prevalent;
use std::collections::HashMap;

/// Who is logged in.
#[prevalent]
#[derive(Debug, Default)]
pub struct Sessions {
    tokens: HashMap<String, u64>,
    operations: u64,
}

#[prevalent]
impl Sessions {
    /// Opens a session.
    #[tx]
    pub fn create_session(&mut self, token: String, user_id: u64) {
        self.operations += 1;
        self.tokens.insert(token, user_id);
    }

    /// Ends a session and tells whose it was.
    #[tx]
    pub fn delete_session(&mut self, token: &str) -> Option<u64> {
        self.operations += 1;
        self.tokens.remove(token)
    }

    /// Whose session is this?
    #[query]
    pub fn user_of(&self, token: &str) -> Option<u64> {
        self.tokens.get(token).copied()
    }
}

fn main() -> Result<(), prevalent::Error> {
    let store = SessionsStore::in_memory();
    store.create_session("access_token".into(), 1).wait()?;
    assert_eq!(store.user_of("access_token"), Some(1));
    assert_eq!(store.delete_session("access_token").wait()?, Some(1));
    let reply = store.commit(SessionsTx::CreateSession { token: "a".into(), user_id: 2 }).wait()?;
    assert!(matches!(reply, SessionsReply::CreateSession(())));
    assert_eq!(store.read(|sessions: &Sessions| sessions.operations), 3);
    assert!(format!("{store:?}").starts_with("SessionsStore"));
    let _ = async {
        let store = SessionsStore::open("data/sessions").await?;
        store.clone().close().await
    };
    Ok(())
}
