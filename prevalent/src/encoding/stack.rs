//! How deep a value may lie in others: what is nested is gone through by calls, and a stack has an end, which nothing survives.
//!
//! A type contains itself only through an option, a sequence, a map or an enum, so that it is enough to look there.

/// How much of the stack a value may take. The engine's threads have twice as much.
pub(super) const STACK_BYTES_MAX: usize = 4 << 20;

/// What is said of a value that would take more.
pub(super) const TOO_DEEP: &str = "it lies too deep inside other values";

/// Where on the stack a value was begun.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stack {
    began: usize,
}

impl Stack {
    #[inline]
    pub(super) fn here() -> Self {
        Stack { began: place() }
    }

    /// Whether the stack allows for going deeper.
    #[inline]
    pub(super) fn has_room(self) -> bool {
        self.began.abs_diff(place()) <= STACK_BYTES_MAX
    }
}

/// Where the stack ends just now, more or less.
#[inline]
fn place() -> usize {
    let here = 0_u8;
    std::ptr::from_ref(&here).addr()
}
