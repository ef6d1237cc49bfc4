//! Little-endian numbers and varints in and out of byte slices, without a way to panic.

/// Reads a slice from front to back. Every method gives `None` where the slice is too short, and then takes nothing.
#[derive(Clone, Debug)]
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Reader { rest: bytes }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    pub(crate) fn remaining(&self) -> usize {
        self.rest.len()
    }

    #[inline]
    pub(crate) fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        Some(taken)
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.rest.split_first_chunk::<N>()?;
        self.rest = rest;
        Some(*taken)
    }

    pub(crate) fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    pub(crate) fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }

    /// `None` also for a varint that is longer than needed, or larger than 64 bits.
    #[inline]
    pub(crate) fn varint(&mut self) -> Option<u64> {
        match self.rest.split_first() {
            // Nearly all are of one byte, and a replay reads millions of them.
            Some((&byte, rest)) if byte < 0x80 => {
                self.rest = rest;
                Some(u64::from(byte))
            }
            _ => self.long_varint(),
        }
    }

    fn long_varint(&mut self) -> Option<u64> {
        let mut value = 0_u64;
        for (index, &byte) in self.rest.iter().enumerate().take(VARINT_BYTES_MAX) {
            let bits = u64::from(byte & 0x7f);
            let shifted = bits << (7 * index);
            if shifted >> (7 * index) != bits {
                return None;
            }
            value |= shifted;
            if byte & 0x80 == 0 {
                if byte == 0 && index > 0 {
                    return None;
                }
                self.rest = &self.rest[index + 1..];
                return Some(value);
            }
        }
        None
    }

    /// A varint that counts bytes of what follows, and those bytes.
    #[inline]
    pub(crate) fn counted(&mut self) -> Option<&'a [u8]> {
        let mut ahead = self.clone();
        let count = usize::try_from(ahead.varint()?).ok()?;
        let taken = ahead.take(count)?;
        *self = ahead;
        Some(taken)
    }
}

const VARINT_BYTES_MAX: usize = 10;

pub(crate) fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        #[expect(clippy::cast_possible_truncation, reason = "the low seven bits are meant")]
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    #[expect(clippy::cast_possible_truncation, reason = "below 0x80")]
    out.push(value as u8);
}

pub(crate) fn put_counted(out: &mut Vec<u8>, bytes: &[u8]) {
    put_varint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_varint_reads_back_and_leaves_the_rest(value: u64, rest: Vec<u8>) {
            let mut bytes = Vec::new();
            put_varint(&mut bytes, value);
            bytes.extend_from_slice(&rest);
            let mut reader = Reader::new(&bytes);
            prop_assert_eq!(reader.varint(), Some(value));
            prop_assert_eq!(reader.remaining(), rest.len());
        }

        #[test]
        fn a_varint_has_one_spelling(bytes: Vec<u8>) {
            let mut reader = Reader::new(&bytes);
            if let Some(value) = reader.varint() {
                let mut again = Vec::new();
                put_varint(&mut again, value);
                prop_assert_eq!(&bytes[..bytes.len() - reader.remaining()], &again[..]);
            }
        }
    }

    #[test]
    fn a_varint_that_is_longer_than_needed_or_larger_than_64_bits_is_none() {
        let long = |last: &[u8]| [&[0x80; 9], last].concat();
        for bytes in [vec![0x80, 0x00], vec![0xff, 0x80, 0x00], long(&[2]), long(&[0x80, 1])] {
            let mut reader = Reader::new(&bytes);
            assert_eq!(reader.varint(), None, "{bytes:?}");
            assert_eq!(reader.remaining(), bytes.len());
        }
        assert_eq!(Reader::new(&long(&[1])).varint(), Some(1 << 63));
    }

    #[test]
    fn a_count_beyond_the_end_takes_nothing() {
        let mut reader = Reader::new(&[5, 1, 2]);
        assert_eq!(reader.counted(), None);
        assert_eq!(reader.remaining(), 3);
    }
}
