#![allow(missing_docs)]
use prevalent::prevalent;
use std::collections::HashMap;

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
        assert!(token != "bomb", "boom");
        self.tokens.remove(token)
    }

    /// Whose session is this?
    #[query]
    pub fn user_of(&self, token: &str) -> Option<u64> {
        self.tokens.get(token).copied()
    }
}

#[tokio::test]
async fn the_program_of_the_readme_works() -> Result<(), prevalent::Error> {
    let dir = tempfile::tempdir().unwrap();
    for round in 0..3 {
        let store = SessionsStore::open(dir.path()).await?;
        println!("{:?}", store.recovery());
        store.create_session("access_token".into(), 1).await?;
        assert_eq!(store.user_of("access_token"), Some(1));
        assert_eq!(store.delete_session("access_token").await?, Some(1));
        assert_eq!(store.read(|s| s.operations), round * 2 + 2);
        println!("{:?}", store.stats());
        store.close().await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_panic_harms_only_itself() -> Result<(), prevalent::Error> {
    let store = SessionsStore::in_memory();
    let a = store.create_session("a".into(), 1);
    let b = store.delete_session("bomb");
    let c = store.create_session("c".into(), 1);
    a.await?;
    println!("{}", b.await.unwrap_err());
    c.await?;
    assert_eq!(store.read(|s| s.operations), 2);
    let mut sub = store.subscribe(0);
    println!("{:?}", sub.next().await.is_some());
    println!("{:?}", sub.next().await.is_some());
    println!("{:?}", store.stats());
    Ok(())
}
