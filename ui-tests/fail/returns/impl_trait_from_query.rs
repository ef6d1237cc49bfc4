//! A query cannot return `impl Trait`.

use prevalent::prevalent;

#[prevalent]
#[derive(Debug, Default)]
pub struct Sessions {
    n: u64,
}

#[prevalent]
impl Sessions {
    #[query]
    pub fn all(&self) -> impl Iterator<Item = u64> {
        std::iter::empty()
    }
}

fn main() {}
