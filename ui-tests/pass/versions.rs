//! A model that changed, and what its types accept.
#![deny(warnings, clippy::pedantic)]
#![allow(missing_docs)]

use std::collections::BTreeMap;

use prevalent::{ModelData, prevalent};

/// Any type of serde's, be it deprecated.
#[deprecated]
#[prevalent::data]
pub struct SessionsV2<T> {
    tokens: T,
}

#[prevalent(
    name = "sessions",
    version = 4,
    from(SessionsV2<Vec<(String, u8)>> => Self::from_second, BTreeMap<String, u64> => from_map,),
    samples("DE89370400440532013000", "42", ""),
    restored = Self::rebuild
)]
#[derive(Debug, Default)]
pub struct Sessions {
    tokens: BTreeMap<String, u64>,
    #[serde(skip)]
    count: usize,
}

impl Sessions {
    #[allow(deprecated)]
    fn from_second(old: SessionsV2<Vec<(String, u8)>>) -> Self {
        let tokens = old.tokens.into_iter().map(|(token, user)| (token, user.into())).collect();
        Sessions { tokens, count: 0 }
    }

    fn rebuild(&mut self) {
        self.count = self.tokens.len();
    }
}

fn from_map(tokens: BTreeMap<String, u64>) -> Sessions {
    Sessions { tokens, count: 0 }
}

/// A path may be any function's: a variant's, too.
#[prevalent(version = 2, from(usize => Self::Many))]
#[derive(Debug)]
pub enum Count {
    Many(usize),
}

/// Old versions are refused.
#[prevalent(version = 2)]
#[derive(Debug, Default)]
pub enum Light {
    #[default]
    Off,
}

fn main() {
    assert_eq!(
        (Sessions::NAME, Sessions::VERSION, Sessions::OLD_VERSIONS),
        ("sessions", 4, &[2, 3][..])
    );
    assert_eq!(Sessions::SAMPLES, ["DE89370400440532013000", "42", ""]);
    assert_eq!((Light::VERSION, Light::OLD_VERSIONS), (2, &[][..]));
    assert_eq!(Count::OLD_VERSIONS, [1]);
    let Count::Many(_) = Count::Many(1);
    assert!(Light::SAMPLES.is_empty());
}
