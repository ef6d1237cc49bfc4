//! A reply has to be `Send`.

use prevalent::prevalent;

#[prevalent]
#[derive(Debug, Default)]
pub struct Sessions {
    n: u64,
}

#[prevalent]
impl Sessions {
    #[tx]
    pub fn add(&mut self) -> std::rc::Rc<u64> {
        std::rc::Rc::new(self.n)
    }
}

fn main() {}
