//! Encoded bytes, from front to back, wherever they are.

use crate::format::bytes::Reader;

/// What encoded values are read from: a slice, or a file that is larger than memory.
///
/// What can't be had is `None`, and what comes after that makes no sense.
pub(crate) trait Source {
    /// A place to go back to.
    type Mark: Clone;

    /// How many bytes are left.
    fn remaining(&self) -> u64;

    fn take(&mut self, count: usize) -> Option<&[u8]>;

    /// Goes past so many bytes, which nobody looks at.
    fn pass(&mut self, count: u64) -> Option<()>;

    fn array<const N: usize>(&mut self) -> Option<[u8; N]>;

    /// `None` also for a varint that is longer than needed, or larger than 64 bits.
    fn varint(&mut self) -> Option<u64>;

    fn mark(&self) -> Self::Mark;

    fn back_to(&mut self, mark: Self::Mark);

    /// A varint that counts bytes of what follows, and those bytes.
    #[inline]
    fn counted(&mut self) -> Option<&[u8]> {
        let count = usize::try_from(self.varint()?).ok()?;
        self.take(count)
    }
}

impl<'a> Source for Reader<'a> {
    type Mark = Reader<'a>;

    #[inline]
    fn remaining(&self) -> u64 {
        Reader::remaining(self) as u64
    }

    #[inline]
    fn take(&mut self, count: usize) -> Option<&[u8]> {
        Reader::take(self, count)
    }

    #[inline]
    fn pass(&mut self, count: u64) -> Option<()> {
        Reader::take(self, usize::try_from(count).ok()?).map(drop)
    }

    #[inline]
    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        Reader::array(self)
    }

    #[inline]
    fn varint(&mut self) -> Option<u64> {
        Reader::varint(self)
    }

    #[inline]
    fn mark(&self) -> Reader<'a> {
        self.clone()
    }

    #[inline]
    fn back_to(&mut self, mark: Reader<'a>) {
        *self = mark;
    }
}
