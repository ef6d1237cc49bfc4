//! Backups: a store's files in pieces, in a directory or wherever a program likes.
//!
//! [`target`] is where the pieces go ([`directory`], `object_store`); [`take`] puts there what is new, after [`prove`] has
//! shown that what is there already is the beginning of it; [`offline`] does so without the program; [`files`] gives a backup back as a store's files. What is made
//! of those is the business of the module `transplant`.

mod damage;
mod directory;
pub(crate) mod files;
mod info;
#[cfg(feature = "object_store")]
mod object_store;
mod offline;
mod prove;
pub(crate) mod take;
mod target;

pub(crate) use self::damage::as_damage;
pub use self::info::{BackupInfo, BackupKind};
#[cfg(feature = "object_store")]
pub use self::object_store::ObjectStoreTarget;
pub use self::offline::{Backup, backup};
pub use self::target::{BackupTarget, Target, TargetLock};
