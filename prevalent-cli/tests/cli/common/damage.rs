//! What can happen to a store's files.

use std::path::{Path, PathBuf};

/// The segments, oldest first.
pub fn segments(dir: &Path) -> Vec<PathBuf> {
    named(dir, "journal")
}

/// The snapshots, oldest first.
pub fn snapshots(dir: &Path) -> Vec<PathBuf> {
    named(dir, "snapshot")
}

fn named(dir: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir(dir)
        .expect("a directory")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|it| it == extension))
        .collect();
    found.sort();
    found
}

pub fn newest_segment(dir: &Path) -> PathBuf {
    segments(dir).pop().expect("a segment")
}

/// What is there without the zeros at its end.
pub fn written(path: &Path) -> Vec<u8> {
    let mut bytes = std::fs::read(path).expect("a file");
    let len = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    bytes.truncate(len);
    bytes
}

/// Where its batches begin.
pub fn batches(path: &Path) -> Vec<usize> {
    let bytes = written(path);
    let magic = [0x50, 0x56, 0x42, 0xB1];
    (0..bytes.len()).filter(|&at| bytes[at..].starts_with(&magic)).collect()
}

/// The last batch is there in part only.
pub fn tear(dir: &Path) {
    let path = newest_segment(dir);
    let mut bytes = written(&path);
    bytes.truncate(bytes.len() - 5);
    std::fs::write(&path, bytes).expect("a file");
}

/// A bit of the last batch's body is another one.
pub fn make_suspect(dir: &Path) {
    let path = newest_segment(dir);
    let at = written(&path).len() - 3;
    flip(&path, at);
}

/// A bit of the batch with this number, counted from 0, is another one.
pub fn flip_in_batch(path: &Path, number: usize) {
    flip(path, batches(path)[number] + 85);
}

pub fn flip(path: &Path, at: usize) {
    let mut bytes = std::fs::read(path).expect("a file");
    bytes[at] ^= 0x10;
    std::fs::write(path, bytes).expect("a file");
}
