//! A transaction cannot take `&mut`.

use prevalent::prevalent;

#[prevalent]
#[derive(Debug, Default)]
pub struct Sessions {
    n: u64,
}

#[prevalent]
impl Sessions {
    #[tx]
    pub fn add(&mut self, out: &mut Vec<u64>) {
        out.push(self.n);
    }
}

fn main() {}
