#[derive(::prevalent::__private::serde::Serialize)]
#[derive(::prevalent::__private::serde::Deserialize)]
#[serde(crate = "::prevalent::__private::serde")]
#[derive(Debug, Default)]
pub struct Account {
    balance: i64,
}
#[automatically_derived]
impl ::prevalent::ModelData for Account {
    const NAME: &'static ::core::primitive::str = "Account";
    const DECLARATION: ::core::primitive::u64 = 0xb9a7e7fe9c480f7e;
    const VERSION: ::core::primitive::u32 = 3u32;
    const SAMPLES: &'static [&'static ::core::primitive::str] = &[
        "DE89370400440532013000",
    ];
    const OLD_VERSIONS: &'static [::core::primitive::u32] = &[2u32];
    #[allow(deprecated, unused_qualifications)]
    fn from_version(
        version: ::core::primitive::u32,
        stored: ::prevalent::Stored<'_>,
    ) -> ::core::result::Result<Self, ::prevalent::NotUpgraded> {
        match version {
            2u32 => {
                <AccountV2 as ::prevalent::__private::OldVersion>::upgrade(
                    stored,
                    |old| ::prevalent::__private::FromVersion::<
                        AccountV2,
                        _,
                        Self,
                    >::run(Self::from_v2, old),
                )
            }
            _ => ::core::result::Result::Err(::prevalent::Stored::refuse(stored)),
        }
    }
}
impl Account {
    /// Moves money.
    pub fn transfer(&mut self, amount: i64, #[cfg(feature = "notes")] note: &str) {
        self.balance += amount;
    }
    fn double(&mut self) {
        self.balance *= 2;
    }
}
///The transactions of `Account`.
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
pub enum AccountTx {
    ///The transaction `transfer`.
    #[serde(rename = "transfer")]
    Transfer {
        ///The argument `amount`.
        amount: i64,
        #[cfg(feature = "notes")]
        ///The argument `note`.
        note: ::prevalent::__private::String,
    },
    ///The transaction `double`.
    #[deprecated(note = "`double` is retired: replayed, never committed")]
    #[serde(rename = "double")]
    Double,
}
///The replies of the transactions of `Account`.
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
pub enum AccountReply {
    ///What `transfer` returned.
    Transfer(()),
    ///What `double` returned.
    Double(()),
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
impl ::prevalent::Model for Account {
    type Tx = AccountTx;
    type Reply = AccountReply;
    const TRANSACTIONS: &'static [::prevalent::TxInfo] = &[
        ::prevalent::TxInfo::new("transfer")
            .revised(3u32, &[1u32, 2u32])
            .with_fingerprint(0x201c3a4f581aae07)
            .with_declaration(0x4849a736735f7bbf),
        ::prevalent::TxInfo::new("double")
            .with_fingerprint(0x63948406f8b1b781)
            .with_declaration(0xcbf29ce484222325)
            .retired(),
    ];
    const REMOVED: &'static [&'static ::core::primitive::str] = &["audit"];
    fn apply(&mut self, tx: AccountTx, _cx: &::prevalent::TxContext) -> AccountReply {
        match tx {
            AccountTx::Transfer {
                amount: amount,
                #[cfg(feature = "notes")]
                note: note,
            } => {
                AccountReply::Transfer(
                    Account::transfer(self, amount, #[cfg(feature = "notes")] &note),
                )
            }
            AccountTx::Double => AccountReply::Double(Account::double(self)),
        }
    }
    fn upgrade(
        tx: &::core::primitive::str,
        revision: ::core::primitive::u32,
        arguments: ::prevalent::Stored<'_>,
    ) -> ::core::result::Result<AccountTx, ::prevalent::NotUpgraded> {
        match (tx, revision) {
            #[cfg(not(all(feature = "notes")))]
            ("transfer", 1u32) => {
                ::core::result::Result::map(
                    ::prevalent::Stored::upgrade::<
                        _,
                        (i64,),
                    >(
                        arguments,
                        |old| ::prevalent::__private::Upgrade::<
                            _,
                            _,
                            (i64,),
                        >::run(Self::transfer_v1, old),
                    ),
                    |(amount,)| AccountTx::Transfer {
                        amount: amount,
                    },
                )
            }
            #[cfg(feature = "notes")]
            ("transfer", 1u32) => {
                ::core::result::Result::map(
                    ::prevalent::Stored::upgrade::<
                        _,
                        (i64, ::prevalent::__private::String),
                    >(
                        arguments,
                        |old| ::prevalent::__private::Upgrade::<
                            _,
                            _,
                            (i64, ::prevalent::__private::String),
                        >::run(Self::transfer_v1, old),
                    ),
                    |(amount, note)| AccountTx::Transfer {
                        amount: amount,
                        note: note,
                    },
                )
            }
            #[cfg(not(all(feature = "notes")))]
            ("transfer", 2u32) => {
                ::core::result::Result::map(
                    ::prevalent::Stored::upgrade::<
                        _,
                        (i64,),
                    >(
                        arguments,
                        |old| ::prevalent::__private::Upgrade::<
                            _,
                            _,
                            (i64,),
                        >::run(old::transfer_v2, old),
                    ),
                    |(amount,)| AccountTx::Transfer {
                        amount: amount,
                    },
                )
            }
            #[cfg(feature = "notes")]
            ("transfer", 2u32) => {
                ::core::result::Result::map(
                    ::prevalent::Stored::upgrade::<
                        _,
                        (i64, ::prevalent::__private::String),
                    >(
                        arguments,
                        |old| ::prevalent::__private::Upgrade::<
                            _,
                            _,
                            (i64, ::prevalent::__private::String),
                        >::run(old::transfer_v2, old),
                    ),
                    |(amount, note)| AccountTx::Transfer {
                        amount: amount,
                        note: note,
                    },
                )
            }
            _ => ::core::result::Result::Err(::prevalent::Stored::refuse(arguments)),
        }
    }
}
///A handle to a store of `Account`; a clone is the same store.
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
pub struct AccountStore<Engine = ::prevalent::Store<Account>> {
    engine: Engine,
}
#[automatically_derived]
impl<Engine> ::core::ops::Deref for AccountStore<Engine> {
    type Target = Engine;
    fn deref(&self) -> &Engine {
        &self.engine
    }
}
#[automatically_derived]
impl<PrevalentModel: ::prevalent::Model> ::prevalent::StoreHandle
for AccountStore<::prevalent::Store<PrevalentModel>> {
    type Model = PrevalentModel;
    fn from_store(engine: ::prevalent::Store<PrevalentModel>) -> Self {
        AccountStore { engine: engine }
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
impl AccountStore<::prevalent::Store<Account>> {
    ///Opens the store in a directory, or creates it with the model's `Default` as its first state.
    ///
    ///A model without `Default` is opened with [`builder`](Self::builder) and `initial`.
    pub fn open<'via>(
        dir: impl ::core::convert::AsRef<::prevalent::__private::Path>,
    ) -> ::prevalent::Operation<Self>
    where
        Account: ::prevalent::FirstState<&'via ()>,
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
        Account: ::prevalent::FirstState<&'via ()>,
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
impl AccountStore<::prevalent::Store<Account>> {
    /// Moves money.
    pub fn transfer(
        &self,
        amount: i64,
        #[cfg(feature = "notes")]
        note: &str,
    ) -> ::prevalent::Commit<()> {
        #[derive(::prevalent::__private::serde::Serialize)]
        #[serde(crate = "::prevalent::__private::serde")]
        struct __PrevalentArgs<'args> {
            amount: i64,
            #[cfg(feature = "notes")]
            note: &'args ::core::primitive::str,
        }
        const __PREVALENT_TX: ::core::primitive::usize = ::prevalent::__private::tx_index(
            <Account as ::prevalent::Model>::TRANSACTIONS,
            "transfer",
        );
        ::prevalent::Store::submit_args(
            &self.engine,
            __PREVALENT_TX,
            &__PrevalentArgs {
                amount,
                #[cfg(feature = "notes")]
                note,
            },
            |reply| match reply {
                AccountReply::Transfer(value) => value,
                _ => ::prevalent::__private::foreign_reply(),
            },
        )
    }
}
#[cfg(test)]
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
#[::core::prelude::v1::test]
fn account_schema_lock() {
    ::prevalent::__private::schema_lock::<
        Account,
    >(::core::env!("CARGO_MANIFEST_DIR"), "schemas/account.schema.json")
}
