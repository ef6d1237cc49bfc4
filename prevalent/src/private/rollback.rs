//! What a model with `rollback` has to be.

/// A model whose transactions can be rolled back.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be rolled back: it does not implement `Clone`",
    label = "each transaction changes a clone of the model, which takes its place when it has succeeded",
    note = "write `#[derive(Clone)]` below `#[prevalent(rollback)]`; clones of `imbl` collections cost next to nothing"
)]
pub trait Rollback: Sized {
    /// A copy of the model.
    #[must_use]
    fn copy(&self) -> Self;
}

#[diagnostic::do_not_recommend]
impl<M: Clone> Rollback for M {
    fn copy(&self) -> Self {
        self.clone()
    }
}
