//! How the replies of a model's transactions are written and read.

use std::fmt;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Recalled;
use crate::encoding::{EncodeError, decode_value, decode_value_as, encode_value};
use crate::model::Model;
use crate::schema::types::{TypeId, Types};
use crate::schema::{Maker, same_encoding};

/// The replies that are remembered, by transaction: what [`Model::replies`] fills.
pub struct Replies<M: Model> {
    all: Vec<Option<Box<dyn Codec<M::Reply>>>>,
}

/// A reply with more bytes is not remembered: only that it was executed.
const REPLY_BYTES_MAX: usize = 1 << 20;

impl<M: Model> Replies<M> {
    /// What the model says.
    pub(crate) fn of_model() -> Self {
        let mut replies = Replies { all: M::TRANSACTIONS.iter().map(|_| None).collect() };
        M::replies(&mut replies);
        replies
    }

    /// Says that the transaction with this index in [`Model::TRANSACTIONS`] returns a `T`; `wrap` and `peek` put it into the
    /// enum, and find it there.
    pub fn remember<T: Serialize + DeserializeOwned + 'static>(
        &mut self,
        tx: usize,
        wrap: fn(T) -> M::Reply,
        peek: fn(&M::Reply) -> Option<&T>,
    ) {
        if let Some(place) = self.all.get_mut(tx) {
            *place = Some(Box::new(Typed { wrap, peek }));
        }
    }

    /// What makes values of the replies' types up; `None` for what is not remembered.
    pub(crate) fn makers(&self) -> impl Iterator<Item = Option<Maker>> {
        self.all.iter().map(|codec| codec.as_ref().map(|codec| codec.maker()))
    }

    /// The encoding of a reply, or why there is none.
    pub(crate) fn encode(&self, variant: usize, reply: &M::Reply) -> Result<Vec<u8>, String> {
        let codec = self.codec(variant)?;
        let mut bytes = Vec::new();
        codec.encode(reply, &mut bytes)?;
        Ok(bytes)
    }

    /// The reply of a transaction from its own encoding.
    pub(crate) fn decode(&self, variant: usize, bytes: &[u8]) -> Result<M::Reply, String> {
        self.codec(variant)?.decode(bytes)
    }

    /// The reply that is remembered, though its type may have been another one; `today` is the type that it has now.
    pub(crate) fn recall(
        &self,
        variant: usize,
        recalled: &Recalled,
        (types, today): (&Types, TypeId),
    ) -> Result<M::Reply, String> {
        let bytes = recalled.reply.as_ref().map_err(Clone::clone)?;
        if same_encoding((&recalled.types, recalled.ty), (types, today)) {
            return self.decode(variant, bytes);
        }
        self.codec(variant)?.decode_as(&recalled.types, recalled.ty, bytes)
    }

    fn codec(&self, variant: usize) -> Result<&dyn Codec<M::Reply>, String> {
        let codec = self.all.get(variant).and_then(Option::as_deref);
        codec.ok_or_else(|| "replies of this transaction are not remembered".to_owned())
    }
}

impl<M: Model> fmt::Debug for Replies<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Replies").finish_non_exhaustive()
    }
}

/// Writes and reads the replies of one transaction.
trait Codec<Reply>: Send + Sync {
    fn encode(&self, reply: &Reply, out: &mut Vec<u8>) -> Result<(), String>;
    fn decode(&self, bytes: &[u8]) -> Result<Reply, String>;
    fn decode_as(&self, types: &Types, ty: TypeId, bytes: &[u8]) -> Result<Reply, String>;
    fn maker(&self) -> Maker;
}

struct Typed<T, Reply> {
    wrap: fn(T) -> Reply,
    peek: fn(&Reply) -> Option<&T>,
}

impl<T: Serialize + DeserializeOwned + 'static, Reply> Codec<Reply> for Typed<T, Reply> {
    fn encode(&self, reply: &Reply, out: &mut Vec<u8>) -> Result<(), String> {
        let reply = (self.peek)(reply).ok_or("it is the reply of another transaction")?;
        encode_value(reply, out, Some(REPLY_BYTES_MAX)).map_err(|error| match error {
            EncodeError::TooLarge { limit, .. } => {
                format!("it takes more than {limit} bytes, which are not remembered")
            }
            EncodeError::Refused(reason) => reason,
        })
    }

    fn decode(&self, bytes: &[u8]) -> Result<Reply, String> {
        decode_value(bytes).map(self.wrap).map_err(|error| error.to_string())
    }

    fn decode_as(&self, types: &Types, ty: TypeId, bytes: &[u8]) -> Result<Reply, String> {
        decode_value_as(types, ty, bytes).map(self.wrap).map_err(|fault| fault.to_string())
    }

    fn maker(&self) -> Maker {
        Maker::of::<T>()
    }
}
