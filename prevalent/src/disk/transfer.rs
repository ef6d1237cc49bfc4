//! The loops over the storage seam: all of the data, however short the single calls are.
//!
//! There is none for `sync`: after a failed sync, an interrupted one included, the system may have forgotten which
//! pages it failed to write, and a second sync would only seem to succeed. A sync is never retried.

use std::io;

use super::DiskFile;

/// Writes all of `data` at `offset`.
///
/// # Errors
///
/// Those of [`DiskFile::write_at`], except that an interrupted write is tried again;
/// [`io::ErrorKind::WriteZero`] where the file takes no more. A part may have been written.
pub(crate) fn write_all_at(
    file: &dyn DiskFile,
    mut offset: u64,
    mut data: &[u8],
) -> io::Result<()> {
    while !data.is_empty() {
        match file.write_at(offset, data) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(count) => {
                data = &data[count..];
                offset += count as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Fills `buffer` with what is at `offset`.
///
/// # Errors
///
/// Those of [`DiskFile::read_at`], except that an interrupted read is tried again;
/// [`io::ErrorKind::UnexpectedEof`] where the file ends before the buffer is full.
pub(crate) fn read_exact_at(file: &dyn DiskFile, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
    if read_up_to(file, offset, buffer)? < buffer.len() {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(())
}

/// Reads the first `len` bytes of the file, or all of it where it is shorter.
///
/// # Errors
///
/// Those of [`DiskFile::read_at`], except that an interrupted read is tried again.
pub(crate) fn read_prefix(file: &dyn DiskFile, len: usize) -> io::Result<Vec<u8>> {
    let mut prefix = vec![0; len];
    let count = read_up_to(file, 0, &mut prefix)?;
    prefix.truncate(count);
    Ok(prefix)
}

/// Reads the whole file, and allocates no more than its length. What is appended meanwhile is left out; where the file
/// turns out to be shorter than it said, the result is shorter too.
///
/// # Errors
///
/// Those of the operating system, except that an interrupted read is tried again;
/// [`io::ErrorKind::OutOfMemory`] where there is not enough of it.
pub(crate) fn read_to_end(file: &dyn DiskFile) -> io::Result<Vec<u8>> {
    read_len(file, file.len()?)
}

fn read_len(file: &dyn DiskFile, len: u64) -> io::Result<Vec<u8>> {
    let len = usize::try_from(len).map_err(|_| io::ErrorKind::OutOfMemory)?;
    let mut content = Vec::new();
    content.try_reserve_exact(len)?;
    while content.len() < len {
        let done = content.len();
        content.resize(len.min(done + READ_BYTES), 0);
        let count = read_up_to(file, done as u64, &mut content[done..])?;
        content.truncate(done + count);
        if count < READ_BYTES {
            break;
        }
    }
    Ok(content)
}

/// Reads the whole file without the zeros at its end: what was written ahead there holds nothing yet.
///
/// Of a file that somebody appends to meanwhile, overwriting such zeros, this is its beginning as it was at some moment: first
/// the end is found, and all before it had been written by then.
///
/// # Errors
///
/// Those of [`read_to_end`].
pub(crate) fn read_to_last_nonzero(file: &dyn DiskFile) -> io::Result<Vec<u8>> {
    match nonzero_len(file)? {
        0 => Ok(Vec::new()),
        len => read_len(file, len),
    }
}

/// The length of the file without the zeros at its end. All that lies before had been written when this was found out.
///
/// # Errors
///
/// Those of the operating system, except that an interrupted read is tried again;
/// [`io::ErrorKind::InvalidData`] for more zeros than any writer leaves there.
pub(crate) fn nonzero_len(file: &dyn DiskFile) -> io::Result<u64> {
    nonzero_len_within(file, ZEROS_BYTES_MAX)
}

fn nonzero_len_within(file: &dyn DiskFile, zeros_max: u64) -> io::Result<u64> {
    static ZEROS: [u8; PROBE_BYTES] = [0; PROBE_BYTES];
    let mut end = file.len()?;
    // A file with a hole says that it is as long as it likes, and takes no room: to look through it could take days.
    let looked_through = end.saturating_sub(zeros_max);
    let mut buffer = [0; PROBE_BYTES];
    while end > 0 {
        if end <= looked_through {
            let what = format!("there are more than {zeros_max} bytes of zeros at its end");
            return Err(io::Error::new(io::ErrorKind::InvalidData, what));
        }
        let start = end.saturating_sub(PROBE_BYTES as u64);
        let len = usize::try_from(end - start).unwrap_or(PROBE_BYTES);
        let buffer = &mut buffer[..len];
        let count = read_up_to(file, start, buffer)?;
        // As a whole first: there may be gigabytes of zeros.
        if buffer[..count] != ZEROS[..count]
            && let Some(last) = buffer[..count].iter().rposition(|&byte| byte != 0)
        {
            return Ok(start + last as u64 + 1);
        }
        end = start;
    }
    Ok(0)
}

/// So many zeros are looked through at the end of a file. A writer fills a journal ahead by far fewer.
const ZEROS_BYTES_MAX: u64 = 4 << 30;

/// So much is looked at once, from the end of a file towards its beginning.
const PROBE_BYTES: usize = 16 << 10;

/// So much of a file is read at once: what is filled with zeros for it is still in the processor's cache when it is read.
const READ_BYTES: usize = 256 << 10;

/// Reads until the buffer is full or the file ends, and tells how many bytes that were.
///
/// # Errors
///
/// Those of the operating system, except that an interrupted read is tried again.
pub(crate) fn read_up_to(file: &dyn DiskFile, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
    let mut done = 0;
    while done < buffer.len() {
        match file.read_at(offset + done as u64, &mut buffer[done..]) {
            Ok(0) => break,
            Ok(count) => done += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(done)
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;
    use crate::disk::Disk;
    use crate::disk::sim::{Fault, OperationKind, ReadFault, SimDisk};

    #[test]
    fn a_write_that_takes_nothing_is_an_error() {
        let disk = SimDisk::new();
        let file = disk.create("a").unwrap();
        disk.fail_from(1, Fault::ZeroWrite);
        let error = write_all_at(&*file, 0, b"hello").unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::WriteZero);
        write_all_at(&*file, 0, b"").unwrap();
    }

    #[test]
    fn a_failing_write_is_not_tried_again() {
        let disk = SimDisk::new();
        let file = disk.create("a").unwrap();
        disk.fail_operation(1, Fault::Eio);
        assert!(write_all_at(&*file, 0, b"hello").is_err());
        let writes = disk.operations();
        let writes = writes.iter().filter(|one| matches!(one.kind, OperationKind::Write { .. }));
        assert_eq!(writes.count(), 1);
    }

    #[test]
    fn short_and_interrupted_reads_are_gone_on_with() {
        let disk = SimDisk::new();
        disk.set_file("a", b"hello world".to_vec());
        for fault in [ReadFault::Short, ReadFault::Interrupted] {
            disk.fail_reads("a", fault);
            let file = disk.open("a").unwrap();
            assert_eq!(read_to_end(&*file).unwrap(), b"hello world");
            let mut part = [0; 5];
            read_exact_at(&*file, 6, &mut part).unwrap();
            assert_eq!(&part, b"world");
        }
    }

    #[test]
    fn a_failing_read_is_an_error() {
        let disk = SimDisk::new();
        disk.set_file("a", b"hello".to_vec());
        let file = disk.open("a").unwrap();
        disk.fail_reads("a", ReadFault::Eio);
        assert!(read_to_end(&*file).is_err());
        assert!(read_exact_at(&*file, 0, &mut [0; 5]).is_err());
    }

    /// A file that says it has `said` bytes and has the others.
    #[derive(Debug)]
    struct Liar {
        said: u64,
        content: &'static [u8],
    }

    impl DiskFile for Liar {
        fn len(&self) -> io::Result<u64> {
            Ok(self.said)
        }

        fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
            Ok(crate::disk::memory::read_from(self.content, offset, buffer))
        }

        fn write_at(&self, _offset: u64, _data: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::Unsupported.into())
        }

        fn sync(&self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_file_shorter_than_it_says_gives_what_is_there() {
        let file = Liar { said: 100, content: b"hello" };
        assert_eq!(read_to_end(&file).unwrap(), b"hello");
    }

    #[test]
    fn a_file_longer_than_it_says_is_read_as_far_as_it_says() {
        let file = Liar { said: 3, content: b"hello" };
        let content = read_to_end(&file).unwrap();
        assert_eq!(content, b"hel");
        assert_eq!(content.capacity(), 3);
    }

    #[test]
    fn zeros_at_the_end_of_a_file_are_left_out_wherever_it_ends() {
        let disk = SimDisk::new();
        for len in [0, 1, 2, PROBE_BYTES - 1, PROBE_BYTES, PROBE_BYTES + 1, 3 * PROBE_BYTES] {
            for zeros in [0, 1, PROBE_BYTES - 1, PROBE_BYTES, 2 * PROBE_BYTES + 1] {
                let mut content = vec![0; len];
                if let Some(last) = content.last_mut() {
                    *last = 7;
                }
                disk.set_file("a", [content.as_slice(), &vec![0; zeros]].concat());
                disk.fail_reads("a", ReadFault::Short);
                let file = disk.open("a").unwrap();
                assert!(read_to_last_nonzero(&*file).unwrap() == content, "{len} and {zeros}");
            }
        }
    }

    /// So long, and nothing but zeros behind the first byte; each read is counted.
    #[derive(Debug)]
    struct Hole {
        len: u64,
        reads: std::sync::atomic::AtomicU64,
    }

    impl DiskFile for Hole {
        fn len(&self) -> io::Result<u64> {
            Ok(self.len)
        }

        fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
            self.reads.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            if offset == 0 {
                buffer[0] = 7;
            }
            Ok(buffer.len())
        }

        fn write_at(&self, _offset: u64, _data: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::Unsupported.into())
        }

        fn sync(&self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_file_that_is_a_hole_is_not_looked_through_for_ever() {
        const ZEROS_MAX: u64 = 10 * PROBE_BYTES as u64;
        let hole = |len| Hole { len, reads: 0.into() };
        for len in [1, PROBE_BYTES as u64, ZEROS_MAX] {
            assert_eq!(nonzero_len_within(&hole(len), ZEROS_MAX).unwrap(), 1);
        }
        for len in [ZEROS_MAX + 1, 2 << 40, u64::MAX] {
            let hole = hole(len);
            let error = nonzero_len_within(&hole, ZEROS_MAX).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::InvalidData);
            assert_eq!(hole.reads.load(std::sync::atomic::Ordering::Relaxed), 10);
        }
    }

    /// A file of zeros that is overwritten, from front to back, whenever it is read.
    #[derive(Debug)]
    struct Overwritten {
        content: parking_lot::Mutex<Vec<u8>>,
    }

    impl DiskFile for Overwritten {
        fn len(&self) -> io::Result<u64> {
            Ok(self.content.lock().len() as u64)
        }

        fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
            let mut content = self.content.lock();
            // Half of what was asked for is seen before the rest is written.
            let half = buffer.len().div_ceil(2);
            let count = crate::disk::memory::read_from(&content, offset, &mut buffer[..half]);
            let written = content.iter().take_while(|&&byte| byte != 0).count();
            let end = content.len().min(written + PROBE_BYTES);
            content[written..end].fill(7);
            Ok(count)
        }

        fn write_at(&self, _offset: u64, _data: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::Unsupported.into())
        }

        fn sync(&self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_file_of_zeros_that_is_overwritten_meanwhile_is_read_without_a_hole() {
        let file = Overwritten { content: parking_lot::Mutex::new(vec![0; 20 * PROBE_BYTES]) };
        let read = read_to_last_nonzero(&file).unwrap();
        assert!(!read.is_empty());
        assert!(read.iter().all(|&byte| byte == 7));
    }

    #[test]
    fn a_length_beyond_memory_is_an_error_and_no_abort() {
        let file = Liar { said: u64::MAX, content: b"hello" };
        assert_eq!(read_to_end(&file).unwrap_err().kind(), io::ErrorKind::OutOfMemory);
    }
}
