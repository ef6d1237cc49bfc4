//! The impl of something that is no struct.

use prevalent::prevalent;

trait Walk {}

#[prevalent]
impl dyn Walk {
    #[tx]
    pub fn add(&mut self) {}
}

fn main() {}
