//! A call of a method with a mistake is no second error.
//! mistakes: 2
use prevalent::prevalent;

#[prevalent]
#[derive(Debug, Default)]
pub struct Sessions {
    n: u64,
}

#[prevalent]
impl Sessions {
    #[tx]
    pub async fn add(&mut self, tokens: Vec<String>) -> u64 {
        tokens.len() as u64
    }

    #[query]
    pub fn n(&mut self) -> Option<Self> {
        None
    }
}

async fn calls(store: SessionsStore) -> Result<u64, prevalent::Error> {
    let n = store.n().map_or(0, |sessions| sessions.n);
    Ok(store.add(vec![]).await? + n)
}

fn main() {
    let _ = calls(SessionsStore::in_memory());
}
