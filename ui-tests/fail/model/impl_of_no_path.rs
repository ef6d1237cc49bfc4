//! The impl of something that is no struct.

use prevalent::prevalent;

#[prevalent]
impl [u8] {
    #[tx]
    pub fn add(&mut self) {}
}

fn main() {}
