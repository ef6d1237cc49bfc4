//! Any value of any type comes back, byte for byte.

use proptest::prelude::*;

use super::{read, write};
use crate::format::bytes::{put_counted, put_varint};
use crate::schema::public::{Schema, TransactionSchema};
use crate::schema::types::{Field, Scalar, Type, TypeId, Types, Variant};

/// Decisions, from bytes that the test draws; when they are used up, always the first choice.
struct Choices<'a>(&'a [u8]);

impl Choices<'_> {
    fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::from(self.byte()) % limit
    }

    fn word(&mut self) -> [u8; 16] {
        std::array::from_fn(|_| self.byte())
    }

    fn text(&mut self) -> String {
        const LETTERS: [char; 7] = ['a', 'b', '"', '\\', '\n', 'é', '\u{1f980}'];
        let count = self.below(4);
        (0..count).map(|_| LETTERS[self.below(LETTERS.len())]).collect()
    }
}

const SCALARS: [Scalar; 14] = [
    Scalar::Bool,
    Scalar::I8,
    Scalar::I16,
    Scalar::I32,
    Scalar::I64,
    Scalar::I128,
    Scalar::U8,
    Scalar::U16,
    Scalar::U32,
    Scalar::U64,
    Scalar::U128,
    Scalar::F32,
    Scalar::F64,
    Scalar::Char,
];

/// A type; it may contain itself behind an option or a sequence.
fn ty(types: &mut Types, choices: &mut Choices<'_>, around: &[TypeId], depth: u32) -> TypeId {
    let kind = choices.below(if depth == 0 { 5 } else { 13 });
    let id = types.add(Type::Never);
    let mut inner = |choices: &mut Choices<'_>, around: &[TypeId]| {
        ty(types, choices, around, depth.saturating_sub(1))
    };
    let name = || "N".to_owned();
    let made = match kind {
        0 => Type::Unit,
        1 => Type::String,
        2 => Type::Bytes,
        3 => Type::Opaque,
        4 => Type::Scalar(SCALARS[choices.below(SCALARS.len())]),
        5 | 6 => {
            let all = [around, &[id]].concat();
            let inner = match choices.below(4) {
                0 => all[choices.below(all.len())],
                _ => inner(choices, &all),
            };
            if kind == 5 { Type::Option(inner) } else { Type::Seq(inner) }
        }
        7 | 8 => {
            let key = if kind == 7 { None } else { Some(inner(choices, &[])) };
            let value = inner(choices, around);
            Type::Map { key: key.unwrap_or_else(|| types.add(Type::String)), value }
        }
        9 => {
            let count = choices.below(4);
            let elements = (0..count).map(|_| inner(choices, around)).collect();
            Type::Tuple { name: String::new(), elements }
        }
        10 => {
            let count = choices.below(4);
            let field = |index| Field { name: format!("f{index}"), ty: inner(choices, around) };
            Type::Struct { name: name(), fields: (0..count).map(field).collect() }
        }
        11 => Type::Newtype { name: name(), inner: inner(choices, around) },
        _ => {
            let variant = |index: u32| Variant {
                index: index * 3,
                name: format!("V{index}"),
                contents: inner(choices, around),
            };
            Type::Enum { name: name(), variants: (0..3).map(variant).collect() }
        }
    };
    types.replace(id, made);
    id
}

fn put_bits(out: &mut Vec<u8>, long: u128, bits: u32) {
    let mut number = long & (u128::MAX >> (128 - bits));
    while number >= 0x80 {
        out.push(u8::try_from(number & 0x7f).unwrap() | 0x80);
        number >>= 7;
    }
    out.push(u8::try_from(number).unwrap());
}

/// A value of a type, encoded.
fn value(types: &Types, ty: TypeId, choices: &mut Choices<'_>, out: &mut Vec<u8>, depth: u32) {
    let Some(depth) = depth.checked_sub(1) else { panic!("a type without an end") };
    let count = |choices: &mut Choices<'_>| if depth < 60 { 0 } else { choices.below(4) };
    match types.get(ty) {
        Type::Scalar(scalar) => {
            let word = choices.word();
            let long = u128::from_le_bytes(word) >> (choices.below(17) * 8).min(127);
            match scalar {
                Scalar::Bool => out.push(word[0] & 1),
                Scalar::I8 | Scalar::U8 => out.push(word[0]),
                Scalar::I16 | Scalar::U16 => put_bits(out, long, 16),
                Scalar::I32 | Scalar::U32 => put_bits(out, long, 32),
                Scalar::I64 | Scalar::U64 => put_bits(out, long, 64),
                Scalar::I128 | Scalar::U128 => put_bits(out, long, 128),
                Scalar::F32 => out.extend(&word[..4]),
                Scalar::F64 => out.extend(&word[..8]),
                Scalar::Char => {
                    let text = choices.text();
                    let char = text.chars().next().unwrap_or('x');
                    put_counted(out, char.encode_utf8(&mut [0; 4]).as_bytes());
                }
            }
        }
        Type::String => put_counted(out, choices.text().as_bytes()),
        Type::Bytes | Type::Opaque => put_counted(out, &choices.word()[..choices.below(16)]),
        Type::Option(inner) => {
            let some = count(choices) % 2;
            put_varint(out, some as u64);
            if some == 1 {
                value(types, *inner, choices, out, depth);
            }
        }
        Type::Seq(inner) => {
            let count = count(choices);
            put_varint(out, count as u64);
            (0..count).for_each(|_| value(types, *inner, choices, out, depth));
        }
        Type::Map { key, value: inside } => {
            let count = count(choices);
            put_varint(out, count as u64);
            for _ in 0..count {
                value(types, *key, choices, out, depth);
                value(types, *inside, choices, out, depth);
            }
        }
        Type::Enum { variants, .. } => {
            let variant = &variants[choices.below(variants.len())];
            put_varint(out, variant.index.into());
            value(types, variant.contents, choices, out, depth);
        }
        ty => ty.parts().into_iter().for_each(|part| value(types, part, choices, out, depth)),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]
    #[test]
    fn any_value_of_any_type_comes_back_byte_for_byte(
        shape in prop::collection::vec(any::<u8>(), 0..40),
        content in prop::collection::vec(any::<u8>(), 0..400),
    ) {
        let mut types = Types::default();
        let top = ty(&mut types, &mut Choices(&shape), &[], 4);
        // A drawn newtype or tuple may contain itself with nothing between: that is no type.
        prop_assume!(Types::default().extend(types.all().to_vec()).is_ok());
        let mut bytes = Vec::new();
        value(&types, top, &mut Choices(&content), &mut bytes, 100);
        let json = write(&types, top, &bytes).unwrap();
        prop_assert_eq!(read(&types, top, &json), Ok(bytes), "{}", json);
    }

    #[test]
    fn any_types_come_back_from_their_text_and_it_is_always_the_same(
        shape in prop::collection::vec(any::<u8>(), 0..80),
    ) {
        let mut types = Types::default();
        let mut choices = Choices(&shape);
        let state = ty(&mut types, &mut choices, &[], 5);
        let arguments = ty(&mut types, &mut choices, &[], 5);
        prop_assume!(Types::default().extend(types.all().to_vec()).is_ok());
        let (name, revision, is_retired) = ("N".to_owned(), 1, false);
        let reply = Some(ty(&mut types, &mut choices, &[], 3));
        prop_assume!(Types::default().extend(types.all().to_vec()).is_ok());
        let tx = TransactionSchema { name, revision, is_retired, arguments, reply };
        let transactions = vec![tx];
        let schema = Schema { model: "M".into(), version: 1, state, transactions, types };
        let json = schema.to_json();
        let again = Schema::from_json(&json).unwrap();
        prop_assert_eq!(&again, &schema, "{}", json);
        prop_assert_eq!(again.to_json(), json);
        prop_assert_eq!(again.to_string(), schema.to_string());
    }

    #[test]
    fn no_bytes_and_no_text_make_it_panic(
        shape in prop::collection::vec(any::<u8>(), 0..40),
        bytes in prop::collection::vec(any::<u8>(), 0..40),
        json in r#"[\[\]{}":,a-c0-9f V-]{0,20}"#,
    ) {
        let mut types = Types::default();
        let top = ty(&mut types, &mut Choices(&shape), &[], 4);
        if let Ok(json) = write(&types, top, &bytes) {
            let _ = read(&types, top, &json);
        }
        let _ = read(&types, top, &json);
    }
}
