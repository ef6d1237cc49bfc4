#[derive(::prevalent::__private::serde::Serialize)]
#[derive(::prevalent::__private::serde::Deserialize)]
#[serde(crate = "::prevalent::__private::serde")]
#[derive(Debug, Default)]
pub enum Light {
    #[default]
    Off,
    On(
        #[serde(
            serialize_with = "Light::__serialize_0",
            deserialize_with = "Light::__deserialize_0"
        )]
        Colour,
    ),
}
#[automatically_derived]
impl ::prevalent::ModelData for Light {
    const NAME: &'static ::core::primitive::str = "Light";
    const DECLARATION: ::core::primitive::u64 = 0xa8872fc9e0ef599c;
    fn restored(&mut self) {
        let restored: fn(&mut Self) = Self::look;
        restored(self)
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
impl Light {
    fn __serialize_0<Via: ::prevalent::__private::serde::Serializer>(
        value: &Colour,
        via: Via,
    ) -> ::core::result::Result<Via::Ok, Via::Error> {
        <Colour as ::prevalent::__private::Field>::serialize(value, via)
    }
    fn __deserialize_0<'de, Via: ::prevalent::__private::serde::Deserializer<'de>>(
        via: Via,
    ) -> ::core::result::Result<Colour, Via::Error> {
        <Colour as ::prevalent::__private::Field>::deserialize(via)
    }
}
impl Light {
    #[cfg(feature = "dim")]
    pub fn dim(&mut self, to: Colour) {}
    #[cfg(not(feature = "dim"))]
    pub fn dim(&mut self) {}
    fn look(&mut self) {}
}
///The transactions of `Light`.
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
pub enum LightTx {
    #[cfg(feature = "dim")]
    ///The transaction `dim`.
    #[serde(rename = "dim")]
    Dim {
        ///The argument `to`.
        #[serde(
            serialize_with = "LightTx::__serialize_0_0",
            deserialize_with = "LightTx::__deserialize_0_0"
        )]
        to: Colour,
    },
    #[cfg(not(feature = "dim"))]
    ///The transaction `dim`.
    #[serde(rename = "dim")]
    Dim,
}
///The replies of the transactions of `Light`.
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
pub enum LightReply {
    #[cfg(feature = "dim")]
    ///What `dim` returned.
    Dim(()),
    #[cfg(not(feature = "dim"))]
    ///What `dim` returned.
    Dim(()),
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
impl ::prevalent::Model for Light {
    type Tx = LightTx;
    type Reply = LightReply;
    const TRANSACTIONS: &'static [::prevalent::TxInfo] = &[
        #[cfg(feature = "dim")]
        ::prevalent::TxInfo::new("dim")
            .with_fingerprint(0x08f44b07b5901a25)
            .with_declaration(0x471b5baf7a1c682a),
        #[cfg(not(feature = "dim"))]
        ::prevalent::TxInfo::new("dim")
            .with_fingerprint(0x08f44b07b5901a25)
            .with_declaration(0xcbf29ce484222325),
    ];
    fn apply(&mut self, tx: LightTx, _cx: &::prevalent::TxContext) -> LightReply {
        match tx {
            #[cfg(feature = "dim")]
            LightTx::Dim { to: to } => LightReply::Dim(Light::dim(self, to)),
            #[cfg(not(feature = "dim"))]
            LightTx::Dim => LightReply::Dim(Light::dim(self)),
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
impl LightTx {
    #[cfg(feature = "dim")]
    fn __serialize_0_0<Via: ::prevalent::__private::serde::Serializer>(
        value: &Colour,
        via: Via,
    ) -> ::core::result::Result<Via::Ok, Via::Error> {
        <Colour as ::prevalent::__private::Argument>::serialize(value, via)
    }
    #[cfg(feature = "dim")]
    fn __deserialize_0_0<'de, Via: ::prevalent::__private::serde::Deserializer<'de>>(
        via: Via,
    ) -> ::core::result::Result<Colour, Via::Error> {
        <Colour as ::prevalent::__private::Argument>::deserialize(via)
    }
}
///A handle to a store of `Light`; a clone is the same store.
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
pub struct LightStore<Engine = ::prevalent::Store<Light>> {
    engine: Engine,
}
#[automatically_derived]
impl<Engine> ::core::ops::Deref for LightStore<Engine> {
    type Target = Engine;
    fn deref(&self) -> &Engine {
        &self.engine
    }
}
#[automatically_derived]
impl<PrevalentModel: ::prevalent::Model> ::prevalent::StoreHandle
for LightStore<::prevalent::Store<PrevalentModel>> {
    type Model = PrevalentModel;
    fn from_store(engine: ::prevalent::Store<PrevalentModel>) -> Self {
        LightStore { engine: engine }
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
impl LightStore<::prevalent::Store<Light>> {
    ///Opens the store in a directory, or creates it with the model's `Default` as its first state.
    ///
    ///A model without `Default` is opened with [`builder`](Self::builder) and `initial`.
    pub fn open<'via>(
        dir: impl ::core::convert::AsRef<::prevalent::__private::Path>,
    ) -> ::prevalent::Operation<Self>
    where
        Light: ::prevalent::FirstState<&'via ()>,
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
        Light: ::prevalent::FirstState<&'via ()>,
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
impl LightStore<::prevalent::Store<Light>> {
    ///Commits the transaction `dim`.
    #[cfg(feature = "dim")]
    pub fn dim(&self, to: Colour) -> ::prevalent::Commit<()> {
        ::prevalent::Store::submit(
            &self.engine,
            &LightTx::Dim { to },
            |reply| match reply {
                LightReply::Dim(value) => value,
                _ => ::prevalent::__private::foreign_reply(),
            },
        )
    }
    ///Commits the transaction `dim`.
    #[cfg(not(feature = "dim"))]
    pub fn dim(&self) -> ::prevalent::Commit<()> {
        ::prevalent::Store::submit(
            &self.engine,
            &LightTx::Dim,
            |reply| match reply {
                LightReply::Dim(value) => value,
                _ => ::prevalent::__private::foreign_reply(),
            },
        )
    }
}
