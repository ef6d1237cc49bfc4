//! How many elements the sequences and maps of a value have in all. Each takes a byte, but for those of a type without any, such
//! as `()`: of these a few bytes announce more than anybody could count to.

/// So many elements there may be for which there are no bytes.
const EMPTY_MAX: usize = 1 << 20;

/// What is said of a value with more.
pub(super) const TOO_MANY: &str = "it has too many elements for its bytes";

/// How many more there may be.
#[derive(Clone, Copy, Debug)]
pub(super) struct ElementsLeft(usize);

impl ElementsLeft {
    /// Of a value that takes so many bytes.
    pub(super) fn of(bytes: usize) -> Self {
        ElementsLeft(bytes.saturating_add(EMPTY_MAX))
    }

    /// Takes a length into account; `None` where it is too large.
    #[inline]
    pub(super) fn take(&mut self, len: usize) -> Option<()> {
        self.0 = self.0.checked_sub(len)?;
        Some(())
    }
}
