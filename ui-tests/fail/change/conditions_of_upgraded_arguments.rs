//! Arguments under too many conditions.
#![allow(unexpected_cfgs)]

use prevalent::prevalent;

#[prevalent]
#[derive(Debug, Default)]
pub struct Sessions {
    n: u64,
}

#[prevalent]
impl Sessions {
    #[tx(rev = 2, upgrade(1 => Self::up))]
    pub fn many(
        &mut self,
        #[cfg(a)] a: u8,
        #[cfg(b)] b: u8,
        #[cfg(c)] c: u8,
        #[cfg(d)] d: u8,
        #[cfg(e)] e: u8,
    ) {
    }

    fn up((): ()) {}
}

fn main() {}
