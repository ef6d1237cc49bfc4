//! Values that do not fit.
//! mistakes: 4
use prevalent::prevalent;

#[prevalent(name = sessions, serde = auto, crate = "prevalent", restored)]
#[derive(Debug, Default)]
pub struct Sessions {
    n: u64,
}

fn main() {}
