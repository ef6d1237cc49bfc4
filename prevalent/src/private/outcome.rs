//! Whether a reply is an `Err`.

use std::ops::Deref;

/// A reply, looked at. By its type it is known to be a `Result`, not by how that is written: an alias of one is one.
pub struct Outcome<'a, R>(NoResult<'a, R>);

/// What is no `Result` has not the function of [`Outcome`] but this one, through `Deref`.
pub struct NoResult<'a, R>(&'a R);

impl<'a, R> Outcome<'a, R> {
    /// Of this reply.
    pub const fn of(reply: &'a R) -> Self {
        Outcome(NoResult(reply))
    }
}

impl<T, E> Outcome<'_, Result<T, E>> {
    /// Whether it is an `Err`.
    #[must_use]
    pub const fn is_err(&self) -> bool {
        self.0.0.is_err()
    }
}

impl<R> NoResult<'_, R> {
    /// It isn't.
    #[must_use]
    pub const fn is_err(&self) -> bool {
        false
    }
}

impl<'a, R> Deref for Outcome<'a, R> {
    type Target = NoResult<'a, R>;

    fn deref(&self) -> &NoResult<'a, R> {
        &self.0
    }
}
