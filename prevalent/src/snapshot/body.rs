//! The body of a snapshot, with no more of it in memory than is being looked at.

use std::fmt;
use std::io;
use std::sync::Arc;

use crate::disk::DiskFile;
use crate::disk::transfer::read_up_to;
use crate::format::RunningHash;
use crate::format::bytes::Reader;
use crate::schema::source::Source;

/// So much is read at once.
const READ_BYTES: usize = 256 << 10;

/// No varint is longer.
const VARINT_BYTES_MAX: usize = 10;

/// Reads a body from front to back; a part of it again, where somebody goes back. A text that is longer than what is read at once
/// is in memory as a whole.
pub(crate) struct Body<'a> {
    file: Arc<dyn DiskFile>,
    /// Where it ends in the file.
    end: u64,
    /// A part of the file.
    window: Vec<u8>,
    /// Where the window begins in the file.
    window_offset: u64,
    /// Where in the window the next byte is.
    at: usize,
    /// Over all that lies before `hashed_through`.
    hash: RunningHash,
    hashed_through: u64,
    /// Is told how many bytes were read since the last time.
    on_read: Option<&'a mut dyn FnMut(u64)>,
    error: Option<io::Error>,
}

impl<'a> Body<'a> {
    pub(super) fn new(file: Arc<dyn DiskFile>, start: u64, end: u64) -> Self {
        Body {
            file,
            end,
            window: Vec::new(),
            window_offset: start,
            at: 0,
            hash: RunningHash::new(),
            hashed_through: start,
            on_read: None,
            error: None,
        }
    }

    pub(crate) fn on_read(mut self, on_read: &'a mut dyn FnMut(u64)) -> Self {
        self.on_read = Some(on_read);
        self
    }

    /// Where the next byte is in the file.
    fn offset(&self) -> u64 {
        self.window_offset + self.at as u64
    }

    /// The hash of all of it; what was not read yet is read now.
    ///
    /// # Errors
    ///
    /// That of a read that failed, whenever it did.
    pub(super) fn hash(&mut self) -> io::Result<u64> {
        self.error.take().map_or(Ok(()), Err)?;
        self.back_to(self.hashed_through);
        while self.remaining() > 0 {
            let part = self.remaining().min(READ_BYTES as u64);
            if self.pass(part).is_none() {
                let ends = || io::ErrorKind::UnexpectedEof.into();
                return Err(self.error.take().unwrap_or_else(ends));
            }
        }
        Ok(self.hash.get())
    }

    /// What went wrong with a read, if anything did: then what was read makes no sense.
    pub(crate) fn take_error(&mut self) -> Option<io::Error> {
        self.error.take()
    }

    /// Sees to it that the window has so many bytes from the next one on; `None` where there are not so many.
    #[inline]
    fn fill(&mut self, count: usize) -> Option<()> {
        if self.window.len() - self.at >= count { Some(()) } else { self.fill_again(count) }
    }

    #[cold]
    fn fill_again(&mut self, count: usize) -> Option<()> {
        self.window.drain(..self.at);
        self.window_offset += self.at as u64;
        self.at = 0;
        // What a long text took is given back.
        self.window.shrink_to(READ_BYTES.max(count));
        let known = self.window.len();
        let wanted = usize::try_from(self.remaining()).unwrap_or(usize::MAX);
        self.window.resize(wanted.min(READ_BYTES.max(count)), 0);
        let start = self.window_offset + known as u64;
        let buffer = self.window.get_mut(known..)?;
        match read_up_to(&*self.file, start, buffer) {
            Ok(read) => {
                self.window.truncate(known + read);
                let fresh = usize::try_from(self.hashed_through.saturating_sub(start)).ok()?;
                if let Some(fresh) = self.window.get(known + fresh..) {
                    self.hash.put(fresh);
                    self.hashed_through = start + read as u64;
                    if let Some(on_read) = &mut self.on_read {
                        on_read(fresh.len() as u64);
                    }
                }
                (self.window.len() >= count).then_some(())
            }
            Err(error) => {
                self.window.truncate(known);
                self.error = Some(error);
                None
            }
        }
    }

    /// What is in the window.
    #[inline]
    fn ahead(&self) -> &[u8] {
        self.window.get(self.at..).unwrap_or_default()
    }
}

impl Source for Body<'_> {
    /// An offset in the file.
    type Mark = u64;

    #[inline]
    fn remaining(&self) -> u64 {
        self.end - self.offset()
    }

    #[inline]
    fn take(&mut self, count: usize) -> Option<&[u8]> {
        self.fill(count)?;
        let start = self.at;
        self.at += count;
        self.window.get(start..self.at)
    }

    fn pass(&mut self, count: u64) -> Option<()> {
        if count > self.remaining() {
            return None;
        }
        let mut left = count;
        while left > 0 {
            let part = usize::try_from(left).unwrap_or(READ_BYTES).min(READ_BYTES);
            self.take(part)?;
            left -= part as u64;
        }
        Some(())
    }

    #[inline]
    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let array = self.fill(N).and_then(|()| self.ahead().first_chunk().copied())?;
        self.at += N;
        Some(array)
    }

    #[inline]
    fn varint(&mut self) -> Option<u64> {
        if self.window.len() - self.at < VARINT_BYTES_MAX {
            let most = self.remaining().min(VARINT_BYTES_MAX as u64);
            self.fill(usize::try_from(most).ok()?)?;
        }
        let mut reader = Reader::new(self.ahead());
        let value = reader.varint()?;
        self.at = self.window.len() - reader.remaining();
        Some(value)
    }

    #[inline]
    fn mark(&self) -> u64 {
        self.offset()
    }

    fn back_to(&mut self, mark: u64) {
        let end = self.window_offset + self.window.len() as u64;
        if (self.window_offset..=end).contains(&mark) {
            self.at = usize::try_from(mark - self.window_offset).unwrap_or(0);
        } else {
            self.window.clear();
            (self.window_offset, self.at) = (mark, 0);
        }
    }
}

impl fmt::Debug for Body<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let offset = self.offset();
        f.debug_struct("Body")
            .field("offset", &offset)
            .field("end", &self.end)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::Disk;
    use crate::disk::sim::{ReadFault, SimDisk};
    use crate::format::bytes::{put_counted, put_varint};
    use crate::format::hash;
    use crate::schema::types::{Type, Types};
    use crate::schema::walk_all;

    const START: usize = 100;

    /// A body in the middle of a file.
    fn body_of<'a>(bytes: &[u8]) -> (SimDisk, Body<'a>) {
        let disk = SimDisk::new();
        disk.set_file("a", [&[7; START], bytes, &[9; 50]].concat());
        let file = disk.open("a").unwrap();
        (disk, Body::new(file, START as u64, (START + bytes.len()) as u64))
    }

    /// Texts of many lengths, with a number before each; some are longer than what is read at once.
    fn texts() -> Vec<u8> {
        let mut bytes = Vec::new();
        let lengths = (0..2_000).chain([READ_BYTES - 1, READ_BYTES, READ_BYTES + 1, 900_000]);
        for (length, letter) in lengths.zip((b'a'..=b'z').cycle()) {
            put_varint(&mut bytes, (length as u64) << 40);
            put_counted(&mut bytes, &vec![letter; length]);
        }
        bytes
    }

    #[test]
    fn what_is_read_in_pieces_is_what_is_read_as_a_whole() {
        let bytes = texts();
        for fault in [None, Some(ReadFault::Short), Some(ReadFault::Interrupted)] {
            let (disk, mut body) = body_of(&bytes);
            if let Some(fault) = fault {
                disk.fail_reads("a", fault);
            }
            let mut whole = Reader::new(&bytes);
            while Source::remaining(&whole) > 0 {
                assert_eq!(Source::varint(&mut body), whole.varint());
                let start = Source::mark(&body);
                let expected = whole.counted();
                assert_eq!(body.counted(), expected);
                // Once more, from further behind too.
                body.back_to(start);
                assert_eq!(body.counted(), expected);
                assert_eq!(Source::remaining(&body), Source::remaining(&whole));
            }
            assert_eq!(body.take(1), None);
            assert_eq!(body.hash().unwrap(), hash(&bytes));
        }
    }

    #[test]
    fn the_hash_is_that_of_all_however_much_was_read_before() {
        let bytes = texts();
        for read in [0, 1, READ_BYTES, READ_BYTES * 2 + 1, bytes.len()] {
            let mut told = 0;
            let mut tell = |bytes| told += bytes;
            let (_disk, body) = body_of(&bytes);
            let mut body = body.on_read(&mut tell);
            let start = Source::mark(&body);
            body.pass(read as u64).unwrap();
            body.back_to(start);
            assert_eq!(body.array::<1>(), Some([bytes[0]]));
            assert_eq!(body.hash().unwrap(), hash(&bytes), "{read}");
            drop(body);
            assert_eq!(told, bytes.len() as u64);
        }
    }

    #[test]
    fn nothing_is_read_or_allocated_behind_the_end() {
        let (_disk, mut body) = body_of(&[0xff, 0xff, 0xff, 0xff, 0x7f, 1]);
        assert_eq!(body.counted(), None);
        assert!(body.window.capacity() <= READ_BYTES);
        assert_eq!(body.pass(u64::MAX), None);
        assert_eq!(body.array::<2>(), None);
        assert_eq!(body.array::<1>(), Some([1]));
        assert_eq!(Source::varint(&mut body), None);
    }

    #[test]
    fn where_there_is_less_nothing_is_taken() {
        let len = READ_BYTES + 3;
        let (_disk, mut body) = body_of(&vec![7; len]);
        assert_eq!(body.pass(len as u64 + 1), None);
        assert_eq!(body.take(len + 1), None);
        assert_eq!(Source::remaining(&body), len as u64);
        body.pass(READ_BYTES as u64).unwrap();
        assert_eq!(body.array::<4>(), None);
        assert_eq!(body.take(3), Some(&[7; 3][..]));
    }

    #[test]
    fn numbers_are_read_with_no_more_in_memory_than_is_read_at_once() {
        let len = 4 * READ_BYTES;
        let (_disk, mut body) = body_of(&vec![7; len]);
        for _ in 0..len {
            assert_eq!(Source::varint(&mut body), Some(7));
        }
        assert!(body.window.capacity() <= 2 * READ_BYTES, "{}", body.window.capacity());
    }

    #[test]
    fn a_read_that_has_failed_is_told_though_the_next_one_would_not() {
        let bytes = vec![7; READ_BYTES + 100];
        let failed = || {
            let (disk, mut body) = body_of(&bytes);
            body.pass(READ_BYTES as u64 - 5).unwrap();
            disk.fail_reads("a", ReadFault::EioFrom((START + READ_BYTES) as u64));
            (disk, body)
        };
        let tries: [fn(&mut Body<'_>) -> Option<()>; 4] = [
            |body| body.take(6).map(drop),
            |body| body.pass(6),
            |body| body.array::<6>().map(drop),
            // There are a few in the window.
            |body| Source::varint(body).map(drop),
        ];
        for (number, attempt) in tries.iter().enumerate() {
            let (disk, mut body) = failed();
            assert_eq!(attempt(&mut body), None, "{number}");
            disk.heal();
            assert!(body.hash().is_err(), "{number}");
        }
    }

    #[test]
    fn a_text_that_can_not_be_read_to_its_end_is_none() {
        let mut types = Types::default();
        let text = types.add(Type::String);
        let mut bytes = Vec::new();
        put_counted(&mut bytes, &vec![b'x'; 3 * READ_BYTES]);
        let (disk, mut body) = body_of(&bytes);
        disk.fail_reads("a", ReadFault::EioFrom((START + READ_BYTES) as u64));
        assert!(walk_all(&types, text, &mut body).unwrap_err().contains("end"));
        assert!(body.take_error().is_some());
    }

    #[test]
    fn a_read_that_fails_is_told_and_not_taken_for_an_end() {
        let (disk, mut body) = body_of(&texts());
        disk.fail_reads("a", ReadFault::Eio);
        assert_eq!(body.take(5), None);
        assert!(body.hash().is_err());
        let (disk, mut body) = body_of(&texts());
        disk.fail_reads("a", ReadFault::Eio);
        assert!(body.hash().is_err());
        assert_eq!(body.take(5), None);
        assert!(body.take_error().is_some());
    }

    #[test]
    fn a_long_text_is_walked_in_parts_and_no_letter_is_cut() {
        let mut types = Types::default();
        let text = types.add(Type::String);
        for shift in 0..5 {
            let long = format!("{}{}", "x".repeat(shift), "ä\u{1f980}".repeat(200_000));
            let mut bytes = Vec::new();
            put_counted(&mut bytes, long.as_bytes());
            let (_disk, mut body) = body_of(&bytes);
            assert_eq!(walk_all(&types, text, &mut body), Ok(()));
            assert!(body.window.capacity() <= 2 * READ_BYTES, "all of it is in memory");
            let last = bytes.len() - 1;
            bytes[last] = b'x';
            let (_disk, mut body) = body_of(&bytes);
            assert!(walk_all(&types, text, &mut body).unwrap_err().contains("UTF-8"));
            let cut = bytes.len() - 2;
            bytes.truncate(cut);
            let (_disk, mut body) = body_of(&bytes);
            assert!(walk_all(&types, text, &mut body).unwrap_err().contains("end"));
        }
    }
}
