//! `version` is not available yet.

use prevalent::prevalent;

#[prevalent(version = 2)]
#[derive(Debug, Default)]
pub struct Sessions {
    n: u64,
}

fn main() {}
