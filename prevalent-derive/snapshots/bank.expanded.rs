#[derive(::prevalent::__private::serde::Serialize)]
#[derive(::prevalent::__private::serde::Deserialize)]
#[serde(crate = "::prevalent::__private::serde")]
#[derive(Debug, Default)]
pub struct Bank {
    #[serde(
        serialize_with = "Bank::__serialize_0",
        deserialize_with = "Bank::__deserialize_0"
    )]
    accounts: BTreeMap<String, Account>,
    #[serde(
        default = "::prevalent::__private::absent",
        serialize_with = "Bank::__serialize_1",
        deserialize_with = "Bank::__deserialize_1"
    )]
    last: Option<Transfer>,
}
#[automatically_derived]
impl ::prevalent::ModelData for Bank {
    const NAME: &'static ::core::primitive::str = "bank";
    const DECLARATION: ::core::primitive::u64 = 0x910d24498bbe655c;
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
impl Bank {
    fn __serialize_0<Via: ::prevalent::__private::serde::Serializer>(
        value: &BTreeMap<String, Account>,
        via: Via,
    ) -> ::core::result::Result<Via::Ok, Via::Error> {
        <BTreeMap<
            String,
            Account,
        > as ::prevalent::__private::Field>::serialize(value, via)
    }
    fn __deserialize_0<'de, Via: ::prevalent::__private::serde::Deserializer<'de>>(
        via: Via,
    ) -> ::core::result::Result<BTreeMap<String, Account>, Via::Error> {
        <BTreeMap<String, Account> as ::prevalent::__private::Field>::deserialize(via)
    }
    fn __serialize_1<Via: ::prevalent::__private::serde::Serializer>(
        value: &Option<Transfer>,
        via: Via,
    ) -> ::core::result::Result<Via::Ok, Via::Error> {
        <Option<Transfer> as ::prevalent::__private::Field>::serialize(value, via)
    }
    fn __deserialize_1<'de, Via: ::prevalent::__private::serde::Deserializer<'de>>(
        via: Via,
    ) -> ::core::result::Result<Option<Transfer>, Via::Error> {
        <Option<Transfer> as ::prevalent::__private::Field>::deserialize(via)
    }
}
impl Bank {
    /// Moves money.
    #[must_use = "it may be refused"]
    pub fn transfer(
        &mut self,
        transfer: Transfer,
        cx: &TxContext,
    ) -> Result<Receipt, Refusal> {
        Receipt::of(&transfer, cx.now())
    }
    pub fn import(
        &mut self,
        transfers: &[Transfer],
        by: Option<&Clerk>,
        note: Option<Note>,
    ) {}
}
///The transactions of `Bank`.
#[derive(
    ::prevalent::__private::serde::Serialize,
    ::prevalent::__private::serde::Deserialize
)]
#[derive(Debug)]
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
pub enum BankTx {
    ///The transaction `transfer`.
    #[serde(rename = "transfer_money")]
    Transfer {
        ///The argument `transfer`.
        #[serde(
            serialize_with = "BankTx::__serialize_0_0",
            deserialize_with = "BankTx::__deserialize_0_0"
        )]
        transfer: Transfer,
    },
    ///The transaction `import`.
    #[serde(rename = "import")]
    Import {
        ///The argument `transfers`.
        #[serde(
            serialize_with = "BankTx::__serialize_1_0",
            deserialize_with = "BankTx::__deserialize_1_0"
        )]
        transfers: ::prevalent::__private::Vec<Transfer>,
        ///The argument `by`.
        #[serde(
            default = "::prevalent::__private::absent",
            serialize_with = "BankTx::__serialize_1_1",
            deserialize_with = "BankTx::__deserialize_1_1"
        )]
        by: Option<Clerk>,
        ///The argument `note`.
        #[serde(default)]
        #[serde(
            serialize_with = "BankTx::__serialize_1_2",
            deserialize_with = "BankTx::__deserialize_1_2"
        )]
        note: Option<Note>,
    },
}
///The replies of the transactions of `Bank`.
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
pub enum BankReply {
    ///What `transfer` returned.
    Transfer(Result<Receipt, Refusal>),
    ///What `import` returned.
    Import(()),
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
impl ::prevalent::Model for Bank {
    type Tx = BankTx;
    type Reply = BankReply;
    const TRANSACTIONS: &'static [::prevalent::TxInfo] = &[
        ::prevalent::TxInfo::new("transfer_money")
            .with_fingerprint(0x24ea6e179223200f)
            .with_declaration(0x2f4f03354962407d),
        ::prevalent::TxInfo::new("import")
            .with_fingerprint(0x08f44b07b5901a25)
            .with_declaration(0x8694ef4c8fbfcaee),
    ];
    fn apply(&mut self, tx: BankTx, cx: &::prevalent::TxContext) -> BankReply {
        match tx {
            BankTx::Transfer { transfer: transfer } => {
                BankReply::Transfer(Bank::transfer(self, transfer, cx))
            }
            BankTx::Import { transfers: transfers, by: by, note: note } => {
                BankReply::Import(
                    Bank::import(
                        self,
                        &transfers,
                        ::core::option::Option::as_ref(&by),
                        note,
                    ),
                )
            }
        }
    }
    fn is_err(value: &BankReply) -> ::core::primitive::bool {
        match value {
            BankReply::Transfer(value) => {
                ::prevalent::__private::Outcome::of(value).is_err()
            }
            _ => false,
        }
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
impl BankTx {
    fn __serialize_0_0<Via: ::prevalent::__private::serde::Serializer>(
        value: &Transfer,
        via: Via,
    ) -> ::core::result::Result<Via::Ok, Via::Error> {
        <Transfer as ::prevalent::__private::Argument>::serialize(value, via)
    }
    fn __deserialize_0_0<'de, Via: ::prevalent::__private::serde::Deserializer<'de>>(
        via: Via,
    ) -> ::core::result::Result<Transfer, Via::Error> {
        <Transfer as ::prevalent::__private::Argument>::deserialize(via)
    }
    fn __serialize_1_0<Via: ::prevalent::__private::serde::Serializer>(
        value: &::prevalent::__private::Vec<Transfer>,
        via: Via,
    ) -> ::core::result::Result<Via::Ok, Via::Error> {
        <Transfer as ::prevalent::__private::Argument>::serialize_vec(value, via)
    }
    fn __deserialize_1_0<'de, Via: ::prevalent::__private::serde::Deserializer<'de>>(
        via: Via,
    ) -> ::core::result::Result<::prevalent::__private::Vec<Transfer>, Via::Error> {
        <Transfer as ::prevalent::__private::Argument>::deserialize_vec(via)
    }
    fn __serialize_1_1<Via: ::prevalent::__private::serde::Serializer>(
        value: &Option<Clerk>,
        via: Via,
    ) -> ::core::result::Result<Via::Ok, Via::Error> {
        <Clerk as ::prevalent::__private::Argument>::serialize_option(value, via)
    }
    fn __deserialize_1_1<'de, Via: ::prevalent::__private::serde::Deserializer<'de>>(
        via: Via,
    ) -> ::core::result::Result<Option<Clerk>, Via::Error> {
        <Clerk as ::prevalent::__private::Argument>::deserialize_option(via)
    }
    fn __serialize_1_2<Via: ::prevalent::__private::serde::Serializer>(
        value: &Option<Note>,
        via: Via,
    ) -> ::core::result::Result<Via::Ok, Via::Error> {
        <Option<Note> as ::prevalent::__private::Argument>::serialize(value, via)
    }
    fn __deserialize_1_2<'de, Via: ::prevalent::__private::serde::Deserializer<'de>>(
        via: Via,
    ) -> ::core::result::Result<Option<Note>, Via::Error> {
        <Option<Note> as ::prevalent::__private::Argument>::deserialize(via)
    }
}
///A handle to a store of `Bank`; a clone is the same store.
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
pub struct BankStore<Engine = ::prevalent::Store<Bank>> {
    engine: Engine,
}
#[automatically_derived]
impl<Engine> ::core::ops::Deref for BankStore<Engine> {
    type Target = Engine;
    fn deref(&self) -> &Engine {
        &self.engine
    }
}
#[automatically_derived]
impl<PrevalentModel: ::prevalent::Model> ::prevalent::StoreHandle
for BankStore<::prevalent::Store<PrevalentModel>> {
    type Model = PrevalentModel;
    fn from_store(engine: ::prevalent::Store<PrevalentModel>) -> Self {
        BankStore { engine: engine }
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
impl BankStore<::prevalent::Store<Bank>> {
    ///Opens the store in a directory, or creates it with the model's `Default` as its first state.
    ///
    ///A model without `Default` is opened with [`builder`](Self::builder) and `initial`.
    pub fn open<'via>(
        dir: impl ::core::convert::AsRef<::prevalent::__private::Path>,
    ) -> ::prevalent::Operation<Self>
    where
        Bank: ::prevalent::FirstState<&'via ()>,
    {
        ::prevalent::Builder::<Self>::new(dir).open()
    }
    /// Everything that can be set before a store in a directory is opened.
    pub fn builder(
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
    pub fn in_memory<'via>() -> Self
    where
        Bank: ::prevalent::FirstState<&'via ()>,
    {
        ::prevalent::__private::opened(::prevalent::Builder::<Self>::in_memory().open())
    }
    /// Everything that can be set before a store in memory is opened.
    pub fn builder_in_memory() -> ::prevalent::Builder<Self> {
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
impl BankStore<::prevalent::Store<Bank>> {
    /// Moves money.
    #[must_use = "it may be refused"]
    pub fn transfer(
        &self,
        transfer: Transfer,
    ) -> ::prevalent::Commit<Result<Receipt, Refusal>> {
        ::prevalent::__private::Submit::<Result<Receipt, Refusal>>::NEW
            .owned(
                &self.engine,
                &BankTx::Transfer { transfer },
                |reply| match reply {
                    BankReply::Transfer(value) => value,
                    _ => ::prevalent::__private::foreign_reply(),
                },
            )
    }
    ///Commits the transaction `import`.
    pub fn import(
        &self,
        transfers: &[Transfer],
        by: Option<&Clerk>,
        note: Option<Note>,
    ) -> ::prevalent::Commit<()> {
        fn __serialize_0<Via: ::prevalent::__private::serde::Serializer>(
            value: &&[Transfer],
            via: Via,
        ) -> ::core::result::Result<Via::Ok, Via::Error> {
            <Transfer as ::prevalent::__private::Argument>::serialize_slice(value, via)
        }
        fn __serialize_1<Via: ::prevalent::__private::serde::Serializer>(
            value: &Option<&Clerk>,
            via: Via,
        ) -> ::core::result::Result<Via::Ok, Via::Error> {
            <Clerk as ::prevalent::__private::Argument>::serialize_option_ref(value, via)
        }
        fn __serialize_2<Via: ::prevalent::__private::serde::Serializer>(
            value: &Option<Note>,
            via: Via,
        ) -> ::core::result::Result<Via::Ok, Via::Error> {
            <Option<Note> as ::prevalent::__private::Argument>::serialize(value, via)
        }
        #[derive(::prevalent::__private::serde::Serialize)]
        #[serde(crate = "::prevalent::__private::serde")]
        struct __PrevalentArgs<'args> {
            #[serde(serialize_with = "__serialize_0")]
            transfers: &'args [Transfer],
            #[serde(serialize_with = "__serialize_1")]
            by: Option<&'args Clerk>,
            #[serde(default)]
            #[serde(serialize_with = "__serialize_2")]
            note: Option<Note>,
        }
        const __PREVALENT_TX: ::core::primitive::usize = ::prevalent::__private::tx_index(
            <Bank as ::prevalent::Model>::TRANSACTIONS,
            "import",
        );
        ::prevalent::Store::submit_args(
            &self.engine,
            __PREVALENT_TX,
            &__PrevalentArgs {
                transfers,
                by,
                note,
            },
            |reply| match reply {
                BankReply::Import(value) => value,
                _ => ::prevalent::__private::foreign_reply(),
            },
        )
    }
}
