//! Small file systems of the operating system's own, where the machine allows to mount one.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// What is mounted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileSystem {
    /// In memory.
    Tmpfs,
    /// In a file, by way of a loop device.
    Ext4,
}

/// A mounted file system, which goes when this is dropped.
#[derive(Debug)]
pub struct Mounted {
    // The mount is in it, and goes first.
    root: TempDir,
}

impl Mounted {
    /// A file system with room for about so many bytes. `None`, and a notice on stderr, where it can't be mounted: not everybody may.
    ///
    /// # Panics
    ///
    /// Where there is no temporary directory.
    #[must_use]
    pub fn new(kind: FileSystem, bytes: u64) -> Option<Mounted> {
        let root = tempfile::tempdir().expect("a temporary directory");
        let point = root.path().join("mounted");
        std::fs::create_dir(&point).expect("a directory in it");
        let mut mount = Command::new("mount");
        match kind {
            FileSystem::Tmpfs => {
                _ = mount.args(["-t", "tmpfs", "-o", &format!("size={bytes}"), "none"]);
            }
            FileSystem::Ext4 => {
                let image = root.path().join("image");
                File::create(&image).and_then(|file| file.set_len(bytes)).expect("an image");
                if !succeeds(Command::new("mkfs.ext4").arg("-q").arg(&image)) {
                    eprintln!("skipped: there is no mkfs.ext4");
                    return None;
                }
                mount.args(["-o", "loop"]).arg(&image);
            }
        }
        if succeeds(mount.arg(&point)) {
            Some(Mounted { root })
        } else {
            eprintln!("skipped: {kind:?} can't be mounted here");
            None
        }
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        self.root.path().join("mounted")
    }

    /// From now on it can only be read, or written again: `ro` or `rw`.
    ///
    /// # Panics
    ///
    /// Where that can't be had: a file may be open for writing.
    pub fn remount(&self, how: &str) {
        let options = format!("remount,{how}");
        assert!(
            succeeds(Command::new("mount").args(["-o", &options]).arg(self.path())),
            "{options}"
        );
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        unmount(&self.path());
    }
}

fn unmount(point: &Path) {
    // Lazily: a test that failed may have files open.
    succeeds(Command::new("umount").arg("-l").arg(point));
}

fn succeeds(command: &mut Command) -> bool {
    command.stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}
