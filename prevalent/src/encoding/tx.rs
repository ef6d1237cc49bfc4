//! A transaction: the index of its variant apart, which the journal's dictionary of names stands
//! for, and the encoding of its arguments.

use std::cell::Cell;

use serde::Serialize;
use serde::de::{self, DeserializeOwned, Visitor};
use serde::ser::{self, Impossible};

use super::compound::{Compound, Kind};
use super::deserializer::Deserializer;
use super::fault::Fault;
use super::serializer::Serializer;
use super::sink::Sink;
use super::value::{decode, encode, encode_value};
use super::{DecodeError, EncodeError};

/// Appends the encoding of a transaction's arguments to `out`, `limit` bytes at the most, and
/// tells which of the enum's variants it is.
///
/// # Errors
///
/// Those of [`encode_value`], and where `tx` is not an enum to serde.
pub(crate) fn encode_tx<T: Serialize>(
    tx: &T,
    out: &mut Vec<u8>,
    limit: Option<usize>,
) -> Result<usize, TxEncodeError> {
    let begun = Cell::new(None);
    encode(out, limit, |serializer| {
        tx.serialize(TxSerializer { arguments: serializer, begun: &begun })
    })
    .map(|index| index as usize)
    .map_err(|error| TxEncodeError { variant: begun.get().map(|index| index as usize), error })
}

/// Why a transaction was not encoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TxEncodeError {
    /// Which of the enum's variants it is, where it came to that.
    pub(crate) variant: Option<usize>,
    pub(crate) error: EncodeError,
}

/// Appends to `out` what [`encode_tx`] would for the variant whose arguments are the fields of the
/// struct `args`, or the elements of the tuple.
///
/// # Errors
///
/// Those of [`encode_value`].
pub(crate) fn encode_args<A: Serialize + ?Sized>(
    args: &A,
    out: &mut Vec<u8>,
    limit: Option<usize>,
) -> Result<(), EncodeError> {
    // Both are what they hold, without anything before or between.
    encode_value(args, out, limit)
}

/// The transaction of the enum's variant `variant`, whose arguments `bytes` are the encoding of.
///
/// # Errors
///
/// Where there is no such variant, and those of [`decode_value`](super::decode_value).
pub(crate) fn decode_tx<T: DeserializeOwned>(
    variant: usize,
    bytes: &[u8],
) -> Result<T, DecodeError> {
    let index = u32::try_from(variant)
        .map_err(|_| DecodeError(format!("no enum has a variant {variant}")))?;
    decode(bytes, |arguments| T::deserialize(TxDeserializer { index, arguments }))
}

pub(super) fn not_an_enum() -> Fault {
    Fault::refused("a transaction must be an enum, as serde writes it without `tag` and `untagged`")
}

/// Takes a variant's index, and leaves its fields to the serializer.
struct TxSerializer<'a, S: Sink> {
    arguments: &'a mut Serializer<S>,
    /// The index, from when it is known: who writes the fields may not come to their end.
    begun: &'a Cell<Option<u32>>,
}

macro_rules! refused {
    ($($method:ident($($type:ty),*) -> $ok:ty,)*) => {$(
        fn $method(self, $(_: $type),*) -> Result<$ok, Fault> {
            Err(not_an_enum())
        }
    )*};
}

impl<'a, S: Sink> ser::Serializer for TxSerializer<'a, S> {
    type Ok = u32;
    type Error = Fault;
    type SerializeSeq = Impossible<u32, Fault>;
    type SerializeTuple = Impossible<u32, Fault>;
    type SerializeTupleStruct = Impossible<u32, Fault>;
    type SerializeTupleVariant = TxVariant<'a, S>;
    type SerializeMap = Impossible<u32, Fault>;
    type SerializeStruct = Impossible<u32, Fault>;
    type SerializeStructVariant = TxVariant<'a, S>;

    fn is_human_readable(&self) -> bool {
        false
    }

    fn serialize_unit_variant(
        self,
        _enum: &'static str,
        index: u32,
        _variant: &'static str,
    ) -> Result<u32, Fault> {
        Ok(index)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _enum: &'static str,
        index: u32,
        _variant: &'static str,
        value: &T,
    ) -> Result<u32, Fault> {
        self.begun.set(Some(index));
        value.serialize(self.arguments)?;
        Ok(index)
    }

    fn serialize_tuple_variant(
        self,
        _enum: &'static str,
        index: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<TxVariant<'a, S>, Fault> {
        self.begun.set(Some(index));
        Ok(TxVariant { index, fields: self.arguments.compound(Kind::Type(variant), len) })
    }

    fn serialize_struct_variant(
        self,
        _enum: &'static str,
        index: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<TxVariant<'a, S>, Fault> {
        self.begun.set(Some(index));
        Ok(TxVariant { index, fields: self.arguments.compound(Kind::Type(variant), len) })
    }

    refused! {
        serialize_bool(bool) -> u32,
        serialize_i8(i8) -> u32,
        serialize_i16(i16) -> u32,
        serialize_i32(i32) -> u32,
        serialize_i64(i64) -> u32,
        serialize_u8(u8) -> u32,
        serialize_u16(u16) -> u32,
        serialize_u32(u32) -> u32,
        serialize_u64(u64) -> u32,
        serialize_f32(f32) -> u32,
        serialize_f64(f64) -> u32,
        serialize_char(char) -> u32,
        serialize_str(&str) -> u32,
        serialize_bytes(&[u8]) -> u32,
        serialize_none() -> u32,
        serialize_unit() -> u32,
        serialize_unit_struct(&'static str) -> u32,
        serialize_seq(Option<usize>) -> Self::SerializeSeq,
        serialize_tuple(usize) -> Self::SerializeTuple,
        serialize_tuple_struct(&'static str, usize) -> Self::SerializeTupleStruct,
        serialize_map(Option<usize>) -> Self::SerializeMap,
        serialize_struct(&'static str, usize) -> Self::SerializeStruct,
    }

    fn serialize_some<T: Serialize + ?Sized>(self, _: &T) -> Result<u32, Fault> {
        Err(not_an_enum())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: &T,
    ) -> Result<u32, Fault> {
        Err(not_an_enum())
    }
}

/// A variant with fields that is being written.
struct TxVariant<'a, S: Sink> {
    index: u32,
    fields: Compound<'a, S>,
}

impl<S: Sink> ser::SerializeTupleVariant for TxVariant<'_, S> {
    type Ok = u32;
    type Error = Fault;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Fault> {
        ser::SerializeTupleVariant::serialize_field(&mut self.fields, value)
    }

    fn end(self) -> Result<u32, Fault> {
        ser::SerializeTupleVariant::end(self.fields)?;
        Ok(self.index)
    }
}

impl<S: Sink> ser::SerializeStructVariant for TxVariant<'_, S> {
    type Ok = u32;
    type Error = Fault;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), Fault> {
        ser::SerializeStructVariant::serialize_field(&mut self.fields, name, value)
    }

    fn skip_field(&mut self, name: &'static str) -> Result<(), Fault> {
        ser::SerializeStructVariant::skip_field(&mut self.fields, name)
    }

    fn end(self) -> Result<u32, Fault> {
        ser::SerializeStructVariant::end(self.fields)?;
        Ok(self.index)
    }
}

/// Gives an enum the variant that was kept apart.
struct TxDeserializer<'a, 'de> {
    index: u32,
    arguments: &'a mut Deserializer<'de>,
}

impl<'de> de::Deserializer<'de> for TxDeserializer<'_, 'de> {
    type Error = Fault;

    fn is_human_readable(&self) -> bool {
        false
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        visitor.visit_enum(self.arguments.variant(self.index))
    }

    fn deserialize_any<V: Visitor<'de>>(self, _visitor: V) -> Result<V::Value, Fault> {
        Err(not_an_enum())
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct newtype_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Debug;

    use proptest::prelude::*;
    use serde::Deserialize;

    use super::*;

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    enum Tx {
        Ping,
        #[serde(rename = "open_account", alias = "create_account")]
        Open {
            #[serde(rename = "who", alias = "owner")]
            name: String,
            limit: Option<u64>,
        },
        Boxed(Box<Tx>),
        Pair(u8, i32),
        Empty {},
        Note {
            #[serde(skip_serializing_if = "Option::is_none")]
            text: Option<String>,
        },
    }

    fn tx() -> impl Strategy<Value = (usize, Tx)> {
        prop_oneof![
            Just((0, Tx::Ping)),
            (".*", any::<Option<u64>>()).prop_map(|(name, limit)| (1, Tx::Open { name, limit })),
            any::<i32>().prop_map(|n| (2, Tx::Boxed(Box::new(Tx::Pair(0, n))))),
            any::<(u8, i32)>().prop_map(|(a, b)| (3, Tx::Pair(a, b))),
            Just((4, Tx::Empty {})),
        ]
    }

    proptest! {
        #[test]
        fn a_transaction_comes_back(expected in tx()) {
            let (variant, tx) = expected;
            let mut bytes = vec![9];
            prop_assert_eq!(encode_tx(&tx, &mut bytes, None).unwrap(), variant);
            // Postcard writes the index, which takes one byte, and then what is written here.
            prop_assert_eq!(&bytes[1..], &postcard::to_stdvec(&tx).unwrap()[1..]);
            prop_assert_eq!(decode_tx::<Tx>(variant, &bytes[1..]).unwrap(), tx);
        }
    }

    #[test]
    fn the_arguments_alone_are_encoded_like_the_variant() {
        #[derive(Serialize)]
        struct OpenArgs<'a> {
            name: &'a str,
            limit: Option<u64>,
        }
        #[derive(Serialize)]
        struct PingArgs;

        let (mut whole, mut args) = (Vec::new(), Vec::new());
        let tx = Tx::Open { name: "ann".to_owned(), limit: Some(300) };
        encode_tx(&tx, &mut whole, None).unwrap();
        encode_args(&OpenArgs { name: "ann", limit: Some(300) }, &mut args, None).unwrap();
        encode_args(&PingArgs, &mut args, None).unwrap();
        assert_eq!(whole, args);
    }

    #[track_caller]
    fn refusal<T: Serialize>(tx: &T) -> String {
        let mut out = vec![1];
        let error = encode_tx(tx, &mut out, None).unwrap_err().error;
        assert_eq!(out, [1]);
        error.to_string()
    }

    #[test]
    fn what_is_refused_in_a_value_is_refused_in_a_transaction() {
        assert!(refusal(&Tx::Note { text: None }).starts_with("in field `text`: `skip_"));
        let nested = Tx::Boxed(Box::new(Tx::Note { text: None }));
        assert!(refusal(&nested).starts_with("in field `text`: `skip_"));
        let long = Tx::Open { name: "x".repeat(30), limit: None };
        let error = encode_tx(&long, &mut Vec::new(), Some(20)).unwrap_err();
        assert_eq!(error.error, EncodeError::TooLarge { bytes: 31, limit: 20 });
        assert_eq!(error.variant, Some(1), "it is known which transaction it was");
    }

    #[test]
    fn a_variant_with_fewer_fields_than_it_has_said_is_refused() {
        struct Tuple;
        impl Serialize for Tuple {
            fn serialize<S: ser::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let mut fields = serializer.serialize_tuple_variant("Tx", 0, "Pair", 2)?;
                ser::SerializeTupleVariant::serialize_field(&mut fields, &1)?;
                ser::SerializeTupleVariant::end(fields)
            }
        }
        struct Struct;
        impl Serialize for Struct {
            fn serialize<S: ser::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let mut fields = serializer.serialize_struct_variant("Tx", 0, "Pair", 2)?;
                ser::SerializeStructVariant::serialize_field(&mut fields, "a", &1)?;
                ser::SerializeStructVariant::end(fields)
            }
        }
        for message in [refusal(&Tuple), refusal(&Struct)] {
            assert!(message.contains("said that it has 2 elements, and wrote 1"), "{message}");
        }
    }

    #[test]
    fn what_is_not_an_externally_tagged_enum_is_refused() {
        #[derive(Debug, Serialize, Deserialize)]
        #[serde(tag = "type")]
        enum Internal {
            A { a: u8 },
        }
        #[derive(Debug, Serialize, Deserialize)]
        #[serde(untagged)]
        enum Untagged {
            A,
        }
        #[derive(Debug, Serialize, Deserialize)]
        #[serde(tag = "type", content = "content")]
        enum Adjacent {
            A,
        }
        #[derive(Debug, Serialize, Deserialize)]
        struct Struct {
            a: u8,
        }

        #[track_caller]
        fn check<T: Serialize + DeserializeOwned + Debug>(tx: &T) {
            let expected = not_an_enum().to_string();
            assert_eq!(refusal(tx), expected);
            assert_eq!(decode_tx::<T>(0, &[0]).unwrap_err().to_string(), expected);
        }
        check(&Internal::A { a: 1 });
        check(&Untagged::A);
        check(&Adjacent::A);
        check(&Struct { a: 1 });
        check(&Some(Tx::Ping));
        check(&5_u8);
        check(&"text".to_owned());
        check(&(1, 2));
        check(&vec![1]);
        check(&());
    }

    #[test]
    fn a_variant_that_there_is_not_is_refused() {
        for variant in [6, u32::MAX as usize, usize::MAX] {
            let message = decode_tx::<Tx>(variant, &[]).unwrap_err().to_string();
            assert!(message.contains("variant"), "{message}");
        }
    }

    #[test]
    fn every_byte_of_the_arguments_must_be_used() {
        let left_over = decode_tx::<Tx>(0, &[1]).unwrap_err().to_string();
        assert_eq!(left_over, "1 bytes are left over after the end of the value");
        let missing = decode_tx::<Tx>(3, &[1]).unwrap_err().to_string();
        assert_eq!(missing, "the bytes end before the value does");
    }
}
