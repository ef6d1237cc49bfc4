//! Values of texts, numbers and lengths that types with their own opinion may accept.

use super::super::types::{Scalar, Type};
use crate::format::bytes::put_counted;

/// What is tried, in this order.
pub(super) struct Candidates {
    texts: Vec<String>,
    numbers: Vec<i128>,
    floats: Vec<f64>,
}

const TEXTS: &[&str] = &[
    "a",
    "",
    "0",
    "1",
    "A",
    "2020-01-01",
    "12:00:00",
    "2020-01-01T12:00:00Z",
    "2020-01-01T12:00:00",
    "2020-01-01 12:00:00",
    "2020-01-01T12:00:00+00:00",
    "2020-01-01T12:00:00+00:00[UTC]",
    "2020-01",
    "2020",
    "PT1S",
    "P1D",
    "1s",
    "UTC",
    "+00:00",
    "Europe/Berlin",
    "67e55044-10b1-426f-9247-bb680e5fe0c8",
    "01ARZ3NDEKTSV4RRFFQ69G5FAV",
    "http://example.com/",
    "example.com",
    "a@example.com",
    "127.0.0.1",
    "::1",
    "127.0.0.1:80",
    "[::1]:80",
    "127.0.0.0/8",
    "00:00:00:00:00:00",
    "1.0.0",
    "^1.0",
    "1.5",
    "-1",
    "EUR",
    "en",
    "en-US",
    "US",
    "DE89370400440532013000",
    "+15550100",
    "#000000",
    "00",
    "00000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0x0000000000000000000000000000000000000000",
    "AAAA",
    "/",
    "/a",
    "*",
    "true",
    "null",
    "{}",
    "[]",
    "a b",
    "a-b",
    "a_b",
    "a/b",
    "text/plain",
    "* * * * *",
    "aaaaaaaaaaaa",
];

const NUMBERS: &[i128] = &[
    0,
    1,
    2,
    3,
    4,
    5,
    7,
    10,
    12,
    16,
    24,
    31,
    32,
    42,
    60,
    64,
    80,
    97,
    100,
    127,
    128,
    255,
    256,
    365,
    1000,
    1024,
    2000,
    2020,
    8080,
    32_767,
    65_535,
    737_425,
    1_000_000,
    1_577_880_000,
    2_147_483_647,
    4_294_967_295,
    1_577_880_000_000,
    9_223_372_036_854_775_807,
    -1,
    -2,
    -100,
];

const FLOATS: &[f64] = &[0.0, 1.0, 0.5, -1.0, 2.0, 10.0, 45.0, 100.0, 1000.0, 1e9];

const CHARS: &[char] = &['a', 'A', '0', '1', ' ', '-', '.', 'ä', '€'];

/// How many elements a sequence has, or how many bytes a byte string. The first is what a sample should have.
const LENGTHS: &[usize] = &[1, 0, 2, 3, 4, 5, 6, 7, 8, 10, 12, 16, 20, 24, 32, 48, 64];

impl Candidates {
    pub(super) fn new(samples: &[&str]) -> Self {
        let texts = samples.iter().chain(TEXTS).map(|text| (*text).to_owned()).collect();
        let numbers = samples.iter().filter_map(|text| text.trim().parse().ok());
        let numbers = numbers.chain(NUMBERS.iter().copied()).collect();
        let floats = samples.iter().filter_map(|text| text.trim().parse().ok());
        let floats = floats.chain(FLOATS.iter().copied()).collect();
        Candidates { texts, numbers, floats }
    }

    /// How many there are for a leaf of this type, or for the length of a sequence.
    pub(super) fn count(&self, ty: &Type) -> usize {
        match ty {
            Type::Scalar(Scalar::Bool) => 2,
            Type::Scalar(Scalar::F32 | Scalar::F64) => self.floats.len(),
            Type::Scalar(Scalar::Char) => CHARS.len(),
            Type::Scalar(_) => self.numbers.len(),
            Type::String => self.texts.len(),
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
        let float = || self.floats.get(candidate).copied().unwrap_or(0.0);
        match ty {
            Type::Scalar(Scalar::Bool) => out.push(u8::from(candidate == 1)),
            Type::Scalar(Scalar::F32) => out.extend((float() as f32).to_le_bytes()),
            Type::Scalar(Scalar::F64) => out.extend(float().to_le_bytes()),
            Type::Scalar(Scalar::Char) => {
                let char = CHARS.get(candidate).copied().unwrap_or('a');
                put_counted(out, char.encode_utf8(&mut [0; 4]).as_bytes());
            }
            Type::Scalar(scalar) => {
                put_number(out, *scalar, self.numbers.get(candidate).copied().unwrap_or(0));
            }
            Type::String => {
                let text = self.texts.get(candidate).map_or("", String::as_str);
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
        let candidates = Candidates::new(&["-3", "7"]);
        let put = |scalar, candidate| {
            let mut bytes = Vec::new();
            candidates.put(&mut bytes, &Type::Scalar(scalar), candidate);
            bytes
        };
        assert_eq!(postcard::from_bytes(&put(Scalar::I8, 0)), Ok(-3_i8));
        assert_eq!(postcard::from_bytes(&put(Scalar::I16, 0)), Ok(-3_i16));
        assert_eq!(postcard::from_bytes(&put(Scalar::I32, 0)), Ok(-3_i32));
        assert_eq!(postcard::from_bytes(&put(Scalar::I64, 0)), Ok(-3_i64));
        assert_eq!(postcard::from_bytes(&put(Scalar::I128, 0)), Ok(-3_i128));
        assert_eq!(postcard::from_bytes(&put(Scalar::U8, 1)), Ok(7_u8));
        assert_eq!(postcard::from_bytes(&put(Scalar::U64, 1)), Ok(7_u64));
        assert_eq!(postcard::from_bytes(&put(Scalar::U128, 1)), Ok(7_u128));
        assert_eq!(postcard::from_bytes(&put(Scalar::F32, 0)), Ok(-3.0_f32));
    }
}
