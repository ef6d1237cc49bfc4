//! `from` is not available yet.

use prevalent::prevalent;

#[prevalent(from(Old))]
#[derive(Debug, Default)]
pub struct Sessions {
    n: u64,
}

fn main() {}
