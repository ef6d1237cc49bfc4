//! Who is logged in, as one writes it on `prevalent`.

use std::collections::HashMap;

use prevalent::prevalent;

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

#[tokio::main]
async fn main() -> Result<(), prevalent::Error> {
    let store = SessionsStore::open("data/sessions").await?;
    store.create_session("access_token".into(), 1).await?;
    assert_eq!(store.user_of("access_token"), Some(1));
    assert_eq!(store.delete_session("access_token").await?, Some(1));
    println!("{} operations", store.read(|sessions| sessions.operations));
    store.close().await
}
