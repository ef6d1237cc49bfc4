//! The function for an old version takes it, and gives the model.
//! mistakes: 5
use prevalent::prevalent;

#[prevalent::data]
pub struct SessionsV1(u64);

pub struct Plain;

#[prevalent(
    version = 6,
    from(
        SessionsV1 => Self::gives_another_type,
        SessionsV1 => Self::takes_another_type,
        SessionsV1 => Self::takes_two,
        SessionsV1 => Self::borrows,
        Plain => Self::without_serde,
    )
)]
#[derive(Debug, Default)]
pub struct Sessions {
    n: u64,
}

impl Sessions {
    fn gives_another_type(_: SessionsV1) -> u64 {
        0
    }

    fn takes_another_type(_: u64) -> Self {
        Self::default()
    }

    fn takes_two(_: SessionsV1, _: u64) -> Self {
        Self::default()
    }

    fn borrows(_: &SessionsV1) -> Self {
        Self::default()
    }

    fn without_serde(_: Plain) -> Self {
        Self::default()
    }
}

fn main() {}
