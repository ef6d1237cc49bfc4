//! `#[tx]` on a constant.
//! mistakes: 2
use prevalent::prevalent;

#[prevalent]
#[derive(Debug, Default)]
pub struct Sessions {
    n: u64,
}

macro_rules! type_of {
    () => {};
}

#[prevalent]
impl Sessions {
    #[tx]
    const N: u64 = 1;

    #[query]
    type_of! {}
}

fn main() {}
