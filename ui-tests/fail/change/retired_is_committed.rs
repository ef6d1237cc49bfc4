//! What is retired is deprecated as a value.
#![deny(deprecated)]

use prevalent::prevalent;

#[prevalent]
#[derive(Debug, Default)]
pub struct Sessions {
    n: u64,
}

#[prevalent]
impl Sessions {
    #[tx(retired)]
    pub fn create(&mut self) {}
}

fn main() {
    SessionsStore::in_memory().commit(SessionsTx::Create).detach();
}
