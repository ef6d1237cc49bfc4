//! What another version of the program wrote, on its way into today's types.

use std::fmt;
use std::marker::PhantomData;

use serde::de::DeserializeOwned;

/// The arguments of a transaction, or a model, as an earlier version of the program wrote them.
///
/// [`Model::upgrade`](crate::Model::upgrade) and [`ModelData::from_version`](crate::ModelData::from_version) get one;
/// `#[prevalent]` implements both.
#[derive(Debug)]
pub struct Stored<'a> {
    bytes: PhantomData<&'a [u8]>,
}

impl Stored<'_> {
    /// Reads it as an `Old`, and gives what `function` makes of that.
    ///
    /// An `Old` that is a tuple gets a transaction's arguments in their order; any other type is read by the names of its
    /// fields and variants.
    ///
    /// # Errors
    ///
    /// Where what is stored is no `Old`, or `function` panics. The engine tells the user.
    pub fn upgrade<Old: DeserializeOwned, New>(
        self,
        function: fn(Old) -> New,
    ) -> Result<New, NotUpgraded> {
        let _ = function;
        Err(NotUpgraded(()))
    }

    /// There is no function for this revision or version.
    #[must_use]
    pub fn refuse(self) -> NotUpgraded {
        NotUpgraded(())
    }
}

/// Why something [`Stored`] was not upgraded. The engine knows more, and tells the user.
pub struct NotUpgraded(());

impl fmt::Debug for NotUpgraded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NotUpgraded")
    }
}
