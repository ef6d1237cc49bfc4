//! Lint levels go where they were meant, visibilities are the user's, and generated code is free of warnings.
#![deny(warnings, missing_docs, unused, clippy::pedantic)]

/// A tree of modules.
pub mod bank {
    /// One that is not for everybody.
    pub mod inner {
        use prevalent::{TxContext, prevalent};

        /// What an account holds.
        #[prevalent::data]
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct Amount(pub u64);

        /// A bank.
        #[prevalent]
        #[derive(Debug, Default)]
        pub struct Bank {
            total: u64,
            last: Option<Amount>,
        }

        #[prevalent(vis = pub(in crate::bank), tx_derive(Debug))]
        impl Bank {
            /// Too much for the pedantic.
            #[tx]
            #[allow(clippy::needless_pass_by_value, clippy::too_many_arguments)]
            #[expect(clippy::cast_possible_truncation, reason = "the numbers are small")]
            pub(in crate::bank) fn pay(
                &mut self,
                amount: Amount,
                _why: Vec<Amount>,
                cx: &TxContext,
            ) -> u8 {
                let _ = cx;
                self.total += amount.0;
                self.last = Some(amount);
                self.total as u8
            }

            /// Gone soon.
            #[tx]
            #[deprecated = "use `pay`"]
            #[must_use]
            pub(super) fn old(&mut self, amount: &Amount, _amounts: &[Amount]) -> Option<Amount> {
                self.total += amount.0;
                self.last.clone()
            }

            /// What was paid last, and is there anything?
            #[query]
            #[expect(clippy::unnecessary_wraps)]
            pub(crate) fn last(&self) -> Result<Option<Amount>, String> {
                Ok(self.last.clone())
            }
        }

        /// Uses the private ones.
        pub(in crate::bank) fn store() -> BankStore {
            BankStore::in_memory()
        }
    }

    /// Pays.
    ///
    /// # Panics
    ///
    /// Where a number is wrong.
    #[must_use]
    pub fn run() -> u64 {
        let store = inner::store();
        assert_eq!(store.pay(inner::Amount(3), Vec::new()).wait().unwrap(), 3);
        #[allow(deprecated)]
        let old = store.old(&inner::Amount(4), &[]).wait().unwrap();
        assert_eq!(old, Some(inner::Amount(3)));
        store.last().unwrap().map_or(0, |amount| amount.0)
    }
}

fn main() {
    assert_eq!(bank::run(), 3);
}
