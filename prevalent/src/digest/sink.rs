//! Hashes an encoding, so that the order of what has no order makes no difference.

use postcard::ser_flavors::Flavor;
use twox_hash::XxHash3_128;

use super::Digest;
use crate::encoding::Sink;

/// So much of a part is gathered before it is hashed. A part with less is hashed at once: a hasher's state costs more than
/// the hash of a small map's entry.
pub(super) const GATHERED_BYTES_MAX: usize = 16 << 10;

/// Hashes what it is given.
///
/// The members of a map or a set are hashed each on its own, and only the sum of the hashes counts. Of the value no more is
/// held than what is gathered, for each map or set that lies in another.
pub(super) struct DigestSink {
    /// What is gathered of each part, the innermost last.
    gathered: Vec<u8>,
    /// The whole, and the members that lie in each other, the innermost last.
    parts: Vec<Part>,
    /// For each map or set that is open, the sum of its members.
    sums: Vec<u128>,
}

/// The whole, or a member of a map or a set.
struct Part {
    /// Where what is gathered of it begins.
    start: usize,
    /// Has what was gathered before, if there was too much.
    hasher: Option<Box<XxHash3_128>>,
}

impl DigestSink {
    pub(super) fn new() -> Self {
        let whole = Part { start: 0, hasher: None };
        DigestSink { gathered: Vec::new(), parts: vec![whole], sums: Vec::new() }
    }

    pub(super) fn finish(mut self) -> Digest {
        Digest(self.end_part())
    }

    /// Hands what is gathered of the innermost part to its hasher.
    fn hasher(&mut self) -> Option<&mut XxHash3_128> {
        let part = self.parts.last_mut()?;
        let hasher = part.hasher.get_or_insert_with(|| Box::new(XxHash3_128::new()));
        hasher.write(&self.gathered[part.start..]);
        self.gathered.truncate(part.start);
        Some(hasher)
    }

    fn end_part(&mut self) -> u128 {
        let Some(Part { start, hasher }) = self.parts.pop() else { return 0 };
        let rest = &self.gathered[start..];
        let hash = match hasher {
            None => XxHash3_128::oneshot(rest),
            Some(mut hasher) => {
                hasher.write(rest);
                hasher.finish_128()
            }
        };
        self.gathered.truncate(start);
        hash
    }
}

impl Flavor for DigestSink {
    type Output = ();

    #[inline]
    fn try_push(&mut self, byte: u8) -> postcard::Result<()> {
        self.try_extend(&[byte])
    }

    #[inline]
    fn try_extend(&mut self, bytes: &[u8]) -> postcard::Result<()> {
        let start = self.parts.last().map_or(0, |part| part.start);
        if self.gathered.len() - start + bytes.len() <= GATHERED_BYTES_MAX {
            self.gathered.extend_from_slice(bytes);
        } else if let Some(hasher) = self.hasher() {
            hasher.write(bytes);
        }
        Ok(())
    }

    fn finalize(self) -> postcard::Result<()> {
        Ok(())
    }
}

impl Sink for DigestSink {
    /// The bytes that stand for an opaque value follow the order of the maps in it.
    const SEES_OPAQUE: bool = true;

    fn begin_unordered(&mut self) {
        self.sums.push(0);
    }

    fn begin_member(&mut self) {
        self.parts.push(Part { start: self.gathered.len(), hasher: None });
    }

    fn end_member(&mut self) {
        let hash = self.end_part();
        if let Some(sum) = self.sums.last_mut() {
            // Not an exclusive or: two equal members of a multiset would leave no trace.
            *sum = sum.wrapping_add(hash);
        }
    }

    fn end_unordered(&mut self) {
        let sum = self.sums.pop().unwrap_or(0);
        // Nothing of it can be refused.
        let _ = self.try_extend(&sum.to_le_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_of_a_value_is_in_memory_than_is_gathered() {
        let mut sink = DigestSink::new();
        for _ in 0..10 {
            sink.try_extend(&[7; GATHERED_BYTES_MAX / 3]).unwrap();
            assert!(sink.gathered.len() <= GATHERED_BYTES_MAX, "{}", sink.gathered.len());
        }
    }
}
