//! An argument of a query cannot be `impl Trait`.

use prevalent::prevalent;

#[prevalent]
#[derive(Debug, Default)]
pub struct Sessions {
    n: u64,
}

#[prevalent]
impl Sessions {
    #[query]
    pub fn any(&self, f: impl Fn(u64) -> bool) -> bool {
        f(self.n)
    }
}

fn main() {}
