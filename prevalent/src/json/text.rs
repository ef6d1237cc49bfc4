//! Texts as JSON.

use std::io::{self, Write};

use super::write::Unwritten;

/// Writes a text as it is encoded.
#[inline]
pub(super) fn put_text(out: &mut impl Write, text: &[u8]) -> Result<(), Unwritten> {
    if is_plain(text) {
        return Ok(put_plain(out, text)?);
    }
    let text = str::from_utf8(text).map_err(|_| Unwritten::of("a text is not UTF-8"))?;
    Ok(serde_json::to_writer(out, text).map_err(io::Error::from)?)
}

/// Writes a name.
#[inline]
pub(crate) fn put_str(out: &mut impl Write, name: &str) -> io::Result<()> {
    if is_plain(name.as_bytes()) {
        return put_plain(out, name.as_bytes());
    }
    Ok(serde_json::to_writer(out, name)?)
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
    let is_odd = |byte: u8| !(0x20..0x80).contains(&byte) || byte == b'"' || byte == b'\\';
    !text.iter().fold(false, |odd, &byte| odd | is_odd(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_letter_is_written_as_serde_json_writes_it() {
        for letter in (0..=0x800_u32).chain([0x2028, 0x1f980]).filter_map(char::from_u32) {
            let text = format!("a{letter}b");
            let mut ours = Vec::new();
            put_text(&mut ours, text.as_bytes()).unwrap();
            let theirs = serde_json::to_vec(&text).unwrap();
            assert_eq!(ours, theirs, "{letter:?}");
            let mut key = Vec::new();
            put_str(&mut key, &text).unwrap();
            assert_eq!(key, theirs, "{letter:?}");
        }
        assert!(put_text(&mut Vec::new(), &[b'a', 0xff]).is_err());
    }
}
