//! What the integration tests share.

pub mod hooked;
pub mod ledger;
pub mod oracle;
pub mod random;
pub mod record;
