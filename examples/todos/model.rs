//! The model: what is to be done. `BTreeMap::insert` and `BTreeMap::remove` of the version in memory are transactions here.

use std::collections::BTreeMap;

use prevalent::{TxContext, prevalent};
use uuid::Uuid;

/// All that is to be done.
#[prevalent]
#[derive(Debug, Default)]
pub struct Todos {
    todos: BTreeMap<Uuid, Todo>,
}

/// Something to do: stored like this, and sent like this.
#[prevalent::data]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Todo {
    /// Whose number no other one has.
    pub id: Uuid,
    /// What to do.
    pub text: String,
    /// Whether it is done.
    pub completed: bool,
}

/// What to change: the body of a `PATCH`, and the argument of a transaction.
#[prevalent::data]
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// Another text, if any.
    pub text: Option<String>,
    /// Whether it is done, if that changes.
    pub completed: Option<bool>,
}

#[prevalent]
impl Todos {
    /// Adds something to do. Its id is random, and the same one in every replay: `Uuid::new_v4()` would be another one.
    #[tx]
    pub fn create(&mut self, text: String, cx: &TxContext) -> Todo {
        let mut random = [0; 16];
        cx.rng().fill(&mut random);
        let id = uuid::Builder::from_random_bytes(random).into_uuid();
        let todo = Todo { id, text, completed: false };
        self.todos.insert(id, todo.clone());
        todo
    }

    /// Changes a todo, and gives it as it is then; `None` if there is no such.
    #[tx]
    pub fn update(&mut self, id: Uuid, change: Change) -> Option<Todo> {
        let todo = self.todos.get_mut(&id)?;
        if let Some(text) = change.text {
            todo.text = text;
        }
        if let Some(completed) = change.completed {
            todo.completed = completed;
        }
        Some(todo.clone())
    }

    /// Takes a todo away, and gives it; `None` if there is no such.
    #[tx]
    pub fn delete(&mut self, id: Uuid) -> Option<Todo> {
        self.todos.remove(&id)
    }

    /// Some todos: so many, after so many others.
    #[query]
    pub fn page(&self, offset: usize, limit: usize) -> Vec<Todo> {
        self.todos.values().skip(offset).take(limit).cloned().collect()
    }
}
