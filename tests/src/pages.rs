//! The code in the README and in the pages of `docs` compiles and runs: each page is the documentation of something here. A test
//! (`docs`) sees to it that none is forgotten.

#[doc = include_str!("../../README.md")]
pub struct Readme;

#[doc = include_str!("../../docs/backup.md")]
pub struct Backup;

#[doc = include_str!("../../docs/determinism.md")]
pub struct Determinism;

#[doc = include_str!("../../docs/durability.md")]
pub struct Durability;

#[doc = include_str!("../../docs/embedding.md")]
pub struct Embedding;

#[doc = include_str!("../../docs/errors-and-panics.md")]
pub struct ErrorsAndPanics;

#[doc = include_str!("../../docs/evolution.md")]
pub struct Evolution;

#[doc = include_str!("../../docs/macro.md")]
pub struct Macro;

#[doc = include_str!("../../docs/operations.md")]
pub struct Operations;

#[doc = include_str!("../../docs/retries.md")]
pub struct Retries;

#[doc = include_str!("../../docs/snapshots.md")]
pub struct Snapshots;

#[doc = include_str!("../../docs/start.md")]
pub struct Start;

#[doc = include_str!("../../docs/testing.md")]
pub struct Testing;

#[doc = include_str!("../../docs/transactions.md")]
pub struct Transactions;
