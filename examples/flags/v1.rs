//! The first release, as it was: a flag is on or off.

use std::collections::BTreeMap;

use prevalent::prevalent;

/// All flags.
#[prevalent]
#[derive(Debug, Default)]
pub struct Flags {
    flags: BTreeMap<String, Flag>,
}

/// A flag.
#[prevalent::data]
#[derive(Clone, Copy, Debug)]
pub struct Flag {
    on: bool,
}

#[prevalent]
impl Flags {
    /// Adds a flag, which is off.
    #[tx]
    pub fn create(&mut self, name: String) {
        self.flags.entry(name).or_insert(Flag { on: false });
    }

    /// Switches a flag.
    #[tx]
    pub fn set(&mut self, name: &str, on: bool) {
        if let Some(flag) = self.flags.get_mut(name) {
            flag.on = on;
        }
    }

    /// Whether a flag is on.
    #[query]
    pub fn is_on(&self, name: &str) -> bool {
        self.flags.get(name).is_some_and(|flag| flag.on)
    }
}
