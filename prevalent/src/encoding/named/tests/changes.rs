//! Whatever changed, what is read is what serde's documentation says.
//!
//! Types, values and changes of the types are made at random; a value is written as postcard and as JSON, and both are
//! read by one reader that does what serde's derived code does. JSON is self-describing, and so the judge.

use std::cell::RefCell;
use std::collections::BTreeMap;

use proptest::prelude::*;
use serde::de::DeserializeSeed;

use super::dynamic::{Random, Read, Ty, Val, Written, add, change, normal, random_ty, random_val};
use super::*;
use crate::encoding::encode_value;
use crate::encoding::named::decode;
use crate::encoding::named::value::Value;
use crate::encoding::value as plain;

/// What became of the value.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Clone, Copy)]
enum Outcome {
    /// By both, and alike.
    Read,
    RefusedByBoth,
    /// JSON is lenient where the types are other ones.
    RefusedByType,
}

fn outcome(old: &Ty, new: &Ty, val: &Val) -> Result<Outcome, TestCaseError> {
    let mut types = Types::default();
    let ty = add(&mut types, old);
    let mut bytes = Vec::new();
    encode_value(&Written(old, val), &mut bytes, None).unwrap();
    let json = serde_json::to_string(&Written(old, val)).unwrap();
    let ours = decode(&types, ty, &bytes, |source| Read(new).deserialize(Value::new(source, ty)));
    let mut reader = serde_json::Deserializer::from_str(&json);
    let theirs = Read(new).deserialize(&mut reader).and_then(|val| reader.end().map(|()| val));

    if old == new {
        let plain = plain::decode(&bytes, |deserializer| Read(new).deserialize(deserializer));
        prop_assert_eq!(plain.as_ref().ok(), Some(val));
        prop_assert_eq!(ours.as_ref(), Ok(val));
    }
    match (ours, theirs) {
        (Ok(ours), Ok(theirs)) => {
            prop_assert_eq!(normal(&ours), normal(&theirs));
            Ok(Outcome::Read)
        }
        (Ok(ours), Err(error)) => {
            Err(TestCaseError::fail(format!("only we read {json} as {ours:?}: {error}")))
        }
        (Err(_), Err(_)) => Ok(Outcome::RefusedByBoth),
        (Err(fault), Ok(_)) => {
            prop_assert_eq!(fault.kind, FaultKind::Structural, "{} {}", json, fault);
            prop_assert!(fault.message.starts_with("what was written as"), "{} {}", json, fault);
            let wanted = fault.wanted.as_deref().unwrap_or_default();
            prop_assert!(!is_widened(&fault.stored, wanted), "{}", fault);
            Ok(Outcome::RefusedByType)
        }
    }
}

/// Whether one is a number that has room for all numbers of the other: that may not be refused.
fn is_widened(stored: &str, wanted: &str) -> bool {
    let number = |name: &str| -> Option<(char, u32)> {
        let kind = name.chars().next().filter(|kind| "iuf".contains(*kind))?;
        Some((kind, name[1..].parse().ok()?))
    };
    match (number(stored), number(wanted)) {
        (Some((a, x)), Some((b, y))) => (a == b && x <= y) || (a == 'u' && b == 'i' && x < y),
        _ => stored == wanted,
    }
}

#[test]
fn what_is_read_after_any_change_is_what_json_reads() {
    let counts = RefCell::new(BTreeMap::new());
    let config = ProptestConfig { cases: 4_000, failure_persistence: None, ..<_>::default() };
    proptest!(config, |(seed: u64, changes in 0_u32..5)| {
        let random = &mut Random::new(seed);
        let old = random_ty(random, 4);
        let mut new = old.clone();
        for _ in 0..changes {
            change(random, &mut new);
        }
        for _ in 0..3 {
            let val = random_val(random, &old);
            let outcome = outcome(&old, &new, &val)?;
            *counts.borrow_mut().entry(outcome).or_insert(0_u32) += 1;
        }
    });
    let counts = counts.into_inner();
    println!("{counts:?}");
    for outcome in [Outcome::Read, Outcome::RefusedByBoth, Outcome::RefusedByType] {
        assert!(counts.get(&outcome).is_some_and(|count| *count > 200), "{counts:?}");
    }
}
