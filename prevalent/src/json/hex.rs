//! Bytes as lower-case hexadecimal text.

use std::fmt;

/// Shows bytes.
pub(crate) struct Hex<'a>(pub(crate) &'a [u8]);

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        for bytes in self.0.chunks(PART_BYTES) {
            let mut text = [0; 2 * PART_BYTES];
            let (pairs, _) = text.as_chunks_mut::<2>();
            for (pair, byte) in pairs.iter_mut().zip(bytes) {
                *pair = [byte >> 4, byte & 15].map(|digit| DIGITS[usize::from(digit)]);
            }
            f.write_str(str::from_utf8(&text[..2 * bytes.len()]).map_err(|_| fmt::Error)?)?;
        }
        Ok(())
    }
}

/// So many are shown at once.
const PART_BYTES: usize = 64;

/// Appends the bytes that `text` shows; `None` where it shows none.
pub(crate) fn read_hex(text: &str, out: &mut Vec<u8>) -> Option<()> {
    let (pairs, []) = text.as_bytes().as_chunks::<2>() else { return None };
    let start = out.len();
    for [high, low] in pairs {
        let Some(byte) = digit(*high).zip(digit(*low)).map(|(high, low)| high << 4 | low) else {
            out.truncate(start);
            return None;
        };
        out.push(byte);
    }
    Some(())
}

/// So many bytes, no more and no fewer.
pub(crate) fn read_array<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut bytes = Vec::new();
    read_hex(text, &mut bytes)?;
    bytes.try_into().ok()
}

fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_read_back_and_what_is_no_pair_of_digits_is_refused() {
        let all: Vec<u8> = (0..=255).collect();
        let mut out = Vec::new();
        assert_eq!(read_hex(&Hex(&all).to_string(), &mut out), Some(()));
        assert_eq!(out, all);
        for wrong in ["0", "0g", "ä", "00 1"] {
            assert_eq!(read_hex(wrong, &mut out), None, "{wrong}");
        }
        assert_eq!(out, all);
        assert_eq!(read_array("0aFF"), Some([10, 255]));
        assert_eq!(read_array::<2>("0a"), None);
    }
}
