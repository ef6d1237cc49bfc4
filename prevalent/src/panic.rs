//! Panics of the user's code, turned into values.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs the user's code, and gives the message of a panic as the error.
///
/// Whoever calls it must not go on with anything that the code may have left half changed.
pub(crate) fn catch<R>(code: impl FnOnce() -> R) -> Result<R, String> {
    catch_unwind(AssertUnwindSafe(code)).map_err(message)
}

/// Runs it like [`catch`], inside of a span. A subscriber that panics at the span is nobody's concern.
pub(crate) fn catch_in_span<R>(
    span: impl FnOnce() -> tracing::Span,
    code: impl FnOnce() -> R,
) -> Result<R, String> {
    let entered = catch(|| span().entered());
    let result = catch(code);
    drop_quietly(entered);
    result
}

/// Drops a value that nobody needs any more: if the user's `Drop` panics, that is nobody's concern.
pub(crate) fn drop_quietly<T>(value: T) {
    if std::mem::needs_drop::<T>() {
        let _ = catch(|| drop(value));
    }
}

/// What a panic said. `panic!` gives a `&str` or a `String`; `panic_any` may give anything.
fn message(payload: Box<dyn Any + Send>) -> String {
    let payload = match payload.downcast::<String>() {
        Ok(text) => return *text,
        Err(payload) => payload,
    };
    match payload.downcast::<&'static str>() {
        Ok(text) => (*text).to_owned(),
        Err(payload) => {
            discard(payload);
            "(the panic carried no text)".to_owned()
        }
    }
}

/// Drops a payload whose own `Drop` may panic, with a payload whose `Drop` may panic in turn.
fn discard(payload: Box<dyn Any + Send>) {
    // The second one is leaked: a chain of such payloads may be endless.
    if let Err(another) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
        std::mem::forget(another);
    }
}

#[cfg(test)]
mod tests {
    use std::panic::panic_any;

    use super::*;

    #[test]
    fn the_message_of_a_panic_is_kept() {
        assert_eq!(catch(|| 3), Ok(3));
        assert_eq!(catch(|| panic!("plain")), Err::<(), _>("plain".to_owned()));
        let number = 5;
        assert_eq!(catch(|| panic!("number {number}")), Err::<(), _>("number 5".to_owned()));
    }

    #[test]
    fn a_payload_without_text_is_told_as_such() {
        let error = catch(|| panic_any(17_u8)).unwrap_err();
        assert_eq!(error, "(the panic carried no text)");
    }

    #[test]
    fn a_payload_that_panics_while_it_is_dropped_harms_nobody() {
        struct Bomb(u32);
        impl Drop for Bomb {
            fn drop(&mut self) {
                if self.0 > 0 {
                    panic_any(Bomb(self.0 - 1));
                }
            }
        }
        assert!(catch(|| panic_any(Bomb(3))).is_err());
    }
}
