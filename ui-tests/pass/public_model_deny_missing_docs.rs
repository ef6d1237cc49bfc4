//! A public library's model: everything that is generated has documentation.
#![deny(warnings, missing_docs, rustdoc::all)]
#![forbid(unsafe_code, missing_docs)]

/// The library.
pub mod library {
    use prevalent::{TxContext, prevalent};

    /// A model.
    #[prevalent(name = "library")]
    #[derive(Debug, Default)]
    pub struct Model {
        hits: u64,
    }

    #[prevalent(tx_derive(Debug, Clone, PartialEq), reply_derive(Debug, Clone, PartialEq))]
    impl Model {
        /// Counts a hit. See [`Self::hits`].
        #[tx(name = "hit", method = "count")]
        #[must_use = "look at the number"]
        pub fn hit(&mut self, by: u64, cx: &TxContext) -> u64 {
            self.hits += by + cx.random_u64() * 0;
            self.hits
        }

        /// No arguments but the context.
        #[tx]
        pub fn touch(&mut self, _: &prevalent::TxContext) {}

        /// How many?
        #[query]
        #[must_use]
        pub fn hits(&self) -> u64 {
            self.hits
        }
    }
}

fn main() {
    use library::{ModelReply, ModelStore, ModelTx};
    let store = ModelStore::in_memory();
    assert_eq!(store.count(2).wait().unwrap(), 2);
    store.touch().wait().unwrap();
    assert_eq!(store.hits(), 2);
    let tx = ModelTx::Hit { by: 3 };
    assert_eq!(tx.clone(), tx);
    assert_eq!(store.commit(tx).wait().unwrap(), ModelReply::Hit(5));
    store.commit(ModelTx::Touch).wait().unwrap();
    assert_eq!(<library::Model as prevalent::ModelData>::NAME, "library");
}
