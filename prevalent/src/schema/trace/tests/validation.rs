//! Types that don't accept every value.

use serde::{Deserialize, Serialize};

use super::*;

/// A type that is checked when it is read.
macro_rules! checked {
    ($name:ident($raw:ty), $check:expr) => {
        #[derive(Clone, Serialize, Deserialize)]
        #[serde(try_from = "Raw")]
        struct $name($raw);
        #[derive(Deserialize)]
        struct Raw($raw);
        impl TryFrom<Raw> for $name {
            type Error = String;
            fn try_from(raw: Raw) -> Result<Self, String> {
                let check: fn(&$raw) -> bool = $check;
                if check(&raw.0) { Ok($name(raw.0)) } else { Err("no".to_owned()) }
            }
        }
    };
}

#[test]
fn a_number_that_is_accepted_is_found() {
    checked!(Percent(u8), |n| *n > 0 && *n <= 100);
    assert_eq!(traced::<Percent>(), "Percent=u8");
}

#[test]
fn an_even_number_that_is_accepted_is_found() {
    checked!(Even(i64), |n| n % 2 == 0 && *n != 0);
    assert_eq!(traced::<Vec<Even>>(), "[Even=i64]");
}

#[test]
fn two_numbers_that_are_accepted_together_are_found() {
    checked!(Interval((u32, u32)), |(low, high)| *low > 3 && low < high);
    assert_eq!(traced::<(Interval, Interval)>(), "(Interval=(u32, u32), Interval=(u32, u32))");
}

#[test]
fn a_list_that_must_not_be_empty_is_not() {
    checked!(NonEmpty(Vec<Option<u8>>), |list| !list.is_empty());
    assert_eq!(traced::<(NonEmpty, NonEmpty)>(), "(NonEmpty=[u8?], NonEmpty=[u8?])");
}

#[test]
fn a_list_of_two_different_elements_is_found() {
    checked!(Sorted(Vec<u8>), |list| list.len() > 1 && list.windows(2).all(|w| w[0] < w[1]));
    assert_eq!(traced::<Sorted>(), "Sorted=[u8]");
}

#[test]
fn a_text_with_check_digits_needs_a_sample() {
    checked!(Iban(String), |text| text == "XX-17");
    #[derive(Serialize, Deserialize)]
    struct Account {
        owner: String,
        iban: Option<Iban>,
        others: Vec<Iban>,
    }
    assert_eq!(traced::<Account>(), "untraced: Iban in Account");
    assert_eq!(
        traced_with::<Account>(&["XX-17"]),
        "Account {owner: str, iban: Iban=str?, others: [Iban=str]}"
    );
}

#[test]
fn a_sample_is_tried_as_a_number_and_as_bytes_too() {
    checked!(Number(u64), |number| *number == 987_654_321);
    assert_eq!(traced_with::<Number>(&["x", "987654321"]), "Number=u64");
}

#[test]
fn a_sample_is_tried_as_bytes_too() {
    checked!(Bytes(serde_bytes::ByteBuf), |bytes| bytes.as_slice() == b"magic");
    assert_eq!(traced_with::<Bytes>(&["magic"]), "Bytes=bytes");
}

#[test]
fn what_is_checked_together_is_seen_in_full() {
    #[derive(Clone, Serialize, Deserialize)]
    enum Method {
        Cash,
        Card(Option<u8>),
        Transfer,
    }
    checked!(Payment((Method, Option<u16>)), |(method, details)| {
        details.is_some() == matches!(method, Method::Card(_))
    });
    assert_eq!(
        traced::<Payment>(),
        "Payment=(Method <0 Cash () | 1 Card u8? | 2 Transfer ()>, u16?)"
    );
}

#[test]
fn a_variant_that_is_never_accepted_leaves_the_type_untraced() {
    #[derive(Clone, Serialize, Deserialize)]
    enum Method {
        Cash,
        Card(u8),
    }
    checked!(Payment((Method, u8)), |(method, _)| matches!(method, Method::Cash));
    assert_eq!(traced::<(u8, Payment)>(), "untraced: Payment in (u8, Payment)");
}

#[test]
fn what_is_in_an_option_is_never_taken_for_nothing() {
    checked!(Magic(Option<String>), |text| text.as_deref().is_none_or(|text| text == "XX-17"));
    assert_eq!(traced::<(u8, Magic)>(), "untraced: Magic in (u8, Magic)");
    assert_eq!(traced_with::<Magic>(&["XX-17"]), "Magic=str?");
}

#[test]
fn what_is_in_a_list_is_never_taken_for_nothing() {
    checked!(Magic(Vec<String>), |texts| texts.iter().all(|text| text == "XX-17"));
    assert_eq!(traced::<(u8, Magic)>(), "untraced: Magic in (u8, Magic)");
    assert_eq!(traced_with::<Magic>(&["XX-17"]), "Magic=[str]");
}

#[test]
fn an_option_of_what_is_checked_is_not_taken_for_nothing() {
    checked!(Iban(String), |text| text == "XX-17");
    assert_eq!(traced::<Option<Iban>>(), "untraced: Iban in Option<Iban>");
    assert_eq!(traced_with::<Option<Iban>>(&["XX-17"]), "Iban=str?");
}

#[test]
fn an_enum_that_is_made_of_a_number_is_seen_with_its_first_variants() {
    #[derive(Clone, Serialize, Deserialize)]
    #[serde(from = "u8", into = "Kind")]
    struct Number(u8);
    #[derive(Serialize)]
    enum Kind {
        Zero,
        One(Option<u8>),
    }
    impl From<u8> for Number {
        fn from(number: u8) -> Self {
            Number(number)
        }
    }
    impl From<Number> for Kind {
        fn from(number: Number) -> Self {
            if number.0 == 0 { Kind::Zero } else { Kind::One(Some(number.0)) }
        }
    }
    assert_eq!(traced::<Vec<Number>>(), "[Kind <0 Zero () | 1 One u8?>]");
}
