//! Who is logged in, as one writes it on `airomem`.

use std::collections::HashMap;

use airomem::{JsonSerializer, JsonStore, MergeTx, Store, StoreOptions, Tx};
use serde::{Deserialize, Serialize};

type SessionsStore = JsonStore<Sessions, SessionsTx>;

#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Sessions {
    tokens: HashMap<String, u64>,
    operations: u64,
}

MergeTx!(pub SessionsTx<Sessions> = CreateSession | DeleteSession);

/// Opens a session.
#[derive(Serialize, Deserialize)]
pub struct CreateSession {
    token: String,
    user_id: u64,
}

impl Tx<Sessions> for CreateSession {
    fn execute(self, data: &mut Sessions) {
        data.operations += 1;
        data.tokens.insert(self.token, self.user_id);
    }
}

/// Ends a session and tells whose it was.
#[derive(Serialize, Deserialize)]
pub struct DeleteSession {
    token: String,
}

impl Tx<Sessions, Option<u64>> for DeleteSession {
    fn execute(self, data: &mut Sessions) -> Option<u64> {
        data.operations += 1;
        data.tokens.remove(&self.token)
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut store: SessionsStore =
        Store::open(JsonSerializer, StoreOptions::default(), "data/sessions").await?;
    let token = "access_token".to_owned();
    store.commit(CreateSession { token: token.clone(), user_id: 1 }).await?;
    assert_eq!(store.query().await?.tokens.get(&token), Some(&1));
    assert_eq!(store.commit(DeleteSession { token }).await?, Some(1));
    println!("{} operations", store.query().await?.operations);
    Ok(())
}
