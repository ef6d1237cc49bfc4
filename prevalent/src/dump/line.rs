//! The lines behind the first one.

use std::fmt;
use std::io::{self, Write};

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::ser::{CompactFormatter, Formatter as _};
use serde_json::value::RawValue;

use crate::json::read::Encode;
use crate::json::text::put_str;
use crate::json::write::{Layout, Typed, Unwritten};
use crate::schema::types::{TypeId, Types};

/// A state, as it is written.
pub(super) struct StateLine<'a> {
    pub(super) seq: u64,
    pub(super) time: u64,
    pub(super) state: Typed<'a>,
    /// What is remembered of idempotent transactions.
    pub(super) keys: Option<String>,
}

/// A transaction, as it is written.
pub(crate) struct TxLine<'a> {
    pub(crate) seq: u64,
    pub(crate) time: u64,
    pub(crate) tx: &'a str,
    pub(crate) revision: u32,
    /// Its place in the first line, where name and revision don't tell.
    pub(crate) schema: Option<usize>,
    pub(crate) void: Option<bool>,
    pub(crate) reason: Option<&'a str>,
    pub(crate) args: Typed<'a>,
}

impl StateLine<'_> {
    pub(super) fn write(&self, mut out: impl Write) -> Result<(), Unwritten> {
        put_number(&mut out, br#"{"seq":"#, self.seq)?;
        put_number(&mut out, br#","time":"#, self.time)?;
        out.write_all(br#","state":"#)?;
        self.state.write(&mut out, Layout::Line)?;
        if let Some(keys) = &self.keys {
            out.write_all(br#","keys":"#)?;
            put_str(&mut out, keys)?;
        }
        Ok(out.write_all(b"}")?)
    }
}

impl TxLine<'_> {
    /// There are millions of them, so this takes the short way.
    pub(crate) fn write(&self, mut out: impl Write) -> Result<(), Unwritten> {
        put_number(&mut out, br#"{"seq":"#, self.seq)?;
        put_number(&mut out, br#","time":"#, self.time)?;
        out.write_all(br#","tx":"#)?;
        put_str(&mut out, self.tx)?;
        put_number(&mut out, br#","revision":"#, self.revision.into())?;
        if let Some(schema) = self.schema {
            put_number(&mut out, br#","schema":"#, schema as u64)?;
        }
        if self.void == Some(true) {
            out.write_all(br#","void":true"#)?;
        }
        if let Some(reason) = self.reason {
            out.write_all(br#","reason":"#)?;
            put_str(&mut out, reason)?;
        }
        out.write_all(br#","args":"#)?;
        self.args.write(&mut out, Layout::Line)?;
        Ok(out.write_all(b"}")?)
    }
}

fn put_number(out: &mut impl Write, before: &[u8], number: u64) -> io::Result<()> {
    out.write_all(before)?;
    CompactFormatter.write_u64(out, number)
}

/// From here on, other random numbers; whether transactions that return `Err` are rolled back; or the end.
#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Mark {
    Secret(String),
    Rollback(bool),
    End(u64),
}

/// A line behind the state: a transaction or a mark, as it is read.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AnyLine {
    pub(super) seq: Option<u64>,
    pub(super) time: Option<u64>,
    pub(super) tx: Option<String>,
    pub(super) revision: Option<u32>,
    pub(super) schema: Option<usize>,
    #[serde(default)]
    pub(super) void: bool,
    pub(super) reason: Option<String>,
    /// Its type is known when all of the line is.
    pub(super) args: Option<Box<RawValue>>,
    pub(super) secret: Option<String>,
    pub(super) rollback: Option<bool>,
    pub(super) end: Option<u64>,
}

/// Reads the line of a state, whose value goes right into `body`.
pub(super) struct ReadState<'a> {
    pub(super) types: &'a Types,
    pub(super) ty: TypeId,
    pub(super) body: &'a mut Vec<u8>,
    pub(super) keys: &'a mut Option<String>,
}

/// Its sequence number and time.
#[derive(Clone, Copy, Debug)]
pub(super) struct StateAt {
    pub(super) seq: u64,
    pub(super) time_us: u64,
}

impl<'de> DeserializeSeed<'de> for ReadState<'_> {
    type Value = StateAt;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<StateAt, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for ReadState<'_> {
    type Value = StateAt;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a state, with `seq`, `time` and `state`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut all: A) -> Result<StateAt, A::Error> {
        let (mut seq, mut time_us, mut has_state) = (None, None, false);
        let twice = |key: &str| A::Error::custom(format_args!("`{key}` is there twice"));
        while let Some(key) = all.next_key::<String>()? {
            match key.as_str() {
                "seq" if seq.replace(all.next_value()?).is_some() => return Err(twice(&key)),
                "time" if time_us.replace(all.next_value()?).is_some() => return Err(twice(&key)),
                "keys" if self.keys.is_some() => return Err(twice(&key)),
                "keys" => *self.keys = Some(all.next_value()?),
                "seq" | "time" => {}
                "state" if has_state => return Err(twice(&key)),
                "state" => {
                    has_state = true;
                    let Self { types, ty, .. } = self;
                    all.next_value_seed(Encode { types, ty, out: &mut *self.body })?;
                }
                _ => return Err(A::Error::custom(format_args!("a state has no `{key}`"))),
            }
        }
        let missing = |key| A::Error::missing_field(key);
        if !has_state {
            return Err(missing("state"));
        }
        let seq = seq.ok_or_else(|| missing("seq"))?;
        Ok(StateAt { seq, time_us: time_us.ok_or_else(|| missing("time"))? })
    }
}
