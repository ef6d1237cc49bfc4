//! A piece of a backup that is not what the manifest says, on its way through the storage seam.

use std::io;
use std::path::PathBuf;

use crate::error::Error;

/// Inside an `io::Error`, which is all that the seam lets through.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the piece `{}` {what}", path.display())]
pub(super) struct DamagedPiece {
    pub(super) path: PathBuf,
    pub(super) what: &'static str,
}

impl From<DamagedPiece> for io::Error {
    fn from(damaged: DamagedPiece) -> Self {
        io::Error::new(io::ErrorKind::InvalidData, damaged)
    }
}

/// Tells damage of a backup as what it is, and any other error as it was.
pub(crate) fn as_damage(error: Error) -> Error {
    let damaged = match &error {
        Error::Io { source, .. } => {
            source.get_ref().and_then(|inner| inner.downcast_ref::<DamagedPiece>())
        }
        _ => None,
    };
    match damaged {
        Some(DamagedPiece { path, what }) => Error::corrupt(path.clone(), 0, None, *what),
        None => error,
    }
}
