//! Each argument that is not serde's is one mistake, in whatever form.
//! mistakes: 5
use prevalent::prevalent;

#[prevalent]
#[derive(Debug, Default)]
pub struct Sessions {
    n: u64,
}

pub struct A;
pub struct B;
pub struct C;
pub struct D;
#[derive(Default)]
pub struct E;

#[prevalent]
impl Sessions {
    #[tx]
    pub fn add(&mut self, a: &[A], b: Option<&B>, c: Vec<C>, d: Option<D>, #[serde(default)] e: E) {
        let _ = (a, b, c, d, e);
    }
}

fn main() {}
