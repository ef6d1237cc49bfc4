//! What has elements: counted, since the reader trusts the number that was announced.

use std::fmt;

use serde::Serialize;
use serde::ser;

use super::fault::Fault;
use super::serializer::Serializer;
use super::sink::Sink;

/// What is being written.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    Sequence,
    /// A sequence whose order has no meaning.
    Set,
    Map,
    Tuple,
    /// A struct, or a variant of an enum.
    Type(&'static str),
}

impl Kind {
    #[inline]
    fn has_no_order(self) -> bool {
        matches!(self, Kind::Map | Kind::Set)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Kind::Sequence | Kind::Set => f.write_str("a sequence"),
            Kind::Map => f.write_str("a map"),
            Kind::Tuple => f.write_str("a tuple"),
            Kind::Type(name) => write!(f, "`{name}`"),
        }
    }
}

/// A sequence, map, tuple, struct or variant that is being written.
pub(super) struct Compound<'a, S: Sink> {
    serializer: &'a mut Serializer<S>,
    kind: Kind,
    announced: usize,
    written: usize,
    /// A map's key is written, and its value is not.
    key_waits: bool,
    /// Writing an element failed, maybe halfway. Nothing makes up for that: a `Serialize` that
    /// passes over the error and writes something else instead must not succeed.
    broken: bool,
}

impl<'a, S: Sink> Compound<'a, S> {
    pub(super) fn new(serializer: &'a mut Serializer<S>, kind: Kind, announced: usize) -> Self {
        if kind.has_no_order() {
            serializer.sink().begin_unordered();
        }
        Compound { serializer, kind, announced, written: 0, key_waits: false, broken: false }
    }

    #[inline]
    fn element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Fault> {
        if self.written == self.announced {
            return Err(self.one_too_many());
        }
        self.written += 1;
        if self.kind.has_no_order() {
            self.serializer.sink().begin_member();
        }
        self.part(value)?;
        if let Kind::Set = self.kind {
            self.serializer.sink().end_member();
        }
        Ok(())
    }

    /// What does not count as an element of its own: a map's value.
    #[inline]
    fn part<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Fault> {
        value.serialize(&mut *self.serializer).inspect_err(|_| self.broken = true)
    }

    #[inline]
    fn field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Fault> {
        self.element(value).map_err(|fault| fault.in_field(name))
    }

    // What is refused is told apart from what is written, which stays small enough to be inlined.

    #[cold]
    fn one_too_many(&mut self) -> Fault {
        self.broken = true;
        let Compound { kind, announced, .. } = self;
        Fault::refused(format!(
            "{kind} said that it has {announced} elements, and wrote more: \
             the reader would take the next one for something else"
        ))
    }

    #[cold]
    fn ended_badly(&self) -> Fault {
        let Compound { kind, announced, written, .. } = self;
        Fault::refused(if self.broken || self.key_waits {
            format!("{kind} was ended after an element of it had failed, or a key without a value")
        } else {
            format!(
                "{kind} said that it has {announced} elements, and wrote {written}: \
                 the reader would take what comes after it for the missing ones"
            )
        })
    }

    #[cold]
    fn skip(&mut self, name: &'static str) -> Fault {
        self.broken = true;
        Fault::refused(
            "`skip_serializing_if` left the field out, \
             and the encoding has no field names to tell which one is missing: \
             remove the attribute",
        )
        .in_field(name)
    }

    #[inline]
    fn finish(self) -> Result<(), Fault> {
        if self.broken || self.key_waits || self.written != self.announced {
            return Err(self.ended_badly());
        }
        let Compound { serializer, kind, .. } = self;
        if kind.has_no_order() {
            serializer.sink().end_unordered();
        }
        Ok(())
    }
}

macro_rules! elements {
    ($($trait:ident: $method:ident,)*) => {$(
        impl<S: Sink> ser::$trait for Compound<'_, S> {
            type Ok = ();
            type Error = Fault;

            #[inline]
            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Fault> {
                self.element(value)
            }

            #[inline]
            fn end(self) -> Result<(), Fault> {
                self.finish()
            }
        }
    )*};
}

elements! {
    SerializeSeq: serialize_element,
    SerializeTuple: serialize_element,
    SerializeTupleStruct: serialize_field,
    SerializeTupleVariant: serialize_field,
}

macro_rules! fields {
    ($($trait:ident,)*) => {$(
        impl<S: Sink> ser::$trait for Compound<'_, S> {
            type Ok = ();
            type Error = Fault;

            #[inline]
            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                name: &'static str,
                value: &T,
            ) -> Result<(), Fault> {
                self.field(name, value)
            }

            #[inline]
            fn skip_field(&mut self, name: &'static str) -> Result<(), Fault> {
                Err(self.skip(name))
            }

            #[inline]
            fn end(self) -> Result<(), Fault> {
                self.finish()
            }
        }
    )*};
}

fields! { SerializeStruct, SerializeStructVariant, }

impl<S: Sink> ser::SerializeMap for Compound<'_, S> {
    type Ok = ();
    type Error = Fault;

    #[inline]
    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Fault> {
        self.broken |= self.key_waits;
        self.key_waits = true;
        self.element(key)
    }

    #[inline]
    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Fault> {
        self.broken |= !self.key_waits;
        self.key_waits = false;
        self.part(value)?;
        self.serializer.sink().end_member();
        Ok(())
    }

    #[inline]
    fn end(self) -> Result<(), Fault> {
        self.finish()
    }
}
