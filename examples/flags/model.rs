//! The second release: a flag may be on for a part of the users. What the first one wrote is read as it is.

use std::collections::BTreeMap;

use prevalent::prevalent;

/// All flags. The struct was called `Flags`, and is still called so on disk.
#[prevalent(name = "Flags")]
#[derive(Debug, Default)]
pub struct FeatureFlags {
    flags: BTreeMap<String, Flag>,
}

/// A flag.
#[prevalent::data]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flag {
    /// Whether anybody sees it. This field was called `on`.
    #[serde(alias = "on")]
    pub enabled: bool,
    /// For how many of the users it is on, if it is enabled. This field is new: old flags were for everybody.
    #[serde(default = "everybody")]
    pub percent: u8,
}

/// Why a transaction changed nothing.
#[prevalent::data]
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is no such flag.
    #[error("there is no flag `{0}`")]
    Unknown(String),
    /// More than all.
    #[error("{0} % of the users are more than there are")]
    Percent(u8),
}

#[prevalent(tx_derive(Debug))]
impl FeatureFlags {
    /// Adds a flag, which is off.
    #[tx]
    pub fn create(&mut self, name: String) {
        self.flags.entry(name).or_insert(Flag { enabled: false, percent: everybody() });
    }

    /// Changes a flag. In the first revision there were no percents; [`set_v1`] says what such a transaction is today.
    #[tx(rev = 2, upgrade(1 => set_v1))]
    pub fn set(&mut self, name: &str, flag: Flag) -> Result<(), Refusal> {
        if flag.percent > 100 {
            return Err(Refusal::Percent(flag.percent));
        }
        *self.flags.get_mut(name).ok_or_else(|| Refusal::Unknown(name.to_owned()))? = flag;
        Ok(())
    }

    /// Sets some flags to what they were, and takes away those that were not there: all of them at once, so that nobody
    /// sees half of it. This transaction is new.
    #[tx]
    pub fn undo(&mut self, changes: BTreeMap<String, Option<Flag>>) {
        for (name, flag) in changes {
            match flag {
                Some(flag) => _ = self.flags.insert(name, flag),
                None => _ = self.flags.remove(&name),
            }
        }
    }

    /// Whether a user sees a feature. Who sees it goes on to see it when the percentage grows.
    #[query]
    pub fn is_on(&self, name: &str, user: u64) -> bool {
        self.flags
            .get(name)
            .is_some_and(|flag| flag.enabled && place_of(name, user) < flag.percent.into())
    }

    /// All flags.
    #[query]
    pub fn all(&self) -> BTreeMap<String, Flag> {
        self.flags.clone()
    }
}

fn everybody() -> u8 {
    100
}

/// What arguments of the first revision are today.
fn set_v1((name, on): (String, bool)) -> (String, Flag) {
    (name, Flag { enabled: on, percent: everybody() })
}

/// From 0 to 99, another one for each flag: FNV-1a, which will be the same in all later releases.
fn place_of(name: &str, user: u64) -> u64 {
    let bytes = name.bytes().chain(user.to_le_bytes());
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    // The high bits: the low ones of neighbouring users are alike.
    (hash >> 32) % 100
}
