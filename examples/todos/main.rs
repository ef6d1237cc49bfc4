//! A web service that forgets nothing: axum's well-known API of todos, with a store in the place of `Arc<RwLock<BTreeMap>>`.
//!
//! ```sh
//! cargo run --release --example todos                 # or: -- data/todos 127.0.0.1:3000
//! curl -d '{"text":"buy milk"}' -H 'content-type: application/json' localhost:3000/todos
//! curl localhost:3000/todos                           # kill -9 the server, start it again: it is still there
//! curl -X PATCH -d '{"completed":true}' -H 'content-type: application/json' localhost:3000/todos/ID
//! curl -X DELETE localhost:3000/todos/ID
//! ```
//!
//! It prints `listening on http://127.0.0.1:3000`, and runs until ctrl-c or SIGTERM: then it answers what it was asked,
//! closes the store, and prints `closed: 2 todos`. A `201` means that the todo is on stable storage.
//!
//! `in_memory.rs` is the same service before it had a store (`--example todos_in_memory`). To see what has changed:
//! `diff examples/todos/in_memory.rs examples/todos/main.rs`. The lock and the map have gone to `model.rs`, as plain methods.
#![expect(unreachable_pub, reason = "`pub` is what a module offers to the others of this program")]

mod failure;
mod model;
mod serve;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use axum::extract::{FromRef, Path, Query, State};
use axum::http::StatusCode;
use axum::routing::{get, patch};
use axum::{Json, Router};
use serde::Deserialize;
use uuid::Uuid;

use crate::failure::Failure;
use crate::model::{Change, Todo, TodosStore};
use crate::serve::{PageLimit, Pagination, serve};

/// What the handlers share. The store is cheap to clone, and needs neither an `Arc` nor a lock.
#[derive(Clone)]
struct AppState {
    todos: TodosStore,
    page_limit: PageLimit,
}

/// So a handler takes just what it needs: `State<TodosStore>`.
impl FromRef<AppState> for TodosStore {
    fn from_ref(state: &AppState) -> Self {
        state.todos.clone()
    }
}

impl FromRef<AppState> for PageLimit {
    fn from_ref(state: &AppState) -> Self {
        state.page_limit
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("todos: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args_os().skip(1);
    let dir = arguments.next().map_or_else(|| "data/todos".into(), PathBuf::from);

    let todos = TodosStore::open(dir).await?;
    let state = AppState { todos: todos.clone(), page_limit: PageLimit::default() };
    let routes = Router::new()
        .route("/todos", get(todos_index).post(todos_create))
        .route("/todos/{id}", patch(todos_update).delete(todos_delete))
        .with_state(state);
    serve(routes, arguments.next()).await?;

    // All requests are answered. A snapshot, so that the next start has nothing to replay; then the lock is freed.
    todos.close().await?;
    writeln!(std::io::stdout(), "closed: {} todos", todos.page(0, usize::MAX).len())?;
    Ok(())
}

/// A read of memory: nothing to await, nothing that could fail.
async fn todos_index(
    State(todos): State<TodosStore>,
    State(limit): State<PageLimit>,
    Query(pagination): Query<Pagination>,
) -> Json<Vec<Todo>> {
    Json(todos.page(pagination.offset, limit.of(&pagination)))
}

#[derive(Deserialize)]
struct CreateTodo {
    text: String,
}

async fn todos_create(
    State(todos): State<TodosStore>,
    Json(input): Json<CreateTodo>,
) -> Result<(StatusCode, Json<Todo>), Failure> {
    let todo = todos.create(input.text).await?; // durable when this returns
    Ok((StatusCode::CREATED, Json(todo)))
}

async fn todos_update(
    State(todos): State<TodosStore>,
    Path(id): Path<Uuid>,
    Json(change): Json<Change>,
) -> Result<Json<Todo>, Failure> {
    let todo = todos.update(id, change).await?;
    todo.map(Json).ok_or(Failure::NotFound)
}

async fn todos_delete(
    State(todos): State<TodosStore>,
    Path(id): Path<Uuid>,
) -> Result<StatusCode, Failure> {
    let todo = todos.delete(id).await?;
    todo.map(|_| StatusCode::NO_CONTENT).ok_or(Failure::NotFound)
}
