//! `rollback` takes no value, and is given once.
//! mistakes: 4
use prevalent::prevalent;

#[prevalent(rollback = true)]
#[derive(Clone, Debug, Default)]
pub struct Sessions {
    n: u64,
}

#[prevalent(rollback(clone))]
#[derive(Clone, Debug, Default)]
pub struct Users {
    n: u64,
}

#[prevalent(rollback, rollback)]
#[derive(Clone, Debug, Default)]
pub struct Groups {
    n: u64,
}

#[prevalent(transactional)]
#[derive(Clone, Debug, Default)]
pub struct Rights {
    n: u64,
}

fn main() {}
