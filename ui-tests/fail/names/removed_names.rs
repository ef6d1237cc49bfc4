//! A name that is removed is not used again.
//! mistakes: 3
use prevalent::prevalent;

#[prevalent]
#[derive(Debug, Default)]
pub struct Sessions {
    n: u64,
}

#[prevalent(removed("create", "delete", "clear"))]
impl Sessions {
    #[tx]
    pub fn create(&mut self) {}

    #[tx(name = "delete")]
    pub fn remove(&mut self) {}

    #[tx(retired)]
    pub fn clear(&mut self) {}

    #[tx(name = "create_again")]
    pub fn create_again(&mut self) {}
}

fn main() {
    let store = SessionsStore::in_memory();
    store.create().detach();
    store.remove().detach();
    store.create_again().detach();
}
