//! The plain program: a model, and a `main` that uses it. There is nothing more to learn for a start.

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

#[tokio::main]
async fn main() -> Result<(), prevalent::Error> {
    let store = SessionsStore::open("data/sessions").await?;
    store.create_session("access_token".into(), 1).await?; // durable when this returns
    assert_eq!(store.user_of("access_token"), Some(1)); // a plain read of memory: no await, no Result
    assert_eq!(store.delete_session("access_token").await?, Some(1));
    println!("{} operations", store.read(|s| s.operations)); // any read, as a closure
    store.close().await
}

// Here ends the plain program. What follows lets the rest of the example run it, and look at the whole state.

/// Runs it.
pub fn run() -> Result<(), prevalent::Error> {
    main()
}

impl Sessions {
    /// All who are logged in, by their tokens.
    pub fn tokens(&self) -> &HashMap<String, u64> {
        &self.tokens
    }

    /// How many log-ins and log-outs there ever were.
    pub fn operations(&self) -> u64 {
        self.operations
    }
}
