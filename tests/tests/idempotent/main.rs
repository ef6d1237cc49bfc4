//! At most once: a transaction that is tried again with its key is not executed again, and the reply is told once more.

mod bank;
mod crashes;
mod duplicates;
mod evolution;
mod restarts;
