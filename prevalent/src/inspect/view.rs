//! A store's files at one moment, whatever is wrong with them.

use std::sync::Arc;

use super::StoreFiles;
use crate::disk::Disk;
use crate::disk::pinned::Pinned;
use crate::error::Error;
use crate::recovery::directory::Directory;

/// What there is to be looked at.
#[derive(Debug)]
pub(super) struct View {
    pub(super) disk: Pinned,
    pub(super) directory: Directory,
    /// For which an open would refuse all of it. The files in question are left out.
    pub(super) refused: Vec<Error>,
}

impl StoreFiles {
    /// # Errors
    ///
    /// `Io`, `UnsupportedFormat`, `UnknownContent`.
    pub(super) fn view(&self) -> Result<View, Error> {
        View::of(&self.disk)
    }
}

impl View {
    /// # Errors
    ///
    /// Those of [`StoreFiles::view`].
    pub(super) fn of(disk: &Arc<dyn Disk>) -> Result<View, Error> {
        let mut disk = Pinned::new(Arc::clone(disk))?;
        let mut refused = Vec::new();
        loop {
            match Directory::read_beside_owner(&disk) {
                Ok(directory) => return Ok(View { disk, directory, refused }),
                Err(Error::Corrupt { file, offset, seq, what }) => {
                    let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
                    let is_hidden = disk.hide(name);
                    let error = Error::Corrupt { file, offset, seq, what };
                    if !is_hidden {
                        return Err(error);
                    }
                    refused.push(error);
                }
                Err(error) => return Err(error),
            }
        }
    }
}
