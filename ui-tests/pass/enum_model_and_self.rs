//! A model that is an enum, and `Self` in signatures.
#![deny(warnings)]

use prevalent::prevalent;

#[prevalent(restored = Self::rebuild)]
#[derive(Debug, Default, Clone, PartialEq)]
pub enum Light {
    #[default]
    Red,
    Green {
        since: u64,
    },
}

#[prevalent]
impl Light {
    const PHASES: usize = 2;

    fn rebuild(&mut self) {}

    #[tx]
    pub fn set(&mut self, to: Self) -> Option<Self> {
        Some(std::mem::replace(self, to))
    }

    #[tx]
    pub fn set_from(self: &mut Self, to: &Self, all: &[Self], maybe: Option<&Self>, n: [u8; Self::PHASES]) -> [u8; Self::PHASES] {
        let _ = (all, maybe);
        *self = to.clone();
        n
    }

    #[query]
    pub fn get(&self, same: &Self) -> (Self, bool) {
        (self.clone(), self == same)
    }
}

fn main() {
    let store = LightStore::in_memory();
    assert_eq!(store.set(Light::Green { since: 1 }).wait().unwrap(), Some(Light::Red));
    assert_eq!(store.set_from(&Light::Red, &[], None, [1, 2]).wait().unwrap(), [1, 2]);
    assert_eq!(store.get(&Light::Red), (Light::Red, true));
}
