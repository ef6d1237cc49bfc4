//! What was looked at.

use std::fmt;
use std::ops::AddAssign;

/// What a run has looked at, and found in order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CrashReport {
    /// Histories on a disk that works.
    pub histories: u64,
    /// Transactions in them.
    pub transactions: u64,
    /// Operations that they asked of the disk.
    pub operations: u64,
    /// Crash images of them that were judged. An image counts by its history, by the number of operations before the crash,
    /// and by the set of sectors and changes of the directory that it keeps: one that differs only in its garbage, or in the
    /// length of a file, is not counted again.
    pub images: u64,
    /// So many of the images had contents that no other one of their history had: the others needed no recovery of their own.
    pub recoveries: u64,
    /// Crash images of the recoveries, counted in the same way.
    pub nested: u64,
    /// Recoveries that were killed while they replayed, each with another trail in the file that carries the lock.
    pub killed: u64,
    /// The most crashes behind one another, the first one included.
    pub deepest: u64,
    /// Recovered stores that went on, were closed and opened again.
    pub went_on: u64,
    /// Histories in which an operation of the disk failed.
    pub failures: u64,
    /// Crash images of these.
    pub images_after_failures: u64,
}

impl AddAssign for CrashReport {
    fn add_assign(&mut self, other: Self) {
        self.histories += other.histories;
        self.transactions += other.transactions;
        self.operations += other.operations;
        self.images += other.images;
        self.recoveries += other.recoveries;
        self.nested += other.nested;
        self.killed += other.killed;
        self.deepest = self.deepest.max(other.deepest);
        self.went_on += other.went_on;
        self.failures += other.failures;
        self.images_after_failures += other.images_after_failures;
    }
}

/// A line.
impl fmt::Display for CrashReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} histories ({} transactions, {} operations): {} crash images ({} recoveries), {} more of crashes during recovery \
             (up to {} behind one another), {} of kills, {} stores went on; {} failing disks, {} crash images after a failure",
            self.histories,
            self.transactions,
            self.operations,
            self.images,
            self.recoveries,
            self.nested,
            self.deepest,
            self.killed,
            self.went_on,
            self.failures,
            self.images_after_failures,
        )
    }
}
