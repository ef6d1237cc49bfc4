//! An unknown option.
//! mistakes: 2
use prevalent::prevalent;

#[prevalent(colour = "red", 7)]
#[derive(Debug, Default)]
pub struct Sessions {
    n: u64,
}

fn main() {}
