//! A reply has to be `Send`; those who use it are told nothing.

use prevalent::prevalent;

#[prevalent]
#[derive(Debug, Default)]
pub struct Sessions {
    n: u64,
}

#[prevalent]
impl Sessions {
    #[tx]
    pub fn add(&mut self, by: &str) -> std::rc::Rc<u64> {
        std::rc::Rc::new(self.n + by.len() as u64)
    }

    #[tx]
    pub fn again(&mut self) -> std::rc::Rc<u64> {
        std::rc::Rc::new(self.n)
    }
}

fn main() {
    let store = SessionsStore::in_memory();
    let _ = store.add("1").wait();
    let _ = store.again().wait();
}
