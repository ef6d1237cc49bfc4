//! A call of a method that clashes is no second error.

use prevalent::prevalent;

#[prevalent]
#[derive(Debug, Default)]
pub struct Sessions {
    n: u64,
}

#[prevalent]
impl Sessions {
    #[tx]
    pub fn add(&mut self, n: u64) -> u64 {
        n
    }

    #[tx(name = "add")]
    pub fn put(&mut self, n: &str) -> Option<Self> {
        let _ = n;
        None
    }
}

fn main() {
    let store = SessionsStore::in_memory();
    store.add(1).detach();
    let _: Option<Sessions> = store.put("n").wait().unwrap();
}
