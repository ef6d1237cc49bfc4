//! A name that is retired is not used again.
//! mistakes: 2
use prevalent::prevalent;

#[prevalent]
#[derive(Debug, Default)]
pub struct Sessions {
    n: u64,
}

#[prevalent]
impl Sessions {
    #[tx(retired, name = "create")]
    pub fn create_before(&mut self) {}

    #[tx]
    pub fn create(&mut self) {}

    #[tx]
    pub fn delete(&mut self) {}

    #[tx(retired, name = "delete")]
    pub fn delete_before(&mut self) {}
}

fn main() {
    SessionsStore::in_memory().create().detach();
}
