//! The bytes that are being read, and the types that they were written with.

use serde::de::Deserialize;

use super::super::elements::{ElementsLeft, TOO_MANY};
use super::super::stack::{Stack, TOO_DEEP};
use super::fault::{Cause, DecodeFault, Fault, FaultKind, Place};
use super::want::Want;
use crate::format::bytes::Reader;
use crate::schema::skip;
use crate::schema::types::{Field, Type, TypeId, Types};

pub(super) struct Source<'de> {
    rest: &'de [u8],
    /// Where `rest` ends, counted from the first of all bytes.
    end: usize,
    pub(super) types: &'de Types,
    elements: ElementsLeft,
    /// Nothing has asked for the value yet that a `Deserialize` has just been given.
    untouched: bool,
    /// Where on the stack the reading began.
    stack: Stack,
    /// The first fault after which what comes next is not known. A `Deserialize` may pass over it, or tell another one.
    fault: Option<Fault>,
    /// Where the names of fields are, of some structs that were compared: a list of them as it was written, and one that is
    /// asked for, with the same names in the same order.
    alike: [(usize, usize); ALIKE_MAX],
}

/// So many structs are known to be alike at a time.
const ALIKE_MAX: usize = 16;

impl<'de> Source<'de> {
    pub(super) fn new(types: &'de Types, bytes: &'de [u8]) -> Self {
        let end = bytes.len();
        let (stack, alike) = (Stack::here(), [(0, 0); ALIKE_MAX]);
        let elements = ElementsLeft::of(bytes.len());
        Source { rest: bytes, end, types, elements, untouched: false, stack, fault: None, alike }
    }

    /// Reads some of the bytes, all of which have the types `types`.
    pub(super) fn part(&self, bytes: &'de [u8], types: &'de Types) -> Self {
        let elements = ElementsLeft::of(bytes.len());
        let end = self.consumed();
        Source { rest: bytes, end, types, elements, untouched: false, fault: None, ..*self }
    }

    /// What reading a part has come to.
    pub(super) fn end_part(&mut self, part: Source<'de>) {
        self.untouched = false;
        if self.fault.is_none() {
            self.fault = part.fault;
        }
    }

    #[inline]
    pub(super) fn consumed(&self) -> usize {
        self.end - self.rest.len()
    }

    #[inline]
    pub(super) fn remaining(&self) -> usize {
        self.rest.len()
    }

    /// Something asks for the value.
    #[inline]
    pub(super) fn touch(&mut self) {
        self.untouched = false;
    }

    /// Has `read` read a value of the type `ty`, or skips it where `read` didn't look.
    #[inline]
    pub(super) fn one<R>(
        &mut self,
        ty: TypeId,
        read: impl FnOnce(&mut Self) -> Result<R, Fault>,
    ) -> Result<R, Fault> {
        self.untouched = true;
        let value = read(self)?;
        if self.untouched {
            self.skip(ty)?;
        }
        Ok(value)
    }

    #[inline]
    pub(super) fn scalar<T: Deserialize<'de>>(&mut self) -> Result<T, Fault> {
        match postcard::take_from_bytes(self.rest) {
            Ok((value, rest)) => {
                self.rest = rest;
                Ok(value)
            }
            Err(error) => Err(malformed(&error)),
        }
    }

    /// A length of that many elements.
    #[inline]
    pub(super) fn length(&mut self) -> Result<usize, Fault> {
        let len: usize = self.scalar()?;
        self.elements.take(len).ok_or_else(|| Fault::malformed(TOO_MANY))?;
        Ok(len)
    }

    pub(super) fn take(&mut self, count: usize) -> Result<&'de [u8], Fault> {
        let (taken, rest) = self
            .rest
            .split_at_checked(count)
            .ok_or_else(|| Fault::malformed("the bytes end before the value does"))?;
        self.rest = rest;
        Ok(taken)
    }

    /// Goes past a value.
    pub(super) fn skip(&mut self, ty: TypeId) -> Result<(), Fault> {
        self.untouched = false;
        let mut reader = Reader::new(self.rest);
        skip(self.types, ty, &mut reader).map_err(Fault::malformed)?;
        self.rest = &self.rest[self.rest.len() - reader.remaining()..];
        Ok(())
    }

    /// Whether a struct was written with the very fields that are asked for.
    #[inline]
    pub(super) fn is_alike(
        &mut self,
        written: &'de [Field],
        asked: &'static [&'static str],
    ) -> bool {
        if written.len() != asked.len() {
            return false;
        }
        // Both lists stay where they are while this is alive.
        let pair = (written.as_ptr().addr(), asked.as_ptr().addr());
        let slot = (pair.0 / align_of::<Field>()) % ALIKE_MAX;
        if self.alike[slot] == pair {
            return true;
        }
        let is_alike = written.iter().map(|field| field.name.as_str()).eq(asked.iter().copied());
        if is_alike {
            self.alike[slot] = pair;
        }
        is_alike
    }

    /// Refuses to go deeper where the stack would not allow for it.
    #[inline]
    pub(super) fn enter(&self) -> Result<(), Fault> {
        if self.stack.has_room() { Ok(()) } else { Err(Fault::value(TOO_DEEP)) }
    }

    /// Refuses bytes that nothing has read.
    pub(super) fn finish(&self) -> Result<(), Fault> {
        match self.rest.len() {
            0 => Ok(()),
            left => Err(Fault::malformed(format!(
                "{left} bytes are left over after the end of the value"
            ))),
        }
    }

    /// Says of a fault where it is, if it is new: the reader asked for `want` where a `ty` was written. All of its bytes
    /// are read, if it is only the value that doesn't suit.
    #[cold]
    pub(super) fn locate_read(
        &mut self,
        mut fault: Fault,
        ty: TypeId,
        want: Option<Want>,
    ) -> Fault {
        if !fault.has_place() {
            fault.set_place(Place {
                stored: self.types.describe(ty),
                wanted: want.map(|want| want.to_string()),
                consumed: self.consumed(),
            });
            if fault.cause() == Cause::Length {
                fault.set_kind(self.kind_of_length(ty));
            }
            // Somebody's own code, that has it from a text.
            if fault.kind() == FaultKind::UnknownVariant && !fault.has_variant() {
                fault.set_kind(FaultKind::Value);
            }
        }
        if fault.kind() != FaultKind::Value {
            self.keep(&fault);
        }
        fault
    }

    /// The same where it is not known how many of the bytes are read.
    #[cold]
    pub(super) fn locate(&mut self, fault: Fault, ty: TypeId, want: Option<Want>) -> Fault {
        let fault = self.locate_read(fault, ty, want);
        self.keep(&fault);
        fault
    }

    /// The same fault, seen from outside of `part`, where a `ty` was written.
    #[cold]
    pub(super) fn inside(&mut self, fault: Fault, part: &str, ty: TypeId) -> Fault {
        let mut fault = self.locate_read(fault, ty, None);
        fault.push(part);
        if let Some(kept) = &mut self.fault {
            kept.push(part);
        }
        fault
    }

    pub(super) fn take_fault(&mut self) -> Option<Fault> {
        self.fault.take()
    }

    /// A fault of reading a `ty`, from outside.
    pub(super) fn complete(&self, mut fault: Fault, ty: TypeId) -> DecodeFault {
        if fault.kind() == FaultKind::UnknownVariant && !fault.has_variant() {
            fault.set_kind(FaultKind::Value);
        }
        fault.complete(|| Place {
            stored: self.types.describe(ty),
            wanted: None,
            consumed: self.consumed(),
        })
    }

    fn keep(&mut self, fault: &Fault) {
        if self.fault.is_none() {
            self.fault = Some(fault.clone());
        }
    }

    fn kind_of_length(&self, ty: TypeId) -> FaultKind {
        match self.types.get(self.types.behind_newtypes(ty)) {
            Type::Tuple { .. } | Type::Struct { .. } | Type::Enum { .. } | Type::Unit => {
                FaultKind::Structural
            }
            _ => FaultKind::Value,
        }
    }
}

fn malformed(error: &postcard::Error) -> Fault {
    Fault::malformed(super::super::deserializer::what_is_wrong(error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_that_only_begin_like_others_are_not_alike_though_both_lists_are_known() {
        static ASKED: [&str; 2] = ["a", "b"];
        let (types, ty) = (Types::default(), TypeId(0));
        let written = ASKED.map(|name| Field { name: name.to_owned(), ty });
        let mut source = Source::new(&types, &[]);
        for _ in 0..2 {
            assert!(source.is_alike(&written, &ASKED));
            assert!(!source.is_alike(&written, &ASKED[..1]));
            assert!(!source.is_alike(&written[..1], &ASKED));
        }
    }
}
