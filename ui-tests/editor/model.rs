//! What `check.py` edits.

use std::collections::BTreeMap;

use prevalent::prevalent;

#[prevalent]
#[derive(Debug, Default)]
pub struct Sessions {
    by_token: BTreeMap<String, u64>,
}

#[prevalent]
impl Sessions {
    /// Creates a session of a user.
    #[tx]
    pub fn create_session(&mut self, token: String, user: u64) {
        self.by_token.insert(token, user);
    }

    /// Ends it.
    #[tx]
    pub fn end_session(&mut self, token: &str) -> bool {
        self.by_token.remove(token).is_some()
    }

    /// Whose session it is.
    #[query]
    pub fn user_of(&self, token: &str) -> Option<u64> {
        self.by_token.get(token).copied()
    }
}

fn main() -> Result<(), prevalent::Error> {
    let store = SessionsStore::in_memory();
    store.create_session("a".to_owned(), 1).wait()?;
    println!("{:?}", store.user_of("a"));
    Ok(())
}
