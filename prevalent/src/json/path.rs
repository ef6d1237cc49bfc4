//! Where in a value something is.

use std::fmt;

/// A step from a value to one inside it.
#[derive(Clone, Debug)]
pub(super) enum Step<K> {
    /// The value itself.
    Top,
    /// A field or a variant.
    Name(K),
    Index(u64),
    Key(K),
}

/// Shows a path like `items[3].price`.
pub(super) struct Path<'a, K>(pub(super) &'a [Step<K>]);

impl<K: AsRef<str>> fmt::Display for Path<'_, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut is_first = true;
        for step in self.0 {
            match step {
                Step::Top => continue,
                Step::Name(name) if is_first => f.write_str(name.as_ref())?,
                Step::Name(name) => write!(f, ".{}", name.as_ref())?,
                Step::Index(index) => write!(f, "[{index}]")?,
                Step::Key(key) => write!(f, "[{:?}]", key.as_ref())?,
            }
            is_first = false;
        }
        Ok(())
    }
}

/// So much of a path is told: what lies too deep has a very long one.
const STEPS_MAX: usize = 24;

/// `what`, with the place before it where there is one.
pub(super) fn at<K: AsRef<str>>(path: &[Step<K>], what: &dyn fmt::Display) -> String {
    let (path, more) = match path.get(..STEPS_MAX) {
        Some(beginning) if beginning.len() < path.len() => (beginning, "…"),
        _ => (path, ""),
    };
    let place = Path(path).to_string();
    if place.is_empty() { what.to_string() } else { format!("in `{place}{more}`: {what}") }
}
