//! What each type looks like, and what is refused.

use super::{read, write};
use crate::schema::types::{Field, Scalar, Type, TypeId, Types, Variant};

struct All {
    types: Types,
}

impl All {
    fn new() -> Self {
        All { types: Types::default() }
    }

    fn add(&mut self, ty: Type) -> TypeId {
        self.types.add(ty)
    }

    fn scalar(&mut self, scalar: Scalar) -> TypeId {
        self.add(Type::Scalar(scalar))
    }

    #[track_caller]
    fn expect(&self, ty: TypeId, bytes: &[u8], json: &str) {
        assert_eq!(write(&self.types, ty, bytes).as_deref(), Ok(json));
        assert_eq!(read(&self.types, ty, json).as_deref(), Ok(bytes), "{json}");
    }

    #[track_caller]
    fn expect_refused(&self, ty: TypeId, json: &str, why: &str) {
        let error = read(&self.types, ty, json).unwrap_err();
        assert!(error.contains(why), "{json}: {error}");
    }
}

fn encoded(value: impl serde::Serialize) -> Vec<u8> {
    postcard::to_stdvec(&value).unwrap()
}

#[test]
fn numbers_are_numbers_unless_json_has_none_for_them() {
    let mut all = All::new();
    let ty = all.scalar(Scalar::I64);
    all.expect(ty, &encoded(i64::MIN), "-9223372036854775808");
    let ty = all.scalar(Scalar::U64);
    all.expect(ty, &encoded(u64::MAX), "18446744073709551615");
    let ty = all.scalar(Scalar::I128);
    all.expect(ty, &encoded(i128::MIN), "\"-170141183460469231731687303715884105728\"");
    let ty = all.scalar(Scalar::U128);
    all.expect(ty, &encoded(u128::MAX), "\"340282366920938463463374607431768211455\"");
    assert_eq!(read(&all.types, ty, "7"), Ok(encoded(7_u128)));
    let ty = all.scalar(Scalar::F64);
    for (number, json) in [
        (0.1, "0.1"),
        (-0.0, "-0.0"),
        (f64::INFINITY, "\"inf\""),
        (f64::NEG_INFINITY, "\"-inf\""),
        (f64::from_bits(0x7ff8_0000_0000_0000), "\"NaN\""),
        (f64::from_bits(0x7ff8_0000_0000_0001), "\"NaN:7ff8000000000001\""),
    ] {
        all.expect(ty, &number.to_le_bytes(), json);
    }
    all.expect_refused(ty, "\"NaN:3ff8000000000001\"", "invalid value");
    let ty = all.scalar(Scalar::F32);
    all.expect(ty, &0.1_f32.to_le_bytes(), "0.1");
    all.expect(ty, &f32::from_bits(0xffc0_0000).to_le_bytes(), "\"NaN:ffc00000\"");
    all.expect_refused(ty, "1e39", "invalid value");
    let ty = all.scalar(Scalar::U8);
    all.expect_refused(ty, "256", "expected a value of `u8`");
    all.expect_refused(ty, "-1", "expected a value of `u8`");
    all.expect_refused(ty, "1.0", "expected a value of `u8`");
}

#[test]
fn an_option_of_what_may_be_null_has_something_around_it() {
    let mut all = All::new();
    let number = all.scalar(Scalar::U8);
    let option = all.add(Type::Option(number));
    all.expect(option, &[0], "null");
    all.expect(option, &[1, 7], "7");
    let newtype = all.add(Type::Newtype { name: "N".into(), inner: option });
    let twice = all.add(Type::Option(newtype));
    all.expect(twice, &[0], "null");
    all.expect(twice, &[1, 0], "{\"some\":null}");
    all.expect(twice, &[1, 1, 7], "{\"some\":7}");
    let unit = all.add(Type::Unit);
    let of_unit = all.add(Type::Option(unit));
    all.expect(of_unit, &[1], "{\"some\":null}");
    all.expect_refused(twice, "7", "null or `{\"some\": …}`");
    all.expect_refused(twice, "{\"none\":7}", "`none`");
    all.expect_refused(twice, "{\"some\":7,\"more\":7}", "one entry too many");
}

#[test]
fn a_map_of_texts_is_an_object_unless_a_key_is_there_twice() {
    let mut all = All::new();
    let (text, number) = (all.add(Type::String), all.scalar(Scalar::U8));
    let map = all.add(Type::Map { key: text, value: number });
    all.expect(map, &encoded([("b", 1_u8), ("a", 2)].as_slice()), "{\"b\":1,\"a\":2}");
    all.expect(map, &encoded([("b", 1_u8), ("b", 2)].as_slice()), "[[\"b\",1],[\"b\",2]]");
    let map = all.add(Type::Map { key: number, value: text });
    all.expect(map, &encoded([(1_u8, "b")].as_slice()), "[[1,\"b\"]]");
    all.expect_refused(map, "[[1,\"b\"],[1]]", "in `[1]`: invalid length 1");
    all.expect_refused(map, "[[1,\"b\",2]]", "invalid length 3");
    all.expect_refused(map, "{\"1\":\"b\"}", "array of pairs");
}

#[test]
fn a_long_sequence_has_its_length_before_it() {
    let mut all = All::new();
    let number = all.scalar(Scalar::U16);
    let list = all.add(Type::Seq(number));
    let lists = all.add(Type::Seq(list));
    let value = vec![vec![5_u16; 127], vec![5; 128], vec![5; 20_000]];
    let json = serde_json::to_string(&value).unwrap();
    all.expect(lists, &encoded(value), &json);
}

fn item(all: &mut All) -> TypeId {
    let (text, unit, byte) = (all.add(Type::String), all.add(Type::Unit), all.scalar(Scalar::U8));
    let rgb = all.add(Type::Tuple { name: String::new(), elements: vec![byte; 3] });
    let named = vec![Field { name: "name".into(), ty: text }];
    let named = all.add(Type::Struct { name: "Named".into(), fields: named });
    let all_variants = ["Red", "Rgb", "Named"].into_iter().zip([unit, rgb, named]);
    let variants = (0..).zip(all_variants).map(|(index, (name, contents))| Variant {
        index,
        name: name.to_owned(),
        contents,
    });
    let color = Type::Enum { name: "Color".into(), variants: variants.collect() };
    let color = all.add(color);
    let colors = all.add(Type::Seq(color));
    let fields = vec![
        Field { name: "name".into(), ty: text },
        Field { name: "colors".into(), ty: colors },
        Field { name: "size".into(), ty: byte },
    ];
    all.add(Type::Struct { name: "Item".into(), fields })
}

#[test]
fn fields_come_in_any_order_and_variants_by_name() {
    let mut all = All::new();
    let item = item(&mut all);
    let bytes = [&[3][..], b"hat", &[3, 0, 1, 1, 2, 3, 2, 1, b'x', 9]].concat();
    let json = r#"{"name":"hat","colors":["Red",{"Rgb":[1,2,3]},{"Named":{"name":"x"}}],"size":9}"#;
    all.expect(item, &bytes, json);
    let other =
        r#"{"size":9,"colors":[{"Red":null},{"Rgb":[1,2,3]},{"Named":{"name":"x"}}],"name":"hat"}"#;
    assert_eq!(read(&all.types, item, other), Ok(bytes));
    for (json, why) in [
        (r#"{"size":9,"colors":[]}"#, "the field `name` is missing"),
        (r#"{"size":9,"size":9}"#, "the field `size` is there twice"),
        (r#"{"sizes":9}"#, "there is no field `sizes` in `Item { name, colors, size }`"),
        (
            r#"{"colors":["Red",{"Rgb":[1,2,300]}]}"#,
            "in `colors[1].Rgb[2]`: invalid value: integer `300`",
        ),
        (r#"{"colors":["Blue"]}"#, "in `colors[0]`: there is no variant `Blue`"),
        (r#"{"colors":["Rgb"]}"#, "the variant `Rgb` has contents"),
        (r#"{"colors":[{"Rgb":[1,2]}]}"#, "in `colors[0].Rgb`: invalid length 2"),
        (r#"{"colors":[{"Rgb":[1,2,3,4]}]}"#, "in `colors[0].Rgb`: invalid length 4"),
        (r#"{"colors":[{}]}"#, "in `colors[0]`: invalid length 0"),
        (r#"{"colors":7}"#, "in `colors`: invalid type: integer `7`"),
    ] {
        all.expect_refused(item, json, why);
    }
}

#[test]
fn bytes_are_hexadecimal_digits() {
    let mut all = All::new();
    let ty = all.add(Type::Opaque);
    all.expect(ty, &[3, 0, 171, 255], "\"00abff\"");
    all.expect_refused(ty, "\"00a\"", "hexadecimal");
    let ty = all.add(Type::Untraced { name: "M".into() });
    all.expect(ty, &[3, 0, 171], "\"0300ab\"");
    let ty = all.scalar(Scalar::Char);
    all.expect(ty, &encoded('é'), "\"é\"");
    all.expect_refused(ty, "\"ab\"", "`char`");
    all.expect_refused(ty, "\"\"", "`char`");
    let never = all.add(Type::Never);
    all.expect_refused(never, "null", "expected a value of `!`");
}

#[test]
fn what_lies_too_deep_is_an_error_there_and_back() {
    let mut all = All::new();
    let node = all.add(Type::Never);
    let next = all.add(Type::Option(node));
    let fields = vec![Field { name: "next".into(), ty: next }];
    all.types.replace(node, Type::Struct { name: "Node".into(), fields });
    let chain = |depth: usize| [vec![1; depth], vec![0]].concat();
    let json = write(&all.types, node, &chain(119)).unwrap();
    assert_eq!(read(&all.types, node, &json), Ok(chain(119)));
    for depth in [200, 2_000_000] {
        let error = write(&all.types, node, &chain(depth)).unwrap_err();
        assert!(error.contains("120 values"), "{error}");
        let json = "{\"next\":".repeat(depth) + "null" + &"}".repeat(depth);
        let error = read(&all.types, node, &json).unwrap_err();
        assert!(error.contains("120 values"), "{error}");
    }
    let list = all.add(Type::Never);
    all.types.replace(list, Type::Seq(list));
    assert!(write(&all.types, list, &vec![1; 1_000_000]).unwrap_err().contains("120 values"));
    assert!(read(&all.types, list, &"[".repeat(1_000_000)).is_err());
}

#[test]
fn any_number_of_elements_without_bytes_is_an_error_and_no_work() {
    let mut all = All::new();
    let unit = all.add(Type::Unit);
    let units = all.add(Type::Seq(unit));
    all.expect(units, &[3], "[null,null,null]");
    assert!(write(&all.types, units, &encoded(u64::MAX)).unwrap_err().contains("elements"));
}

#[test]
fn bytes_that_are_no_value_are_told_with_their_place() {
    let mut all = All::new();
    let item = item(&mut all);
    for (bytes, why) in [
        (&[0, 1, 7][..], "in `colors[0]`: the enum `Color` has no variant of index 7"),
        (&[0, 0], "in `size`: the bytes end"),
        (&[0, 0, 9, 9], "1 bytes are left over"),
        (&[1, 0xff], "in `name`: a text is not UTF-8"),
    ] {
        let error = write(&all.types, item, bytes).unwrap_err();
        assert!(error.contains(why), "{error}");
    }
}

#[test]
fn more_elements_without_bytes_than_anybody_wants_to_read_are_refused() {
    let mut all = All::new();
    let unit = all.add(Type::Unit);
    let ty = all.add(Type::Seq(unit));
    let most = 1_u64 << 20;
    assert!(write(&all.types, ty, &encoded(most)).is_ok());
    let error = write(&all.types, ty, &encoded(most + 1)).unwrap_err();
    assert!(error.contains("1048577 elements without contents"), "{error}");
}
