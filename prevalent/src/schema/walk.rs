//! Follows the bytes of a value along its type, without making anything of them.

use super::source::Source;
use super::types::{Scalar, Type, TypeId, Types};
use crate::format::bytes::Reader;

/// Whether `bytes` are a value of this type, from the first byte to the last; if not, why.
pub(crate) fn walk(types: &Types, ty: TypeId, bytes: &[u8]) -> Result<(), String> {
    walk_all(types, ty, &mut Reader::new(bytes))
}

/// Whether what is left of a source is a value of this type; if not, why.
pub(crate) fn walk_all<S: Source>(types: &Types, ty: TypeId, source: &mut S) -> Result<(), String> {
    skip(types, ty, source)?;
    match source.remaining() {
        0 => Ok(()),
        left => Err(format!("{left} bytes are left over after a `{}`", types.describe(ty))),
    }
}

/// Goes past the value of this type that begins where `source` is; if there is none, says why.
pub(crate) fn skip<S: Source>(types: &Types, ty: TypeId, source: &mut S) -> Result<(), String> {
    let all = source.remaining();
    let mut walker = Walker { types, source, steps: Vec::new() };
    walker.value(ty)?;
    let mut steps = 0_u64;
    while let Some(step) = walker.steps.pop() {
        walker.take_step(step)?;
        steps += 1;
        // Types without bytes can lie in each other so that going through them would never end.
        let read = all - walker.source.remaining();
        if steps > read.saturating_mul(STEPS_FOR_A_BYTE_MAX).saturating_add(EMPTY_STEPS_MAX) {
            return Err("there are too many values without bytes".to_owned());
        }
    }
    Ok(())
}

/// So many steps may be taken without a byte,
const EMPTY_STEPS_MAX: u64 = 1_000_000;
/// and so many more for each byte.
const STEPS_FOR_A_BYTE_MAX: u64 = 256;
/// So much of a text is looked at once: a long one need not be in memory as a whole.
const TEXT_PART_BYTES: u64 = 64 << 10;

/// What is still to be walked is kept here, not on the stack: values may lie as deep inside each other as they like.
struct Walker<'a, S> {
    types: &'a Types,
    source: &'a mut S,
    /// The next one last.
    steps: Vec<Step>,
}

#[derive(Clone, Copy)]
enum Step {
    Value(TypeId),
    /// What is in a tuple or a struct, from the part of this number on.
    Parts {
        of: TypeId,
        next: usize,
    },
    /// One or two types, so many times; and what there was left to read the last time.
    Repeat {
        first: TypeId,
        second: Option<TypeId>,
        left: u64,
        bytes_before: Option<u64>,
    },
}

impl<S: Source> Walker<'_, S> {
    fn take_step(&mut self, step: Step) -> Result<(), String> {
        match step {
            Step::Value(id) => self.value(id),
            Step::Parts { of, next } => {
                let part = match self.types.get(of) {
                    Type::Tuple { elements, .. } => elements.get(next).copied(),
                    Type::Struct { fields, .. } => fields.get(next).map(|field| field.ty),
                    _ => None,
                };
                if let Some(part) = part {
                    self.steps.push(Step::Parts { of, next: next + 1 });
                    self.steps.push(Step::Value(part));
                }
                Ok(())
            }
            // Elements without bytes: there may be any number of them, and nothing to be looked at.
            Step::Repeat { bytes_before: Some(before), .. }
                if before == self.source.remaining() =>
            {
                Ok(())
            }
            Step::Repeat { left: 0, .. } => Ok(()),
            Step::Repeat { first, second, left, .. } => {
                let bytes_before = Some(self.source.remaining());
                self.steps.push(Step::Repeat { first, second, left: left - 1, bytes_before });
                self.steps.extend(second.map(Step::Value));
                self.steps.push(Step::Value(first));
                Ok(())
            }
        }
    }

    fn value(&mut self, id: TypeId) -> Result<(), String> {
        match self.types.get(id) {
            Type::Scalar(scalar) => self.scalar(*scalar)?,
            Type::String => self.text()?,
            Type::Bytes | Type::Opaque => {
                let count = self.varint()?;
                self.pass(count)?;
            }
            Type::Unit => {}
            Type::Option(inner) => match self.byte()? {
                0 => {}
                1 => self.steps.push(Step::Value(*inner)),
                _ => return Err("an `Option` is neither 0 nor 1".to_owned()),
            },
            Type::Seq(inner) => self.repeat(*inner, None)?,
            Type::Map { key, value } => self.repeat(*key, Some(*value))?,
            Type::Tuple { .. } | Type::Struct { .. } => {
                self.steps.push(Step::Parts { of: id, next: 0 });
            }
            Type::Newtype { inner, .. } => self.steps.push(Step::Value(*inner)),
            Type::Enum { name, variants } => {
                let index = self.varint()?;
                let variant = variants.iter().find(|variant| u64::from(variant.index) == index);
                let variant = variant
                    .ok_or_else(|| format!("the enum `{name}` has no variant of index {index}"))?;
                self.steps.push(Step::Value(variant.contents));
            }
            Type::Untraced { .. } => self.pass(self.source.remaining())?,
            Type::Never => return Err("there is a value of a type that has none".to_owned()),
        }
        Ok(())
    }

    fn repeat(&mut self, first: TypeId, second: Option<TypeId>) -> Result<(), String> {
        let left = self.varint()?;
        self.steps.push(Step::Repeat { first, second, left, bytes_before: None });
        Ok(())
    }

    fn scalar(&mut self, scalar: Scalar) -> Result<(), String> {
        match scalar {
            Scalar::Bool => match self.byte()? {
                0 | 1 => Ok(()),
                _ => Err("a `bool` is neither 0 nor 1".to_owned()),
            },
            Scalar::I8 | Scalar::U8 => self.byte().map(drop),
            Scalar::I16 | Scalar::U16 => self.long_varint(16),
            Scalar::I32 | Scalar::U32 => self.long_varint(32),
            Scalar::I64 | Scalar::U64 => self.long_varint(64),
            Scalar::I128 | Scalar::U128 => self.long_varint(128),
            Scalar::F32 => self.pass(4),
            Scalar::F64 => self.pass(8),
            Scalar::Char => {
                let text = self.source.counted().ok_or_else(ends)?;
                let text = str::from_utf8(text).map_err(|_| "a `char` is none".to_owned())?;
                if text.chars().count() == 1 { Ok(()) } else { Err("a `char` is none".to_owned()) }
            }
        }
    }

    /// A number of at most so many bits, of which the value doesn't matter.
    fn long_varint(&mut self, bits: u32) -> Result<(), String> {
        let bytes_max = bits.div_ceil(7);
        for number in 1..=bytes_max {
            let byte = self.byte()?;
            if byte & 0x80 == 0 {
                let in_last = bits - 7 * (bytes_max - 1);
                if number == bytes_max && u32::from(byte) >> in_last != 0 {
                    break;
                }
                return Ok(());
            }
        }
        Err("a number is longer than its type".to_owned())
    }

    fn text(&mut self) -> Result<(), String> {
        let mut left = self.varint()?;
        if left > self.source.remaining() {
            return Err(ends());
        }
        while left > 0 {
            let part = usize::try_from(left.min(TEXT_PART_BYTES)).unwrap_or(usize::MAX);
            let start = self.source.mark();
            let bytes = self.source.take(part).ok_or_else(ends)?;
            match str::from_utf8(bytes) {
                Ok(_) => left -= part as u64,
                // A letter goes on in the next part.
                Err(error) if error.error_len().is_none() && left > part as u64 => {
                    let whole = error.valid_up_to() as u64;
                    self.source.back_to(start);
                    self.pass(whole)?;
                    left -= whole;
                }
                Err(_) => return Err("a text is not UTF-8".to_owned()),
            }
        }
        Ok(())
    }

    fn varint(&mut self) -> Result<u64, String> {
        self.source.varint().ok_or_else(|| "a length is malformed".to_owned())
    }

    fn byte(&mut self) -> Result<u8, String> {
        let [byte] = self.source.array().ok_or_else(ends)?;
        Ok(byte)
    }

    fn pass(&mut self, count: u64) -> Result<(), String> {
        self.source.pass(count).ok_or_else(ends)
    }
}

fn ends() -> String {
    "the bytes end before the value does".to_owned()
}

#[cfg(test)]
mod tests {
    use super::super::types::{Field, Variant};
    use super::*;
    use crate::format::bytes::{put_counted, put_varint};

    fn list() -> (Types, TypeId) {
        let mut types = Types::default();
        let node = types.add(Type::Never);
        let number = types.add(Type::Scalar(Scalar::U64));
        let next = types.add(Type::Option(node));
        let fields = vec![
            Field { name: "value".into(), ty: number },
            Field { name: "next".into(), ty: next },
        ];
        types.replace(node, Type::Struct { name: "Node".into(), fields });
        (types, node)
    }

    #[test]
    fn a_value_is_followed_to_its_end_however_deep() {
        let (types, node) = list();
        let depth = 200_000;
        let mut bytes = [7, 1].repeat(depth);
        bytes.extend([7, 0]);
        assert_eq!(walk(&types, node, &bytes), Ok(()));
        assert!(walk(&types, node, &bytes[..bytes.len() - 1]).is_err());
        bytes.push(0);
        assert!(walk(&types, node, &bytes).unwrap_err().contains("left over"));
    }

    #[test]
    fn any_number_of_elements_without_bytes_is_no_work() {
        let mut types = Types::default();
        let unit = types.add(Type::Unit);
        let units = types.add(Type::Seq(unit));
        let bytes = postcard::to_stdvec(&u64::MAX).unwrap();
        assert_eq!(walk(&types, units, &bytes), Ok(()));
    }

    #[test]
    fn types_of_much_without_bytes_are_given_up_soon() {
        let mut types = Types::default();
        let mut many = types.add(Type::Unit);
        for _ in 0..14 {
            many = types.add(Type::Tuple { name: String::new(), elements: vec![many, many] });
        }
        let byte = types.add(Type::Scalar(Scalar::U8));
        let pair = types.add(Type::Tuple { name: String::new(), elements: vec![many, byte] });
        let pairs = types.add(Type::Seq(pair));
        assert_eq!(walk(&types, pairs, &[2, 0, 0]), Ok(()));
        let mut bytes = postcard::to_stdvec(&100_000_u32).unwrap();
        bytes.resize(bytes.len() + 100_000, 0);
        assert!(walk(&types, pairs, &bytes).unwrap_err().contains("without bytes"));

        // Each level has a byte, and much behind it.
        let level = types.add(Type::Never);
        let inner = types.add(Type::Option(level));
        let elements = std::iter::once(inner).chain(vec![pairs; 10_000]).collect();
        types.replace(level, Type::Tuple { name: String::new(), elements });
        assert!(walk(&types, level, &vec![1; 1_000_000]).unwrap_err().contains("end"));
    }

    #[test]
    fn bytes_that_are_not_there_are_missed_though_nothing_is_left_over() {
        for ty in [Type::Bytes, Type::Opaque, Type::String] {
            let mut types = Types::default();
            let ty = types.add(ty);
            walk(&types, ty, &[1, b'x']).unwrap();
            assert_eq!(walk(&types, ty, &[1]).unwrap_err(), ends());
        }
    }

    #[test]
    fn a_text_that_is_longer_than_what_is_left_is_not_looked_at() {
        let mut types = Types::default();
        let text = types.add(Type::String);
        let mut bytes = Vec::new();
        put_varint(&mut bytes, 3 * TEXT_PART_BYTES);
        bytes.extend(vec![0xff; 100_000]);
        assert_eq!(walk(&types, text, &bytes).unwrap_err(), ends());
    }

    #[test]
    fn what_is_no_letter_is_found_in_every_part_of_a_long_text() {
        let mut types = Types::default();
        let text = types.add(Type::String);
        let part = usize::try_from(TEXT_PART_BYTES).unwrap();
        for place in [0, 1, part - 1, part, 2 * part, 3 * part - 1] {
            let mut content = vec![b'x'; 3 * part];
            content[place] = 0xff;
            let mut bytes = Vec::new();
            put_counted(&mut bytes, &content);
            assert_eq!(walk(&types, text, &bytes).unwrap_err(), "a text is not UTF-8", "{place}");
        }
    }

    #[test]
    fn what_is_no_value_is_told() {
        let mut types = Types::default();
        let never = types.add(Type::Never);
        let unit = types.add(Type::Unit);
        let byte = types.add(Type::Scalar(Scalar::U16));
        let variants = vec![
            Variant { index: 0, name: "A".into(), contents: unit },
            Variant { index: 2, name: "C".into(), contents: never },
        ];
        let choice = types.add(Type::Enum { name: "Choice".into(), variants });
        assert_eq!(walk(&types, choice, &[0]), Ok(()));
        assert!(walk(&types, choice, &[1]).unwrap_err().contains("no variant of index 1"));
        assert!(walk(&types, choice, &[2]).is_err());
        assert!(walk(&types, byte, &[0xff, 0xff, 3]).is_ok());
        assert!(walk(&types, byte, &[0xff, 0xff, 4]).is_err());
        let option = types.add(Type::Option(unit));
        assert_eq!(walk(&types, option, &[1]), Ok(()));
        assert!(walk(&types, option, &[2]).unwrap_err().contains("neither 0 nor 1"));
        let truth = types.add(Type::Scalar(Scalar::Bool));
        assert_eq!(walk(&types, truth, &[1]), Ok(()));
        assert!(walk(&types, truth, &[2]).unwrap_err().contains("neither 0 nor 1"));
        let letter = types.add(Type::Scalar(Scalar::Char));
        assert_eq!(walk(&types, letter, &[1, b'a']), Ok(()));
        for text in [&[0][..], &[2, b'a', b'b'], &[1, 0xff]] {
            assert!(walk(&types, letter, text).unwrap_err().contains("a `char` is none"));
        }
        for (ty, bytes, why) in [
            (choice, &[0x80, 0][..], "a length is malformed"),
            (letter, &[2, b'a'], "the bytes end"),
            (byte, &[], "the bytes end"),
        ] {
            assert!(walk(&types, ty, bytes).unwrap_err().contains(why), "{why}");
        }
    }
}
