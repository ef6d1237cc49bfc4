//! The service of `main.rs` before it had a store: axum's well-known API of todos, which forgets all of them when it ends.
//!
//! ```sh
//! cargo run --release --example todos_in_memory       # or: -- 127.0.0.1:3000
//! ```
#![expect(unreachable_pub, reason = "`pub` is what a module offers to the others of this program")]

mod serve;

use std::collections::BTreeMap;
use std::io::Write;
use std::process::ExitCode;
use std::sync::{Arc, PoisonError, RwLock};

use axum::extract::{FromRef, Path, Query, State};
use axum::http::StatusCode;
use axum::routing::{get, patch};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::serve::{PageLimit, Pagination, serve};

/// What the handlers share.
#[derive(Clone)]
struct AppState {
    todos: Db,
    page_limit: PageLimit,
}

type Db = Arc<RwLock<BTreeMap<Uuid, Todo>>>;

/// So a handler takes just what it needs: `State<Db>`.
impl FromRef<AppState> for Db {
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
            eprintln!("todos_in_memory: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args_os().skip(1);

    let todos = Db::default();
    let state = AppState { todos: todos.clone(), page_limit: PageLimit::default() };
    let routes = Router::new()
        .route("/todos", get(todos_index).post(todos_create))
        .route("/todos/{id}", patch(todos_update).delete(todos_delete))
        .with_state(state);
    serve(routes, arguments.next()).await?;

    let todos = todos.read().unwrap_or_else(PoisonError::into_inner);
    writeln!(std::io::stdout(), "gone: {} todos", todos.len())?;
    Ok(())
}

async fn todos_index(
    State(todos): State<Db>,
    State(limit): State<PageLimit>,
    Query(pagination): Query<Pagination>,
) -> Json<Vec<Todo>> {
    let todos = todos.read().unwrap_or_else(PoisonError::into_inner);
    let page = todos.values().skip(pagination.offset).take(limit.of(&pagination));
    Json(page.cloned().collect())
}

#[derive(Deserialize)]
struct CreateTodo {
    text: String,
}

async fn todos_create(
    State(todos): State<Db>,
    Json(input): Json<CreateTodo>,
) -> (StatusCode, Json<Todo>) {
    let todo = Todo { id: Uuid::new_v4(), text: input.text, completed: false };
    todos.write().unwrap_or_else(PoisonError::into_inner).insert(todo.id, todo.clone());
    (StatusCode::CREATED, Json(todo))
}

#[derive(Deserialize)]
struct Change {
    text: Option<String>,
    completed: Option<bool>,
}

async fn todos_update(
    State(todos): State<Db>,
    Path(id): Path<Uuid>,
    Json(change): Json<Change>,
) -> Result<Json<Todo>, StatusCode> {
    let mut todos = todos.write().unwrap_or_else(PoisonError::into_inner);
    let todo = todos.get_mut(&id).ok_or(StatusCode::NOT_FOUND)?;
    if let Some(text) = change.text {
        todo.text = text;
    }
    if let Some(completed) = change.completed {
        todo.completed = completed;
    }
    Ok(Json(todo.clone()))
}

async fn todos_delete(
    State(todos): State<Db>,
    Path(id): Path<Uuid>,
) -> Result<StatusCode, StatusCode> {
    let todo = todos.write().unwrap_or_else(PoisonError::into_inner).remove(&id);
    todo.map(|_| StatusCode::NO_CONTENT).ok_or(StatusCode::NOT_FOUND)
}

#[derive(Clone, Serialize)]
struct Todo {
    id: Uuid,
    text: String,
    completed: bool,
}
