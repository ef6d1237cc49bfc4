//! What is retired is still there to be replayed, and nobody is warned who doesn't use it.
#![deny(warnings, missing_docs, unused, clippy::pedantic)]
#![allow(clippy::unused_self, clippy::needless_pass_by_value)]

use prevalent::{Model, TxContext, prevalent};

/// A counter.
#[prevalent]
#[derive(Debug, Default)]
pub struct Counter {
    n: u64,
}

#[prevalent(
    tx_derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash),
    reply_derive(Debug, PartialEq)
)]
impl Counter {
    /// Adds.
    #[tx]
    pub fn add(&mut self, n: u64) {
        self.n += n;
    }

    /// Nobody calls it.
    #[tx(retired)]
    fn subtract(&mut self, text: &str, n: u64, cx: &TxContext) -> Option<u64> {
        let _ = (text, cx);
        self.n = self.n.checked_sub(n)?;
        Some(self.n)
    }

    /// A constructor's name is no trouble, and neither is that of another method of the store.
    #[tx(retired, name = "opened", rev = 2, upgrade(1 => Self::open_before))]
    fn open(&mut self, list: Vec<u64>) {
        self.n += list.len() as u64;
    }

    fn open_before((): ()) -> (Vec<u64>,) {
        (Vec::new(),)
    }

    /// Has the name of what is retired.
    #[query]
    #[must_use]
    pub fn subtracted(&self) -> u64 {
        self.n
    }

    /// With an attribute of the user's own as well.
    #[tx(retired)]
    #[deprecated = "it was a mistake"]
    fn mistake(&mut self, items: &[Step]) {
        self.n += items.len() as u64;
    }

    /// Another method of the store may have its name.
    #[tx(method = "mistake")]
    pub fn another(&mut self) {}
}

/// A step.
#[prevalent::data]
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Step(u8);

/// Nothing of this model is used, and all that it did is retired.
mod quiet {
    #[prevalent::prevalent]
    #[derive(Debug, Default)]
    struct Old;

    #[prevalent::prevalent(vis = pub(self), tx_derive(Debug))]
    impl Old {
        #[tx(retired)]
        fn never(&mut self, _a: u8) {}
    }
}

fn main() {
    let retired: Vec<_> =
        Counter::TRANSACTIONS.iter().map(|info| (info.name(), info.is_retired())).collect();
    let expected = [
        ("add", false),
        ("subtract", true),
        ("opened", true),
        ("mistake", true),
        ("another", false),
    ];
    assert_eq!(retired, expected);
    let store = CounterStore::in_memory();
    store.add(5).wait().unwrap();
    store.mistake().wait().unwrap();
    assert_eq!(store.subtracted(), 5);
    // It can still be named, by those who allow it.
    #[allow(deprecated)]
    let old = CounterTx::Subtract { text: String::new(), n: 2 };
    let text = serde_json::to_string(&old).unwrap();
    assert_eq!(serde_json::from_str::<CounterTx>(&text).unwrap(), old.clone());
    let mut counter = Counter { n: 5 };
    let cx = TxContext::for_test(1_u64, std::time::UNIX_EPOCH, 1);
    assert_eq!(counter.apply(old, &cx), CounterReply::Subtract(Some(3)));
}
