pub struct Reader {
    text: String,
}
#[automatically_derived]
impl ::prevalent::ModelData for Reader {
    const NAME: &'static ::core::primitive::str = "Reader";
    const DECLARATION: ::core::primitive::u64 = 0x1b505705ba5cdb0b;
}
impl Reader {
    #[deprecated]
    fn lines(&self, prefix: &str, at_most: usize) -> Vec<Line> {
        self.text
            .lines()
            .filter(|line| line.starts_with(prefix))
            .take(at_most)
            .map(Line::from)
            .collect()
    }
}
///The transactions of `Reader`.
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
pub enum ReaderTx {}
///The replies of the transactions of `Reader`.
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
pub enum ReaderReply {}
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
impl ::prevalent::Model for Reader {
    type Tx = ReaderTx;
    type Reply = ReaderReply;
    const TRANSACTIONS: &'static [::prevalent::TxInfo] = &[];
    fn apply(&mut self, tx: ReaderTx, _cx: &::prevalent::TxContext) -> ReaderReply {
        match tx {}
    }
}
///A handle to a store of `Reader`; a clone is the same store.
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
pub struct ReaderStore<Engine = ::prevalent::Store<Reader>> {
    engine: Engine,
}
#[automatically_derived]
impl<Engine> ::core::ops::Deref for ReaderStore<Engine> {
    type Target = Engine;
    fn deref(&self) -> &Engine {
        &self.engine
    }
}
#[automatically_derived]
impl<PrevalentModel: ::prevalent::Model> ::prevalent::StoreHandle
for ReaderStore<::prevalent::Store<PrevalentModel>> {
    type Model = PrevalentModel;
    fn from_store(engine: ::prevalent::Store<PrevalentModel>) -> Self {
        ReaderStore { engine: engine }
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
impl ReaderStore<::prevalent::Store<Reader>> {
    ///Opens the store in a directory, or creates it with the model's `Default` as its first state.
    ///
    ///A model without `Default` is opened with [`builder`](Self::builder) and `initial`.
    pub fn open<'via>(
        dir: impl ::core::convert::AsRef<::prevalent::__private::Path>,
    ) -> ::prevalent::Operation<Self>
    where
        Reader: ::prevalent::FirstState<&'via ()>,
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
        Reader: ::prevalent::FirstState<&'via ()>,
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
impl ReaderStore<::prevalent::Store<Reader>> {
    ///Answers the query `lines`.
    #[deprecated]
    fn with_prefix(&self, prefix: &str, at_most: usize) -> Vec<Line> {
        ::prevalent::Store::read(
            &self.engine,
            |model| Reader::lines(model, prefix, at_most),
        )
    }
}
