// The model of the README.

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
