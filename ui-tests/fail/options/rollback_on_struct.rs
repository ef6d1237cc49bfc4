//! `rollback` is not available yet.

use prevalent::prevalent;

#[prevalent(rollback)]
#[derive(Debug, Default)]
pub struct Sessions {
    n: u64,
}

fn main() {}
