//! The model that is attacked: it keeps whatever a replay could get wrong.

use std::sync::Once;
use std::time::UNIX_EPOCH;

use prevalent::{TxContext, prevalent};

/// A list of what was done to it.
#[prevalent]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    /// In the order of the transactions.
    pub lines: Vec<Line>,
}

/// A transaction, with everything that it was told.
#[prevalent::data]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its sequence number.
    pub seq: u64,
    /// Its time, in microseconds since 1970.
    pub now_us: u64,
    /// What it drew.
    pub random: u64,
    /// Its argument.
    pub text: String,
}

impl Line {
    fn new(text: String, cx: &TxContext) -> Self {
        let now = cx.now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Line {
            seq: cx.seq().into(),
            now_us: u64::try_from(now.as_micros()).unwrap_or(u64::MAX),
            random: cx.random_u64(),
            text,
        }
    }
}

#[prevalent]
impl Ledger {
    /// Adds a line, and gives it.
    #[tx]
    pub fn add(&mut self, text: String, cx: &TxContext) -> Line {
        let line = Line::new(text, cx);
        self.lines.push(line.clone());
        line
    }

    /// Adds a line, and panics.
    ///
    /// # Panics
    ///
    /// Always.
    #[tx]
    pub fn explode(&mut self, cx: &TxContext) {
        self.lines.push(Line::new("half done".to_owned(), cx));
        panic!("{EXPLOSION}");
    }
}

const EXPLOSION: &str = "an explosion that belongs to the test";

/// Keeps the explosions of [`Ledger::explode`] out of the output.
pub fn hush() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if info.payload_as_str() != Some(EXPLOSION) {
                usual(info);
            }
        }));
    });
}
