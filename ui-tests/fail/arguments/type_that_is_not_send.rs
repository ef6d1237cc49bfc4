//! An argument has to be `Send`.

use prevalent::prevalent;

#[prevalent]
#[derive(Debug, Default)]
pub struct Sessions {
    n: u64,
}

#[prevalent::data]
pub struct Step {
    #[serde(skip)]
    shared: std::rc::Rc<u8>,
}

#[prevalent]
impl Sessions {
    #[tx]
    pub fn add(&mut self, step: Step, by: u64) {
        self.n += by + u64::from(*step.shared);
    }
}

fn main() {}
