//! The todos, over HTTP, as `curl` would.
#![allow(missing_docs, unreachable_pub, dead_code, reason = "tests, and modules of a program")]

mod common;
#[path = "../todos/failure.rs"]
mod failure;
#[path = "../todos/model.rs"]
mod model;
#[path = "common/server.rs"]
mod server;

use std::ffi::OsString;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::time::Duration;

use axum::http::StatusCode;
use axum::response::IntoResponse;
use failure::Failure;
use model::TodosStore;
use prevalent::testing::{Fault, SimDisk};
use serde_json::{Value, json};
use server::Server;

fn durable(dir: &Path) -> Server {
    Server::start("todos", [dir.into(), OsString::from("127.0.0.1:0")])
}

/// A request to `/todos` and below: the status, and the body if it is JSON.
fn request(server: &Server, method: &str, path: &str, body: Option<Value>) -> (u16, Value) {
    let config = ureq::Agent::config_builder().http_status_as_error(false).build();
    let request =
        ureq::http::Request::builder().method(method).uri(format!("{}{path}", server.address));
    let agent = ureq::Agent::new_with_config(config);
    let response = match body {
        Some(body) => {
            let request = request.header("content-type", "application/json");
            agent.run(request.body(body.to_string()).unwrap())
        }
        None => agent.run(request.body(()).unwrap()),
    };
    let mut response = response.unwrap();
    let body = response.body_mut().read_json().unwrap_or(Value::Null);
    (response.status().as_u16(), body)
}

fn create(server: &Server, text: &str) -> Value {
    let (status, todo) = request(server, "POST", "/todos", Some(json!({"text": text})));
    assert_eq!((status, &todo["text"], &todo["completed"]), (201, &json!(text), &json!(false)));
    todo
}

fn list(server: &Server) -> Vec<Value> {
    let (status, todos) = request(server, "GET", "/todos", None);
    assert_eq!(status, 200);
    todos.as_array().unwrap().clone()
}

fn id(todo: &Value) -> String {
    format!("/todos/{}", todo["id"].as_str().unwrap())
}

#[test]
fn todos_survive_a_kill() {
    let dir = tempfile::tempdir().unwrap();
    let server = durable(dir.path());
    let (milk, bread, gone) =
        (create(&server, "milk"), create(&server, "bread"), create(&server, "gone"));
    let done = Some(json!({"completed": true}));
    assert_eq!(request(&server, "PATCH", &id(&bread), done).0, 200);
    assert_eq!(request(&server, "DELETE", &id(&gone), None).0, 204);
    let before = list(&server);
    assert_eq!(before.len(), 2);
    server.kill();

    let server = durable(dir.path());
    let after = list(&server);
    assert_eq!(after, before);
    let find =
        |id: &Value| after.iter().find(|todo| todo["id"] == *id).unwrap()["completed"] == true;
    assert_eq!((find(&milk["id"]), find(&bread["id"])), (false, true));
    assert_ne!(create(&server, "eggs")["id"], milk["id"]);
}

#[test]
fn what_many_clients_were_told_survives_a_kill_in_the_middle() {
    let dir = tempfile::tempdir().unwrap();
    let server = durable(dir.path());
    // The threads end when nobody answers any more.
    let told: Vec<Value> = std::thread::scope(|scope| {
        let clients: Vec<_> = (0..8)
            .map(|client| {
                let url = format!("{}/todos", server.address);
                scope.spawn(move || {
                    let mut told = Vec::new();
                    let agent = ureq::Agent::new_with_defaults();
                    while let Ok(mut response) =
                        agent.post(&url).send_json(json!({"text": format!("of {client}")}))
                    {
                        let Ok(todo) = response.body_mut().read_json() else { break };
                        told.push(todo);
                    }
                    told
                })
            })
            .collect();
        std::thread::sleep(Duration::from_millis(300));
        server.kill();
        clients.into_iter().flat_map(|client| client.join().unwrap()).collect()
    });
    assert!(!told.is_empty());

    let server = durable(dir.path());
    let there = list(&server);
    let (mut page, mut offset) = (there, 0);
    let mut all = Vec::new();
    while !page.is_empty() {
        offset += page.len();
        all.append(&mut page);
        let (_, next) = request(&server, "GET", &format!("/todos?offset={offset}"), None);
        page = next.as_array().unwrap().clone();
    }
    for todo in told {
        assert!(all.contains(&todo), "{todo} was promised");
    }
}

#[test]
fn a_signal_lets_a_request_end_and_closes_the_store() {
    for signal in ["TERM", "INT"] {
        let dir = tempfile::tempdir().unwrap();
        let server = durable(dir.path());
        create(&server, "milk");

        // Half a request is on its way when the signal comes.
        let mut slow = TcpStream::connect(server.address.trim_start_matches("http://")).unwrap();
        let body = r#"{"text":"bread"}"#;
        let head = format!(
            "POST /todos HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        slow.write_all(head.as_bytes()).unwrap();
        slow.write_all(&body.as_bytes()[..5]).unwrap();
        std::thread::sleep(Duration::from_millis(200));
        let stopped = std::thread::spawn(move || server.stop(signal));
        std::thread::sleep(Duration::from_millis(200));
        slow.write_all(&body.as_bytes()[5..]).unwrap();
        let mut answer = String::new();
        slow.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 201 "), "{answer}");

        let (status, said) = stopped.join().unwrap();
        assert!(status.success(), "{status}");
        assert_eq!(said, "closed: 2 todos\n");
        let names = std::fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name());
        let snapshots = names.filter(|name| name.to_string_lossy().ends_with(".snapshot")).count();
        assert!(snapshots > 1, "`close` takes a snapshot");
        assert_eq!(list(&durable(dir.path())).len(), 2);
    }
}

#[test]
fn with_a_store_and_in_memory_the_answers_are_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let servers = [durable(dir.path()), Server::start("todos_in_memory", ["127.0.0.1:0"])];
    let [durable, in_memory] = servers.map(|server| {
        let mut answers = Vec::new();
        let mut ask = |method, path: &str, body| {
            let (status, mut body) = request(&server, method, path, body);
            if let Some(todo) = body.as_object_mut() {
                todo.remove("id");
            }
            answers.push((status, body));
        };
        let milk = id(&create(&server, "milk"));
        let nobody = "/todos/00000000-0000-4000-8000-000000000000";
        ask("GET", "/todos?offset=1", None);
        ask("GET", "/todos?limit=0", None);
        ask("GET", "/todos?limit=many", None);
        ask("POST", "/todos", Some(json!({"words": "bread"})));
        ask("POST", "/todos", None);
        ask("PATCH", &milk, Some(json!({})));
        ask("PATCH", &milk, Some(json!({"text": "oat milk", "completed": true})));
        ask("PATCH", &milk, Some(json!({"completed": false})));
        ask("PATCH", nobody, Some(json!({"completed": false})));
        ask("PATCH", "/todos/1", Some(json!({"completed": false})));
        ask("DELETE", &milk, None);
        ask("DELETE", &milk, None);
        ask("GET", "/todos", None);
        ask("PUT", "/todos", None);
        answers
    });
    assert_eq!(durable, in_memory);
    let statuses: Vec<u16> = durable.iter().map(|(status, _)| *status).collect();
    assert_eq!(
        statuses,
        [200, 200, 400, 422, 415, 200, 200, 200, 404, 400, 204, 404, 200, 405],
        "{durable:?}"
    );
}

#[test]
fn a_server_that_cannot_serve_says_why() {
    let dir = tempfile::tempdir().unwrap();
    let server = durable(dir.path());
    let second = common::example("todos").arg(dir.path()).arg("127.0.0.1:0").output().unwrap();
    assert_eq!(second.status.code(), Some(1));
    assert!(String::from_utf8(second.stderr).unwrap().contains("is open already"));

    let other = tempfile::tempdir().unwrap();
    let address = server.address.trim_start_matches("http://");
    let second = common::example("todos").arg(other.path()).arg(address).output().unwrap();
    assert_eq!(second.status.code(), Some(1));
    assert!(String::from_utf8(second.stderr).unwrap().starts_with("todos: 127.0.0.1:"));
}

#[test]
fn only_what_may_succeed_later_is_told_to_be_tried_again() {
    let status = |error: prevalent::Error| Failure::from(error).into_response().status();
    let create = |store: &TodosStore, bytes: usize| store.create("x".repeat(bytes)).wait();

    let busy = TodosStore::builder_in_memory().pending_bytes(1 << 10).open().wait().unwrap();
    let commits: Vec<_> = (0..1000).map(|_| busy.create("x".repeat(1 << 12))).collect();
    let overloaded = commits.into_iter().find_map(|commit| commit.wait().err()).unwrap();
    assert_eq!(status(overloaded), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(status(prevalent::Error::Rebuilding), StatusCode::SERVICE_UNAVAILABLE);

    let disk = SimDisk::new();
    let store = TodosStore::builder_in_memory().on_disk(disk.clone()).open().wait().unwrap();
    let too_large = create(&store, 17 << 20).unwrap_err();
    assert_eq!(status(too_large), StatusCode::PAYLOAD_TOO_LARGE);
    create(&store, 1).unwrap();
    disk.fail_from(disk.operations().len(), Fault::Eio);
    let in_doubt = create(&store, 1).unwrap_err();
    assert_eq!(status(in_doubt), StatusCode::GATEWAY_TIMEOUT);
    // The disk does not get well by itself.
    let failed = create(&store, 1).unwrap_err();
    assert_eq!(status(failed), StatusCode::INTERNAL_SERVER_ERROR);
}
