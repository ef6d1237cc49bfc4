//! Repairs on a simulated file system, cut off, killed and failing everywhere.

mod bad_sectors;
mod directories;
mod failures;
mod kills;
mod power_cuts;
mod stores;
mod surroundings;
