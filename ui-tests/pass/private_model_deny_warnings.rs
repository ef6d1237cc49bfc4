//! A private model, in a crate that denies every warning.
#![deny(warnings, missing_docs, unused, unreachable_pub, missing_debug_implementations)]
#![deny(missing_copy_implementations, unused_qualifications, single_use_lifetimes)]
#![deny(clippy::all, clippy::pedantic, unused_results, elided_lifetimes_in_paths)]

use prevalent::prevalent;

#[prevalent]
#[derive(Debug, Default)]
struct Counter {
    value: u64,
}

#[prevalent::data]
#[derive(Debug)]
struct Step(u64);

#[prevalent]
impl Counter {
    /// Adds.
    #[tx]
    fn add(&mut self, step: Step, _reason: &str) -> Option<Step> {
        self.value += step.0;
        None
    }

    #[tx]
    fn reset(&mut self) {
        self.value = 0;
    }

    #[query]
    fn value(&self) -> u64 {
        self.value
    }
}

/// Nothing of this model is used but its store.
mod quiet {
    #[prevalent::prevalent]
    #[derive(Debug, Default)]
    struct Unused;

    #[prevalent::prevalent]
    impl Unused {
        #[tx]
        fn never(&mut self, _a: u8) {}

        #[query]
        fn neither(&self) {}
    }
}

fn main() {
    let store = CounterStore::in_memory();
    assert!(store.add(Step(2), "why").wait().unwrap().is_none());
    assert_eq!(store.value(), 2);
    store.reset().detach();
}
