//! Types of other crates, without anything from the user.

use super::*;

#[test]
fn types_of_chrono_are_traced() {
    use chrono::{DateTime, FixedOffset, Month, NaiveDate, NaiveDateTime, NaiveTime, Utc, Weekday};

    type All = (NaiveDate, NaiveTime, NaiveDateTime, DateTime<Utc>, DateTime<FixedOffset>);
    assert_eq!(traced::<All>(), "(str, str, str, str, str)");
    assert_eq!(traced::<Vec<(Weekday, Option<Month>)>>(), "[(str, str?)]");
}

#[test]
fn chrono_as_a_number_is_traced() {
    #[derive(serde::Serialize, serde::Deserialize)]
    struct At {
        #[serde(with = "chrono::serde::ts_milliseconds")]
        at: chrono::DateTime<chrono::Utc>,
        #[serde(with = "chrono::serde::ts_seconds_option")]
        then: Option<chrono::DateTime<chrono::Utc>>,
    }
    assert_eq!(traced::<At>(), "At {at: i64, then: i64?}");
}

#[test]
fn types_of_jiff_are_traced() {
    use jiff::civil::{Date, DateTime, Time};
    use jiff::{SignedDuration, Span, Timestamp, Zoned};

    assert_eq!(
        traced::<(Timestamp, Zoned, Date, Time, DateTime, Span, SignedDuration)>(),
        "(str, str, str, str, str, str, str)"
    );
}

#[test]
fn types_of_time_are_traced() {
    use time::{
        Date, Duration, Month, OffsetDateTime, PrimitiveDateTime, Time, UtcOffset, Weekday,
    };

    assert_eq!(traced::<Date>(), "(i32, u16)");
    assert_eq!(traced::<Duration>(), "(i64, i32)");
    assert_eq!(traced::<Time>(), "(u8, u8, u8, u32)");
    assert_eq!(traced::<(Month, Weekday)>(), "(u8, u8)");
    assert_eq!(traced::<UtcOffset>(), "(i8, i8, i8)");
    assert_eq!(traced::<PrimitiveDateTime>(), "(i32, u16, u8, u8, u8, u32)");
    assert_eq!(traced::<OffsetDateTime>(), "(i32, u16, u8, u8, u8, u32, i8, i8, i8)");
}

#[test]
fn what_is_written_as_a_text_or_bytes_is_traced() {
    assert_eq!(traced::<uuid::Uuid>(), "bytes");
    assert_eq!(traced::<rust_decimal::Decimal>(), "str");
    assert_eq!(traced::<url::Url>(), "str");
    assert_eq!(
        traced::<url::Host>(),
        "Host <0 Domain str | 1 Ipv4 (u8, u8, u8, u8) | 2 Ipv6 (u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8)>"
    );
    assert_eq!(traced::<(semver::Version, semver::VersionReq)>(), "(str, str)");
    assert_eq!(traced::<serde_bytes::ByteBuf>(), "bytes");
    assert_eq!(traced::<serde_bytes::ByteArray<20>>(), "bytes");
}
