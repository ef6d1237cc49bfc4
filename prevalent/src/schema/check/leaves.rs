//! Texts, numbers and lengths that types with their own opinion may accept, encoded.

use super::super::candidates::{Candidates, LENGTHS};
use super::super::types::{Scalar, Type};
use crate::format::bytes::put_counted;

/// Writes what is tried, as values of types.
pub(super) struct Leaves<'a>(Candidates<'a>);

impl<'a> Leaves<'a> {
    pub(super) fn new(samples: &'a [&'a str]) -> Self {
        Leaves(Candidates::new(samples))
    }

    /// How many there are for a leaf of this type, or for the length of a sequence.
    pub(super) fn count(&self, ty: &Type) -> usize {
        match ty {
            Type::Scalar(Scalar::Bool) => 2,
            Type::Scalar(Scalar::F32 | Scalar::F64) => self.0.floats.len(),
            Type::Scalar(Scalar::Char) => self.0.chars.len(),
            Type::Scalar(_) => self.0.ints.len(),
            Type::String => self.0.texts.len(),
            Type::Bytes | Type::Opaque | Type::Seq(_) | Type::Map { .. } => LENGTHS.len(),
            _ => 1,
        }
    }

    /// The length of a sequence.
    pub(super) fn length(candidate: usize) -> usize {
        LENGTHS.get(candidate).copied().unwrap_or(0)
    }

    /// Writes a leaf of this type. What the type has no room for is something else instead.
    #[expect(clippy::cast_possible_truncation, reason = "any number of the type will do")]
    pub(super) fn put(&self, out: &mut Vec<u8>, ty: &Type, candidate: usize) {
        let float = || self.0.floats.get(candidate).copied().unwrap_or(0.0);
        match ty {
            Type::Scalar(Scalar::Bool) => out.push(u8::from(candidate == 1)),
            Type::Scalar(Scalar::F32) => out.extend((float() as f32).to_le_bytes()),
            Type::Scalar(Scalar::F64) => out.extend(float().to_le_bytes()),
            Type::Scalar(Scalar::Char) => {
                let char = self.0.chars.get(candidate).copied().unwrap_or('a');
                put_counted(out, char.encode_utf8(&mut [0; 4]).as_bytes());
            }
            Type::Scalar(scalar) => {
                put_number(out, *scalar, self.0.ints.get(candidate).copied().unwrap_or(0));
            }
            Type::String => {
                let text = self.0.texts.get(candidate).copied().unwrap_or_default();
                put_counted(out, text.as_bytes());
            }
            Type::Bytes | Type::Opaque => put_counted(out, &vec![0; Self::length(candidate)]),
            _ => {}
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "any number of the type will do"
)]
fn put_number(out: &mut Vec<u8>, scalar: Scalar, number: i128) {
    let zigzag = |number: i64| zigzagged(i128::from(number));
    let mut number = match scalar {
        Scalar::I8 => return out.push(number as i8 as u8),
        Scalar::U8 => return out.push(number as u8),
        Scalar::U16 => u128::from(number as u16),
        Scalar::U32 => u128::from(number as u32),
        Scalar::U64 => u128::from(number as u64),
        Scalar::I16 => zigzag(i64::from(number as i16)),
        Scalar::I32 => zigzag(i64::from(number as i32)),
        Scalar::I64 => zigzag(number as i64),
        Scalar::I128 => zigzagged(number),
        _ => number as u128,
    };
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// Small negative numbers are short, too.
#[expect(clippy::cast_sign_loss, reason = "the bits are meant")]
fn zigzagged(number: i128) -> u128 {
    ((number << 1) ^ (number >> 127)) as u128
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_numbers_are_what_they_are_in_every_type() {
        // Behind 0 and 1 come the samples.
        let leaves = Leaves::new(&["-3", "7"]);
        let put = |scalar, candidate| {
            let mut bytes = Vec::new();
            leaves.put(&mut bytes, &Type::Scalar(scalar), candidate);
            bytes
        };
        assert_eq!(postcard::from_bytes(&put(Scalar::I8, 2)), Ok(-3_i8));
        assert_eq!(postcard::from_bytes(&put(Scalar::I16, 2)), Ok(-3_i16));
        assert_eq!(postcard::from_bytes(&put(Scalar::I32, 2)), Ok(-3_i32));
        assert_eq!(postcard::from_bytes(&put(Scalar::I64, 2)), Ok(-3_i64));
        assert_eq!(postcard::from_bytes(&put(Scalar::I128, 2)), Ok(-3_i128));
        assert_eq!(postcard::from_bytes(&put(Scalar::U8, 3)), Ok(7_u8));
        assert_eq!(postcard::from_bytes(&put(Scalar::U64, 3)), Ok(7_u64));
        assert_eq!(postcard::from_bytes(&put(Scalar::U128, 3)), Ok(7_u128));
        assert_eq!(postcard::from_bytes(&put(Scalar::F32, 2)), Ok(-3.0_f32));
    }
}
