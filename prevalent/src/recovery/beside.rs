//! Reading a store without its lock, while its owner writes and removes files.

use crate::disk::Disk;
use crate::error::Error;

/// So often it is begun again.
const TRIES: u32 = 10;

/// Reads the store on `disk`. Where that fails and a file has gone meanwhile, it may have failed for that reason, and is
/// begun again: `read` is told which try it is, from 0.
pub(crate) fn beside_owner<T>(
    disk: &dyn Disk,
    mut read: impl FnMut(u32) -> Result<T, Error>,
) -> Result<T, Error> {
    let list = || disk.list().map_err(|error| Error::io(disk.path(), "list", error));
    let mut listed = list()?;
    let mut number = 0;
    loop {
        let result = read(number);
        number += 1;
        if result.is_ok() || number == TRIES {
            return result;
        }
        let now = list()?;
        if listed.iter().all(|name| now.contains(name)) {
            return result;
        }
        listed = now;
    }
}
