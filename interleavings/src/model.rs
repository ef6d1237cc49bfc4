//! The models.

use prevalent::{TxContext, prevalent};

/// What a transaction says that panics on purpose.
pub(crate) const BUG: &str = "a bug, on purpose";

/// What was added, in order. Each transaction begins and ends: whoever sees one that has begun only, sees half of it.
#[prevalent]
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    /// The sequence number, and what was added.
    pub entries: Vec<(u64, u32)>,
    /// Transactions that have begun.
    pub begun: u64,
    /// Transactions that have ended.
    pub ended: u64,
}

#[prevalent]
impl Ledger {
    /// Adds a number, and tells its place.
    #[tx]
    pub fn add(&mut self, cx: &TxContext, number: u32) -> usize {
        self.begun += 1;
        self.entries.push((cx.seq().get(), number));
        self.ended += 1;
        self.entries.len()
    }

    /// Adds a number, at most once.
    #[tx(idempotent)]
    pub fn add_once(&mut self, cx: &TxContext, key: &prevalent::Key, number: u32) -> usize {
        let _ = key;
        self.add(cx, number)
    }

    /// Adds a number, and takes much room in the journal.
    #[tx]
    pub fn add_with(&mut self, cx: &TxContext, number: u32, padding: &[u8]) -> usize {
        let _ = padding;
        self.add(cx, number)
    }

    /// Adds a number, and panics.
    #[tx]
    pub fn panic_after(&mut self, cx: &TxContext, number: u32) -> usize {
        self.begun += 1;
        self.entries.push((cx.seq().get(), number));
        std::panic::panic_any(BUG);
    }
}

/// A ledger in which a transaction that panics is undone.
#[prevalent(rollback)]
#[derive(Clone, Debug, Default)]
pub struct Undoing {
    /// What was added.
    pub numbers: Vec<u32>,
    /// Transactions that have begun.
    pub begun: u64,
    /// Transactions that have ended.
    pub ended: u64,
}

#[prevalent]
impl Undoing {
    /// Adds a number.
    #[tx]
    pub fn add(&mut self, number: u32) {
        self.begun += 1;
        self.numbers.push(number);
        self.ended += 1;
    }

    /// Adds a number, and panics.
    #[tx]
    pub fn panic_after(&mut self, number: u32) {
        self.add(number);
        self.begun += 1;
        std::panic::panic_any(BUG);
    }
}
