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

/// Reads the whole file, and allocates no more than its length. What is appended meanwhile is left out; where the file
/// turns out to be shorter than it said, the result is shorter too.
///
/// # Errors
///
/// Those of the operating system, except that an interrupted read is tried again;
/// [`io::ErrorKind::OutOfMemory`] where there is not enough of it.
pub(crate) fn read_to_end(file: &dyn DiskFile) -> io::Result<Vec<u8>> {
    let len = usize::try_from(file.len()?).map_err(|_| io::ErrorKind::OutOfMemory)?;
    let mut content = Vec::new();
    content.try_reserve_exact(len)?;
    content.resize(len, 0);
    let count = read_up_to(file, 0, &mut content)?;
    content.truncate(count);
    Ok(content)
}

/// Reads until the buffer is full or the file ends, and tells how many bytes that were.
fn read_up_to(file: &dyn DiskFile, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
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
