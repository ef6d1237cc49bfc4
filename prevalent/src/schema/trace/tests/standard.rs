//! Types of the standard library.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::ffi::{CString, OsString};
use std::marker::PhantomData;
use std::net::{IpAddr, SocketAddr};
use std::num::{NonZeroI16, NonZeroU32, Wrapping};
use std::ops::{Bound, Range, RangeInclusive};
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use super::*;

#[test]
fn scalars_are_what_they_are() {
    type All = (i8, i16, i32, i64, i128, u8, u16, u32, u64, u128);
    assert_eq!(traced::<All>(), "(i8, i16, i32, i64, i128, u8, u16, u32, u64, u128)");
    assert_eq!(traced::<(bool, f32, f64, char, usize)>(), "(bool, f32, f64, char, u64)");
}

#[test]
fn times_and_ranges_are_structs() {
    assert_eq!(traced::<Duration>(), "Duration {secs: u64, nanos: u32}");
    assert_eq!(
        traced::<SystemTime>(),
        "SystemTime {secs_since_epoch: u64, nanos_since_epoch: u32}"
    );
    assert_eq!(traced::<Range<u8>>(), "Range {start: u8, end: u8}");
    assert_eq!(traced::<RangeInclusive<char>>(), "RangeInclusive {start: char, end: char}");
    assert_eq!(traced::<Bound<u8>>(), "Bound <0 Unbounded () | 1 Included u8 | 2 Excluded u8>");
    assert_eq!(traced::<Result<u8, String>>(), "Result <0 Ok u8 | 1 Err str>");
}

#[test]
fn addresses_are_enums_of_bytes() {
    let v4 = "(u8, u8, u8, u8)";
    let v6 = format!("({})", ["u8"; 16].join(", "));
    assert_eq!(traced::<IpAddr>(), format!("IpAddr <0 V4 {v4} | 1 V6 {v6}>"));
    assert_eq!(traced::<SocketAddr>(), format!("SocketAddr <0 V4 ({v4}, u16) | 1 V6 ({v6}, u16)>"));
}

#[test]
fn texts_of_systems_are_traced() {
    assert_eq!(traced::<PathBuf>(), "str");
    assert_eq!(traced::<CString>(), "bytes");
    #[cfg(unix)]
    assert_eq!(traced::<OsString>(), "OsString <0 Unix [u8]>");
}

#[test]
fn wrappers_are_what_is_inside() {
    assert_eq!(traced::<(NonZeroU32, NonZeroI16)>(), "(u32, i16)");
    assert_eq!(traced::<Wrapping<u8>>(), "u8");
    assert_eq!(traced::<PhantomData<u8>>(), "()");
    assert_eq!(traced::<Cow<'static, [u8]>>(), "[u8]");
    assert_eq!(traced::<Box<str>>(), "str");
    assert_eq!(traced::<Option<Option<u8>>>(), "u8??");
}

#[test]
fn collections_are_sequences_and_maps() {
    #[derive(PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
    enum Key {
        A,
        B(u8),
    }
    let key = "Key <0 A () | 1 B u8>";
    assert_eq!(traced::<HashMap<Key, Option<u8>>>(), format!("{{{key}: u8?}}"));
    assert_eq!(traced::<BTreeMap<Key, Vec<()>>>(), format!("{{{key}: [()]}}"));
    assert_eq!(traced::<HashSet<Key>>(), format!("[{key}]"));
    assert_eq!(traced::<BTreeSet<u8>>(), "[u8]");
    assert_eq!(traced::<VecDeque<String>>(), "[str]");
}

#[test]
fn arrays_are_tuples() {
    assert_eq!(traced::<[u16; 3]>(), "(u16, u16, u16)");
    assert_eq!(traced::<[Option<u8>; 32]>(), format!("({})", ["u8?"; 32].join(", ")));
    assert_eq!(traced::<[u8; 0]>(), "()");
}
