//! What sampling and recording fail with.

use std::fmt;

/// The error type that serde sees.
#[derive(Clone, Debug)]
pub(super) struct Fault {
    pub(super) message: String,
    /// The type at which it came up, where that is known.
    pub(super) at: Option<&'static str>,
}

impl Fault {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Fault { message: message.into(), at: None }
    }

    /// The same fault at this type, unless one further inside is known.
    pub(super) fn or_at(mut self, name: &'static str) -> Self {
        self.at.get_or_insert(name);
        self
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Fault {}

impl serde::ser::Error for Fault {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Fault::new(message.to_string())
    }
}

impl serde::de::Error for Fault {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Fault::new(message.to_string())
    }
}
