//! Values that do not fit.

use prevalent::prevalent;

#[prevalent(name = sessions, serde = auto, crate = "prevalent", restored)]
#[derive(Debug, Default)]
pub struct Sessions {
    n: u64,
}

fn main() {}
