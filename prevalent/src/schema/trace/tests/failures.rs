//! Types that can't be traced, or only in part.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::*;

#[test]
fn what_can_have_no_value_is_never() {
    #[derive(Serialize, Deserialize)]
    enum Void {}
    #[derive(Serialize, Deserialize)]
    struct Around {
        option: Option<Void>,
        list: Vec<Void>,
        array: [Void; 0],
        result: Result<u8, Void>,
    }
    assert_eq!(traced::<Void>(), "!");
    assert_eq!(traced::<(u8, Void)>(), "!");
    assert_eq!(
        traced::<Around>(),
        "Around {option: !?, list: [!], array: (), result: Result <0 Ok u8>}"
    );
}

#[test]
fn what_asks_for_what_comes_next_is_untraced() {
    #[derive(Serialize, Deserialize)]
    #[serde(untagged)]
    enum Untagged {
        A(u8),
    }
    #[derive(Serialize, Deserialize)]
    struct Inner {
        a: u8,
    }
    #[derive(Serialize, Deserialize)]
    struct Flat {
        #[serde(flatten)]
        inner: Inner,
    }
    #[derive(Serialize, Deserialize)]
    #[serde(tag = "t")]
    enum Tagged {
        A { a: u8 },
    }
    assert_eq!(traced::<(u8, Untagged)>(), "untraced: Untagged in (u8, Untagged)");
    assert_eq!(traced::<Option<Flat>>(), "untraced: Flat in Option<Flat>");
    assert_eq!(traced::<Tagged>(), "untraced: Tagged");
    assert_eq!(traced::<Vec<serde_json::Value>>(), "untraced: Value in Vec<Value>");
}

#[test]
fn what_panics_is_untraced() {
    #[derive(Serialize)]
    struct Reads;
    impl<'de> Deserialize<'de> for Reads {
        fn deserialize<D: Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
            panic!("not today")
        }
    }
    #[derive(Deserialize)]
    struct Writes;
    impl Serialize for Writes {
        fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            panic!("not today")
        }
    }
    #[derive(Serialize, Deserialize)]
    struct Drops(u8);
    impl Drop for Drops {
        fn drop(&mut self) {
            panic!("not today");
        }
    }
    assert_eq!(traced::<(u8, Reads)>(), "untraced: Reads in (u8, Reads)");
    assert_eq!(traced::<Writes>(), "untraced: Writes");
    assert_eq!(traced::<Drops>(), "untraced: Drops");
}

#[test]
fn what_fails_to_be_written_is_untraced() {
    #[derive(Serialize, Deserialize)]
    struct Skips {
        #[serde(skip_serializing_if = "Option::is_none")]
        text: Option<u8>,
    }
    assert_eq!(traced::<Vec<Skips>>(), "untraced: Skips in Vec<Skips>");
}

#[test]
fn what_is_written_in_two_ways_is_untraced() {
    struct Fickle(bool);
    impl Serialize for Fickle {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            if self.0 { serializer.serialize_str("yes") } else { serializer.serialize_u8(0) }
        }
    }
    impl<'de> Deserialize<'de> for Fickle {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            Option::<u8>::deserialize(deserializer).map(|option| Fickle(option.is_some()))
        }
    }
    #[derive(Serialize, Deserialize)]
    struct Around {
        fickle: Fickle,
    }
    assert_eq!(traced::<Around>(), "untraced: Around");
}

#[test]
fn three_hundred_variants_are_all_seen() {
    #[rustfmt::skip]
    #[derive(Serialize, Deserialize)]
    enum Many {
        V0, V1, V2, V3, V4, V5, V6, V7, V8, V9, V10, V11, V12, V13, V14,
        V15, V16, V17, V18, V19, V20, V21, V22, V23, V24, V25, V26, V27, V28, V29,
        V30, V31, V32, V33, V34, V35, V36, V37, V38, V39, V40, V41, V42, V43, V44,
        V45, V46, V47, V48, V49, V50, V51, V52, V53, V54, V55, V56, V57, V58, V59,
        V60, V61, V62, V63, V64, V65, V66, V67, V68, V69, V70, V71, V72, V73, V74,
        V75, V76, V77, V78, V79, V80, V81, V82, V83, V84, V85, V86, V87, V88, V89,
        V90, V91, V92, V93, V94, V95, V96, V97, V98, V99, V100, V101, V102, V103, V104,
        V105, V106, V107, V108, V109, V110, V111, V112, V113, V114, V115, V116, V117, V118, V119,
        V120, V121, V122, V123, V124, V125, V126, V127, V128, V129, V130, V131, V132, V133, V134,
        V135, V136, V137, V138, V139, V140, V141, V142, V143, V144, V145, V146, V147, V148, V149,
        V150, V151, V152, V153, V154, V155, V156, V157, V158, V159, V160, V161, V162, V163, V164,
        V165, V166, V167, V168, V169, V170, V171, V172, V173, V174, V175, V176, V177, V178, V179,
        V180, V181, V182, V183, V184, V185, V186, V187, V188, V189, V190, V191, V192, V193, V194,
        V195, V196, V197, V198, V199, V200, V201, V202, V203, V204, V205, V206, V207, V208, V209,
        V210, V211, V212, V213, V214, V215, V216, V217, V218, V219, V220, V221, V222, V223, V224,
        V225, V226, V227, V228, V229, V230, V231, V232, V233, V234, V235, V236, V237, V238, V239,
        V240, V241, V242, V243, V244, V245, V246, V247, V248, V249, V250, V251, V252, V253, V254,
        V255, V256, V257, V258, V259, V260, V261, V262, V263, V264, V265, V266, V267, V268, V269,
        V270, V271, V272, V273, V274, V275, V276, V277, V278, V279, V280, V281, V282, V283, V284,
        V285, V286, V287, V288, V289, V290, V291, V292, V293, V294, V295, V296, V297, V298, V299,
    }
    let mut types = Types::default();
    let ty = trace_type::<Vec<Many>>(&mut types, &[]);
    let Type::Seq(many) = types.get(ty) else { panic!("{}", shown(&types, ty)) };
    let Type::Enum { variants, .. } = types.get(*many) else { panic!("{}", shown(&types, ty)) };
    assert_eq!(variants.len(), 300);
    assert!(variants.iter().zip(0..).all(|(v, i)| v.index == i && v.name == format!("V{i}")));
}

#[test]
fn what_is_written_differently_each_time_is_untraced() {
    use std::sync::atomic::{AtomicUsize, Ordering};

    static COUNT: AtomicUsize = AtomicUsize::new(0);

    #[derive(Deserialize)]
    struct Moody(#[expect(dead_code)] u8);
    impl Serialize for Moody {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            // It is recorded first, and encoded then.
            let count = COUNT.fetch_add(1, Ordering::Relaxed);
            if count.is_multiple_of(2) {
                serializer.serialize_u8(200)
            } else {
                serializer.serialize_u64(200)
            }
        }
    }
    assert_eq!(traced::<Moody>(), "untraced: Moody");
}

/// An enum whose `Deserialize` is written by hand; the second variant may be refused at once.
macro_rules! by_hand {
    ($name:ident, $refuse:expr) => {
        #[derive(Serialize)]
        enum $name {
            Number(u8),
            Text(String),
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Visitor;
                impl<'de> serde::de::Visitor<'de> for Visitor {
                    type Value = $name;
                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str("a number or a text")
                    }
                    fn visit_enum<A: serde::de::EnumAccess<'de>>(
                        self,
                        data: A,
                    ) -> Result<$name, A::Error> {
                        use serde::de::{Error, VariantAccess};
                        let (index, variant) = data.variant::<u32>()?;
                        if index == 0 {
                            return variant.newtype_variant().map($name::Number);
                        }
                        let refuse: fn() -> Option<String> = $refuse;
                        if let Some(reason) = refuse() {
                            return Err(Error::custom(reason));
                        }
                        let text: String = variant.newtype_variant()?;
                        let is_right = text == "XX-17";
                        if is_right { Ok($name::Text(text)) } else { Err(Error::custom("no")) }
                    }
                }
                deserializer.deserialize_enum("Choice", &["Number", "Text"], Visitor)
            }
        }
    };
}

#[test]
fn a_variant_that_is_refused_at_once_is_left_out() {
    by_hand!(Choice, || Some("not on this system".to_owned()));
    assert_eq!(traced::<Vec<Choice>>(), "[Choice <0 Number u8>]");
}

#[test]
fn a_variant_whose_contents_are_refused_is_not_left_out() {
    by_hand!(Choice, || None);
    assert_eq!(traced::<Vec<Choice>>(), "untraced: Choice in Vec<Choice>");
    assert_eq!(traced_with::<Vec<Choice>>(&["XX-17"]), "[Choice <0 Number u8 | 1 Text str>]");
}
