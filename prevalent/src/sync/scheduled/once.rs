//! What is set once. Nobody waits for it.

use super::turn;

#[derive(Debug, Default)]
pub(crate) struct OnceLock<T>(std::sync::OnceLock<T>);

impl<T> OnceLock<T> {
    pub(crate) const fn new() -> Self {
        OnceLock(std::sync::OnceLock::new())
    }

    pub(crate) fn get(&self) -> Option<&T> {
        turn();
        self.0.get()
    }

    pub(crate) fn set(&self, value: T) -> Result<(), T> {
        turn();
        self.0.set(value)
    }
}
