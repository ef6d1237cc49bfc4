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
            // The client may try again: nothing has happened.
            Failure::Store(error) if error.effect() == Effect::None => {
                eprintln!("todos: {error}");
                StatusCode::SERVICE_UNAVAILABLE.into_response()
            }
            // It may have happened. The client has to look before it tries again.
            Failure::Store(error) => {
                eprintln!("todos: {error}");
                StatusCode::INTERNAL_SERVER_ERROR.into_response()
            }
        }
    }
}
