//! What a client is told when a request fails.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use prevalent::{Effect, Error};

/// Why there is no answer.
pub enum Failure {
    /// There is no such todo.
    NotFound,
    /// The store could not commit.
    Store(Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Failure::Store(error)
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        match self {
            Failure::NotFound => StatusCode::NOT_FOUND.into_response(),
            Failure::Store(error) => {
                // The text has paths in it: for the log, not for the client.
                eprintln!("todos: {error}");
                status(&error).into_response()
            }
        }
    }
}

fn status(error: &Error) -> StatusCode {
    match error {
        // Nothing has happened: the client may try again in a moment.
        Error::Overloaded { .. } | Error::Rebuilding => StatusCode::SERVICE_UNAVAILABLE,
        Error::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
        // It may have happened: the client has to look before it tries again.
        error if error.effect() == Effect::Unknown => StatusCode::GATEWAY_TIMEOUT,
        // Nothing has happened, and nothing would.
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}
