#[derive(::prevalent::__private::serde::Serialize)]
#[derive(::prevalent::__private::serde::Deserialize)]
#[serde(crate = "::prevalent::__private::serde")]
/// Who is logged in.
#[derive(Debug, Default)]
pub struct Sessions {
    tokens: HashMap<String, u64>,
    operations: u64,
}
#[automatically_derived]
impl ::prevalent::ModelData for Sessions {
    const NAME: &'static ::core::primitive::str = "Sessions";
    const DECLARATION: ::core::primitive::u64 = 0xf672787f08cdb0e2;
}
impl Sessions {
    /// Opens a session.
    pub fn create_session(&mut self, token: String, user_id: u64) {
        self.operations += 1;
        self.tokens.insert(token, user_id);
    }
    /// Ends a session and tells whose it was.
    pub fn delete_session(&mut self, token: &str) -> Option<u64> {
        self.operations += 1;
        self.tokens.remove(token)
    }
    /// Whose session is this?
    pub fn user_of(&self, token: &str) -> Option<u64> {
        self.tokens.get(token).copied()
    }
}
///The transactions of `Sessions`.
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
pub enum SessionsTx {
    ///The transaction `create_session`.
    #[serde(rename = "create_session")]
    CreateSession {
        ///The argument `token`.
        token: String,
        ///The argument `user_id`.
        user_id: u64,
    },
    ///The transaction `delete_session`.
    #[serde(rename = "delete_session")]
    DeleteSession {
        ///The argument `token`.
        token: ::prevalent::__private::String,
    },
}
///The replies of the transactions of `Sessions`.
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
pub enum SessionsReply {
    ///What `create_session` returned.
    CreateSession(()),
    ///What `delete_session` returned.
    DeleteSession(Option<u64>),
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
impl ::prevalent::Model for Sessions {
    type Tx = SessionsTx;
    type Reply = SessionsReply;
    const TRANSACTIONS: &'static [::prevalent::TxInfo] = &[
        ::prevalent::TxInfo::new("create_session")
            .with_fingerprint(0x4b691f2779518863)
            .with_declaration(0x88098c0e99a37943),
        ::prevalent::TxInfo::new("delete_session")
            .with_fingerprint(0x9dcfd2df73c92857)
            .with_declaration(0x32d87f9c9a04c34f),
    ];
    fn apply(&mut self, tx: SessionsTx, _cx: &::prevalent::TxContext) -> SessionsReply {
        match tx {
            SessionsTx::CreateSession { token: token, user_id: user_id } => {
                SessionsReply::CreateSession(
                    Sessions::create_session(self, token, user_id),
                )
            }
            SessionsTx::DeleteSession { token: token } => {
                SessionsReply::DeleteSession(Sessions::delete_session(self, &token))
            }
        }
    }
    fn is_err(value: &SessionsReply) -> ::core::primitive::bool {
        match value {
            SessionsReply::DeleteSession(value) => {
                ::prevalent::__private::Outcome::of(value).is_err()
            }
            _ => false,
        }
    }
}
///A handle to a store of `Sessions`; a clone is the same store.
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
pub struct SessionsStore<Engine = ::prevalent::Store<Sessions>> {
    engine: Engine,
}
#[automatically_derived]
impl<Engine> ::core::ops::Deref for SessionsStore<Engine> {
    type Target = Engine;
    fn deref(&self) -> &Engine {
        &self.engine
    }
}
#[automatically_derived]
impl<PrevalentModel: ::prevalent::Model> ::prevalent::StoreHandle
for SessionsStore<::prevalent::Store<PrevalentModel>> {
    type Model = PrevalentModel;
    fn from_store(engine: ::prevalent::Store<PrevalentModel>) -> Self {
        SessionsStore { engine: engine }
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
impl SessionsStore<::prevalent::Store<Sessions>> {
    ///Opens the store in a directory, or creates it with the model's `Default` as its first state.
    ///
    ///A model without `Default` is opened with [`builder`](Self::builder) and `initial`.
    pub fn open<'via>(
        dir: impl ::core::convert::AsRef<::prevalent::__private::Path>,
    ) -> ::prevalent::Operation<Self>
    where
        Sessions: ::prevalent::FirstState<&'via ()>,
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
        Sessions: ::prevalent::FirstState<&'via ()>,
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
impl SessionsStore<::prevalent::Store<Sessions>> {
    /// Opens a session.
    pub fn create_session(
        &self,
        token: String,
        user_id: u64,
    ) -> ::prevalent::Commit<()> {
        ::prevalent::Store::submit(
            &self.engine,
            &SessionsTx::CreateSession {
                token,
                user_id,
            },
            |reply| match reply {
                SessionsReply::CreateSession(value) => value,
                _ => ::prevalent::__private::foreign_reply(),
            },
        )
    }
    /// Ends a session and tells whose it was.
    pub fn delete_session(&self, token: &str) -> ::prevalent::Commit<Option<u64>> {
        const __PREVALENT_TX: ::core::primitive::usize = ::prevalent::__private::tx_index(
            <Sessions as ::prevalent::Model>::TRANSACTIONS,
            "delete_session",
        );
        ::prevalent::Store::submit_args(
            &self.engine,
            __PREVALENT_TX,
            &(token,),
            |reply| match reply {
                SessionsReply::DeleteSession(value) => value,
                _ => ::prevalent::__private::foreign_reply(),
            },
        )
    }
    /// Whose session is this?
    pub fn user_of(&self, token: &str) -> Option<u64> {
        ::prevalent::Store::read(&self.engine, |model| Sessions::user_of(model, token))
    }
}
