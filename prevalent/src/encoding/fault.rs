//! What the serializer and the deserializer fail with.

use std::fmt;

/// The error type that serde sees.
#[derive(Debug)]
pub(super) enum Fault {
    /// The output took no more bytes; it knows why.
    OutputFull,
    /// The value, or the bytes, are refused. Boxed, to keep the `Result` of the good case small.
    Refused(Box<Refusal>),
}

/// What is wrong, and where.
#[derive(Debug)]
pub(super) struct Refusal {
    /// The fields that lead there, the innermost first.
    path: Vec<&'static str>,
    message: String,
}

impl Fault {
    pub(super) fn refused(message: impl Into<String>) -> Self {
        Fault::Refused(Box::new(Refusal { path: Vec::new(), message: message.into() }))
    }

    /// The same fault, seen from outside of `field`.
    pub(super) fn in_field(mut self, field: &'static str) -> Self {
        if let Fault::Refused(refusal) = &mut self {
            refusal.path.push(field);
        }
        self
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::OutputFull => f.write_str("the output is full"),
            Fault::Refused(refusal) => refusal.fmt(f),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((inner, outer)) = self.path.split_first() {
            f.write_str("in field `")?;
            for field in outer.iter().rev() {
                write!(f, "{field}.")?;
            }
            write!(f, "{inner}`: ")?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for Fault {}

impl serde::ser::Error for Fault {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Fault::refused(message.to_string())
    }
}

impl serde::de::Error for Fault {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Fault::refused(message.to_string())
    }
}
