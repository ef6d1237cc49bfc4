#[derive(::prevalent::__private::serde::Serialize)]
#[derive(::prevalent::__private::serde::Deserialize)]
#[serde(crate = "::prevalent::__private::serde")]
#[derive(Clone, Debug, Default)]
struct Counter(u64);
#[automatically_derived]
impl ::prevalent::ModelData for Counter {
    const NAME: &'static ::core::primitive::str = "Counter";
    const DECLARATION: ::core::primitive::u64 = 0x78e876c91ecd9753;
    const ROLLBACK: ::core::option::Option<fn(&Self) -> Self> = ::core::option::Option::Some(
        <Self as ::prevalent::__private::Rollback>::copy,
    );
}
impl Counter {
    fn plus(&mut self, by: u64, #[allow(unused_variables)] key: &Key) -> u64 {
        self.0 += by;
        self.0
    }
}
const _: () = {
    ///The transactions of `Counter`.
    #[derive(
        ::prevalent::__private::serde::Serialize,
        ::prevalent::__private::serde::Deserialize
    )]
    #[serde(crate = "::prevalent::__private::serde")]
    #[allow(
        dead_code,
        deprecated,
        missing_copy_implementations,
        missing_debug_implementations,
        private_bounds,
        private_interfaces,
        unreachable_pub,
        clippy::all,
        clippy::nursery,
        clippy::pedantic
    )]
    pub enum Count {
        ///The transaction `plus`.
        #[serde(rename = "plus")]
        Plus {
            ///The argument `by`.
            by: u64,
            ///The argument `key`.
            #[serde(
                serialize_with = "Count::__serialize_0_1",
                deserialize_with = "Count::__deserialize_0_1"
            )]
            key: Key,
        },
    }
    ///The replies of the transactions of `Counter`.
    #[derive(Debug)]
    #[allow(
        dead_code,
        deprecated,
        missing_copy_implementations,
        missing_debug_implementations,
        private_bounds,
        private_interfaces,
        unreachable_pub,
        clippy::all,
        clippy::nursery,
        clippy::pedantic
    )]
    pub enum Counted {
        ///What `plus` returned.
        Plus(u64),
    }
    #[allow(
        dead_code,
        deprecated,
        elided_lifetimes_in_paths,
        private_bounds,
        private_interfaces,
        unreachable_code,
        unreachable_patterns,
        unreachable_pub,
        unused_qualifications,
        clippy::all,
        clippy::nursery,
        clippy::pedantic,
        rustdoc::broken_intra_doc_links,
        rustdoc::private_intra_doc_links
    )]
    #[automatically_derived]
    impl ::prevalent::Model for Counter {
        type Tx = Count;
        type Reply = Counted;
        const TRANSACTIONS: &'static [::prevalent::TxInfo] = &[
            ::prevalent::TxInfo::new("plus")
                .with_fingerprint(0x9fd584e56e394624)
                .with_declaration(0x4c1e5515923507db),
        ];
        fn apply(&mut self, tx: Count, _cx: &::prevalent::TxContext) -> Counted {
            match tx {
                Count::Plus { by: by, key: key } => {
                    Counted::Plus(Counter::plus(self, by, &key))
                }
            }
        }
        fn is_err(value: &Counted) -> ::core::primitive::bool {
            match value {
                Counted::Plus(value) => {
                    ::prevalent::__private::Outcome::of(value).is_err()
                }
                _ => false,
            }
        }
        fn key(tx: &Count) -> ::core::option::Option<&::prevalent::Key> {
            match tx {
                Count::Plus { key: key, .. } => {
                    ::core::option::Option::Some(
                        <Key as ::prevalent::__private::IdempotencyKey>::key(key),
                    )
                }
                _ => ::core::option::Option::None,
            }
        }
        fn replies(all: &mut ::prevalent::Replies<Self>) {
            <u64 as ::prevalent::__private::RememberedReply>::remember(
                all,
                ::prevalent::__private::tx_index(
                    <Counter as ::prevalent::Model>::TRANSACTIONS,
                    "plus",
                ),
                Counted::Plus,
                |value| match value {
                    Counted::Plus(value) => ::core::option::Option::Some(value),
                    _ => ::core::option::Option::None,
                },
            );
        }
    }
    #[allow(
        dead_code,
        deprecated,
        elided_lifetimes_in_paths,
        private_bounds,
        private_interfaces,
        unreachable_code,
        unreachable_patterns,
        unreachable_pub,
        unused_qualifications,
        clippy::all,
        clippy::nursery,
        clippy::pedantic,
        rustdoc::broken_intra_doc_links,
        rustdoc::private_intra_doc_links
    )]
    #[doc(hidden)]
    impl Count {
        fn __serialize_0_1<Via: ::prevalent::__private::serde::Serializer>(
            value: &Key,
            via: Via,
        ) -> ::core::result::Result<Via::Ok, Via::Error> {
            <Key as ::prevalent::__private::Argument>::serialize(value, via)
        }
        fn __deserialize_0_1<'de, Via: ::prevalent::__private::serde::Deserializer<'de>>(
            via: Via,
        ) -> ::core::result::Result<Key, Via::Error> {
            <Key as ::prevalent::__private::Argument>::deserialize(via)
        }
    }
};
///The transactions of `Counter`.
#[allow(
    dead_code,
    deprecated,
    missing_copy_implementations,
    missing_debug_implementations,
    private_bounds,
    private_interfaces,
    unreachable_pub,
    clippy::all,
    clippy::nursery,
    clippy::pedantic
)]
pub(crate) type Count = <Counter as ::prevalent::Model>::Tx;
///The replies of `Counter`.
#[allow(
    dead_code,
    deprecated,
    missing_copy_implementations,
    missing_debug_implementations,
    private_bounds,
    private_interfaces,
    unreachable_pub,
    clippy::all,
    clippy::nursery,
    clippy::pedantic
)]
pub(crate) type Counted = <Counter as ::prevalent::Model>::Reply;
///A handle to a store of `Counter`; a clone is the same store.
#[allow(
    dead_code,
    deprecated,
    missing_copy_implementations,
    missing_debug_implementations,
    private_bounds,
    private_interfaces,
    unreachable_pub,
    clippy::all,
    clippy::nursery,
    clippy::pedantic
)]
#[derive(::core::clone::Clone, ::core::fmt::Debug)]
pub(crate) struct Counting<Engine = ::prevalent::Store<Counter>> {
    engine: Engine,
}
#[automatically_derived]
impl<Engine> ::core::ops::Deref for Counting<Engine> {
    type Target = Engine;
    fn deref(&self) -> &Engine {
        &self.engine
    }
}
#[automatically_derived]
impl<PrevalentModel: ::prevalent::Model> ::prevalent::StoreHandle
for Counting<::prevalent::Store<PrevalentModel>> {
    type Model = PrevalentModel;
    fn from_store(engine: ::prevalent::Store<PrevalentModel>) -> Self {
        Counting { engine: engine }
    }
}
#[allow(
    dead_code,
    deprecated,
    elided_lifetimes_in_paths,
    private_bounds,
    private_interfaces,
    unreachable_code,
    unreachable_patterns,
    unreachable_pub,
    unused_qualifications,
    clippy::all,
    clippy::nursery,
    clippy::pedantic,
    rustdoc::broken_intra_doc_links,
    rustdoc::private_intra_doc_links
)]
impl Counting<::prevalent::Store<Counter>> {
    ///Opens the store in a directory, or creates it with the model's `Default` as its first state.
    ///
    ///A model without `Default` is opened with [`builder`](Self::builder) and `initial`.
    pub(crate) fn open<'via>(
        dir: impl ::core::convert::AsRef<::prevalent::__private::Path>,
    ) -> ::prevalent::Operation<Self>
    where
        Counter: ::prevalent::FirstState<&'via ()>,
    {
        ::prevalent::Builder::<Self>::new(dir).open()
    }
    /// Everything that can be set before a store in a directory is opened.
    pub(crate) fn builder(
        dir: impl ::core::convert::AsRef<::prevalent::__private::Path>,
    ) -> ::prevalent::Builder<Self> {
        ::prevalent::Builder::new(dir)
    }
    ///A store in memory instead of files, for tests; its first state is the model's `Default`.
    ///
    ///# Panics
    ///
    ///Where the first state panics or cannot be encoded.
    #[track_caller]
    #[must_use]
    pub(crate) fn in_memory<'via>() -> Self
    where
        Counter: ::prevalent::FirstState<&'via ()>,
    {
        ::prevalent::__private::opened(::prevalent::Builder::<Self>::in_memory().open())
    }
    /// Everything that can be set before a store in memory is opened.
    pub(crate) fn builder_in_memory() -> ::prevalent::Builder<Self> {
        ::prevalent::Builder::in_memory()
    }
}
#[allow(
    dead_code,
    deprecated,
    elided_lifetimes_in_paths,
    private_bounds,
    private_interfaces,
    unreachable_code,
    unreachable_patterns,
    unreachable_pub,
    unused_qualifications,
    clippy::all,
    clippy::nursery,
    clippy::pedantic,
    rustdoc::broken_intra_doc_links,
    rustdoc::private_intra_doc_links
)]
impl Counting<::prevalent::Store<Counter>> {
    ///Commits the transaction `plus`.
    fn add(&self, by: u64, key: &Key) -> ::prevalent::Commit<u64> {
        fn __serialize_1<Via: ::prevalent::__private::serde::Serializer>(
            value: &&Key,
            via: Via,
        ) -> ::core::result::Result<Via::Ok, Via::Error> {
            <Key as ::prevalent::__private::Argument>::serialize_ref(value, via)
        }
        #[derive(::prevalent::__private::serde::Serialize)]
        #[serde(crate = "::prevalent::__private::serde")]
        struct __PrevalentArgs<'args> {
            by: u64,
            #[serde(serialize_with = "__serialize_1")]
            key: &'args Key,
        }
        const __PREVALENT_TX: ::core::primitive::usize = ::prevalent::__private::tx_index(
            <Counter as ::prevalent::Model>::TRANSACTIONS,
            "plus",
        );
        ::prevalent::Store::submit_args(
            &self.engine,
            __PREVALENT_TX,
            &__PrevalentArgs { by, key },
            |reply| match reply {
                Counted::Plus(value) => value,
                _ => ::prevalent::__private::foreign_reply(),
            },
        )
    }
}
