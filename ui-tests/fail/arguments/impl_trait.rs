//! An argument cannot be `impl Trait`.

use prevalent::prevalent;

#[prevalent]
#[derive(Debug, Default)]
pub struct Sessions {
    n: u64,
}

#[prevalent]
impl Sessions {
    #[tx]
    pub fn add(&mut self, token: impl Into<String>) {
        let _: String = token.into();
    }
}

fn main() {}
