//! What it costs a map to grow, by the kind of map: `cargo run --release -p prevalent-tests --example map_growth`
//!
//! Two million sessions (a 24-character token and a `u64`) are inserted one after the other, each insertion is timed, and the
//! longest one is told: a transaction that meets it holds up all others for as long. Three times each, medians.

use std::collections::{BTreeMap, HashMap};
use std::hint::black_box;
use std::time::{Duration, Instant};

const SESSIONS: u32 = 2_000_000;
const ROUNDS: usize = 3;

/// Random bits that are always the same: the tokens come in no order.
fn token(number: u64) -> String {
    let mut bits = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits ^= bits >> 27;
    format!("{bits:016x}{number:08x}")
}

struct Growth {
    mean: Duration,
    longest: Duration,
}

/// Inserts all sessions.
fn grow<M>(mut map: M, insert: fn(&mut M, String, u64) -> Option<u64>) -> Growth {
    let mut longest = Duration::ZERO;
    let mut inserting = Duration::ZERO;
    for number in (0..SESSIONS).map(u64::from) {
        let token = token(number);
        let began = Instant::now();
        let before = insert(&mut map, token, number);
        let took = began.elapsed();
        assert!(before.is_none(), "two tokens are alike");
        longest = longest.max(took);
        inserting += took;
    }
    black_box(&map);
    Growth { mean: inserting / SESSIONS, longest }
}

fn main() {
    type Kind = (&'static str, fn() -> Growth);
    let kinds: [Kind; 5] = [
        ("`HashMap`", || grow(HashMap::new(), HashMap::insert)),
        ("`HashMap` with room for all", || {
            let sessions = usize::try_from(SESSIONS).unwrap_or_default();
            grow(HashMap::with_capacity(sessions), HashMap::insert)
        }),
        ("`BTreeMap`", || grow(BTreeMap::new(), BTreeMap::insert)),
        ("`imbl::HashMap`", || grow(imbl::HashMap::new(), imbl::HashMap::insert)),
        ("`imbl::OrdMap`", || grow(imbl::OrdMap::new(), imbl::OrdMap::insert)),
    ];
    println!("| map | an insertion, in the mean | the longest |\n|---|--:|--:|");
    for (name, kind) in kinds {
        let mut rounds: Vec<_> = (0..ROUNDS).map(|_| kind()).collect();
        rounds.sort_by_key(|growth| growth.longest);
        let Growth { longest, .. } = rounds[ROUNDS / 2];
        rounds.sort_by_key(|growth| growth.mean);
        let mean = rounds[ROUNDS / 2].mean;
        let (mean_ns, longest_ms) = (mean.as_nanos(), longest.as_secs_f64() * 1e3);
        println!("| {name} | {mean_ns} ns | {longest_ms:.2} ms |");
    }
}
