//! A misspelt option.
//! mistakes: 2
use prevalent::prevalent;

#[prevalent(nmae = "sessions", restore = Self::rebuild)]
#[derive(Debug, Default)]
pub struct Sessions {
    n: u64,
}

fn main() {}
