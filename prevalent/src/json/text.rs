//! Texts as JSON.
//!
//! As `serde_json` writes them, but for characters that mean something to a terminal and nothing to JSON.

use std::io::{self, Write};

use serde::Serialize as _;
use serde_json::ser::{Formatter, Serializer};

use super::write::Unwritten;

/// Writes a text as it is encoded.
#[inline]
pub(super) fn put_text(out: &mut impl Write, text: &[u8]) -> Result<(), Unwritten> {
    if is_plain(text) {
        return Ok(put_plain(out, text)?);
    }
    let text = str::from_utf8(text).map_err(|_| Unwritten::of("a text is not UTF-8"))?;
    Ok(put_escaped(out, text)?)
}

/// Writes a name.
#[inline]
pub(crate) fn put_str(out: &mut impl Write, name: &str) -> io::Result<()> {
    if is_plain(name.as_bytes()) {
        return put_plain(out, name.as_bytes());
    }
    put_escaped(out, name)
}

fn put_escaped(out: &mut impl Write, text: &str) -> io::Result<()> {
    Ok(text.serialize(&mut Serializer::with_formatter(out, WithoutOrders))?)
}

/// JSON escapes the control characters below 32 only. Those above 126 are orders to a terminal all the same.
struct WithoutOrders;

impl Formatter for WithoutOrders {
    fn write_string_fragment<W: Write + ?Sized>(
        &mut self,
        out: &mut W,
        mut fragment: &str,
    ) -> io::Result<()> {
        while let Some((at, order)) = fragment.char_indices().find(|(_, char)| char.is_control()) {
            let (before, behind) = fragment.split_at(at);
            out.write_all(before.as_bytes())?;
            write!(out, "\\u{:04x}", u32::from(order))?;
            fragment = &behind[order.len_utf8()..];
        }
        out.write_all(fragment.as_bytes())
    }
}

#[inline]
fn put_plain(out: &mut impl Write, text: &[u8]) -> io::Result<()> {
    out.write_all(b"\"")?;
    out.write_all(text)?;
    out.write_all(b"\"")
}

/// Whether this is ASCII that means itself in JSON. It always looks at all of it: that is what makes it fast.
#[inline]
fn is_plain(text: &[u8]) -> bool {
    let is_odd = |byte: u8| !(0x20..0x7f).contains(&byte) || byte == b'"' || byte == b'\\';
    !text.iter().fold(false, |odd, &byte| odd | is_odd(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_letter_is_written_as_serde_json_writes_it_but_for_orders_to_a_terminal() {
        for letter in (0..=0x800_u32).chain([0x2028, 0x1f980]).filter_map(char::from_u32) {
            let text = format!("a{letter}b");
            let mut ours = Vec::new();
            put_text(&mut ours, text.as_bytes()).unwrap();
            let expected = if ('\u{7f}'..='\u{9f}').contains(&letter) {
                format!("\"a\\u{:04x}b\"", u32::from(letter)).into_bytes()
            } else {
                serde_json::to_vec(&text).unwrap()
            };
            assert_eq!(ours, expected, "{letter:?}");
            assert_eq!(serde_json::from_slice::<String>(&ours).unwrap(), text);
            let mut key = Vec::new();
            put_str(&mut key, &text).unwrap();
            assert_eq!(key, expected, "{letter:?}");
        }
        let mut several = Vec::new();
        put_str(&mut several, "\u{9b}ä\u{7f}\u{80}\n").unwrap();
        assert_eq!(String::from_utf8(several).unwrap(), r#""\u009bä\u007f\u0080\n""#);
        assert!(put_text(&mut Vec::new(), &[b'a', 0xff]).is_err());
    }
}
