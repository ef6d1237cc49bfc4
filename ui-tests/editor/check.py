#!/usr/bin/env python3
"""Checks, by driving rust-analyzer over LSP, what an editor does with a model: completion in a half-typed method, hover,
go to definition, rename, and all of that beside a mistake.

    python3 ui-tests/editor/check.py

It takes `$RUST_ANALYZER`, or `rust-analyzer`. A toolchain without one: `cargo install ra_ap_rust-analyzer --version 0.0.340
--locked` builds with Rust 1.95. Where there is none, or the toolchain has no server for procedural macros, it prints *not
checked* and succeeds. `model.rs` beside this script is what is edited.
"""
import json, os, pathlib, queue, subprocess, sys, tempfile, threading, time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
# Loading a workspace for the first time builds its macros.
PATIENCE = 600


class Server:
    """A language server, and one document."""

    def __init__(self, command, root):
        self.process = subprocess.Popen([command], cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.messages, self.next_id, self.version = queue.Queue(), 0, 0
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        out = self.process.stdout
        while True:
            length = 0
            while line := out.readline().strip():
                name, _, value = line.partition(b":")
                if name.lower() == b"content-length":
                    length = int(value)
            if not length:
                return self.messages.put(None)
            self.messages.put(json.loads(out.read(length)))

    def send(self, message):
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.process.stdin.flush()

    def receive(self, wanted):
        """The first message that is wanted; what the server asks meanwhile gets an answer without content."""
        deadline = time.monotonic() + PATIENCE
        while True:
            message = self.messages.get(timeout=max(0.1, deadline - time.monotonic()))
            if message is None:
                raise RuntimeError("the server has ended")
            if "method" in message and "id" in message:
                items = message["params"].get("items", []) if message["method"] == "workspace/configuration" else []
                self.send({"id": message["id"], "result": [None for _ in items] or None})
            elif wanted(message):
                return message

    def request(self, method, params):
        for _ in range(100):
            self.next_id += 1
            id = self.next_id
            self.send({"id": id, "method": method, "params": params})
            answer = self.receive(lambda message: message.get("id") == id and "method" not in message)
            # The content was modified while it was analysed: once more.
            if answer.get("error", {}).get("code") != -32801:
                break
            time.sleep(0.1)
        if "error" in answer:
            raise RuntimeError("%s: %s" % (method, answer["error"]["message"]))
        return answer["result"]

    def notify(self, method, params):
        self.send({"method": method, "params": params})

    def start(self, root):
        self.request("initialize", {
            "processId": os.getpid(),
            "rootUri": root.as_uri(),
            "capabilities": {
                "experimental": {"serverStatusNotification": True},
                "textDocument": {"completion": {"completionItem": {"snippetSupport": False}}, "rename": {"prepareSupport": False}},
                "workspace": {"workspaceEdit": {"documentChanges": False}},
            },
            "initializationOptions": {"checkOnSave": False, "cachePriming": {"enable": False}},
        })
        self.notify("initialized", {})
        quiet = lambda message: message.get("method") == "experimental/serverStatus" and message["params"].get("quiescent")
        return self.receive(quiet)["params"]

    def show(self, path, text):
        self.uri, self.text, self.version = path.as_uri(), text, self.version + 1
        path.write_text(text)
        document = {"uri": self.uri, "version": self.version}
        if self.version == 1:
            self.notify("textDocument/didOpen", {"textDocument": {**document, "languageId": "rust", "text": text}})
        else:
            self.notify("textDocument/didChange", {"textDocument": document, "contentChanges": [{"text": text}]})

    def at(self, words, within):
        """The position of `within` in the first place where `words` stand."""
        offset = self.text.index(words) + words.index(within)
        line = self.text.count("\n", 0, offset)
        return {"textDocument": {"uri": self.uri}, "position": {"line": line, "character": offset - self.text.rfind("\n", 0, offset) - 1}}

    def behind(self, words):
        place = self.at(words, words)
        place["position"]["character"] += len(words)
        return place


def line_of(text, words):
    return text.count("\n", 0, text.index(words))


def hover(server, words, within):
    answer = server.request("textDocument/hover", server.at(words, within))
    return answer["contents"]["value"] if answer else ""


def definitions(server, words, within):
    answer = server.request("textDocument/definition", server.at(words, within)) or []
    places = answer if isinstance(answer, list) else [answer]
    return [(place.get("targetSelectionRange") or place["range"])["start"]["line"] for place in places]


def completions(server, words):
    answer = server.request("textDocument/completion", server.behind(words)) or []
    items = answer["items"] if isinstance(answer, dict) else answer
    return [item["label"].split("(")[0].strip() for item in items]


def checks(server, path, model):
    """(what, whether it is so)"""
    server.show(path, model)
    definition = line_of(model, "fn create_session")
    yield "hover over a store's method shows the documentation of the model's", \
        "Creates a session" in hover(server, "store.create_session(", "create_session")
    yield "hover over a store's method shows what it gives", "Commit" in hover(server, "store.create_session(", "create_session") \
        or "Submit" in hover(server, "store.create_session(", "create_session")
    yield "go to definition leads from a store's method to the model's", definition in definitions(server, "store.create_session(", "create_session")
    yield "go to definition leads from a store's query to the model's", \
        line_of(model, "fn user_of") in definitions(server, "store.user_of(", "user_of")
    yield "completion knows a store's methods", {"create_session", "end_session", "user_of"} <= set(completions(server, "store."))

    edit = server.request("textDocument/rename", {**server.at("fn create_session", "create_session"), "newName": "begin_session"})
    changes = [change for document in edit.get("documentChanges", []) for change in document["edits"]]
    changes += [change for document in edit.get("changes", {}).values() for change in document]
    lines = sorted({change["range"]["start"]["line"] for change in changes})
    yield "rename of a model's method renames the calls", lines == [definition, line_of(model, "store.create_session(")]

    half = model.replace("self.by_token.insert(token, user);", "self.by_tok")
    server.show(path, half)
    yield "completion in a half-typed transaction knows the model's fields", "by_token" in completions(server, "self.by_tok")
    half = model.replace("self.by_token.insert(token, user);", "tok")
    server.show(path, half)
    yield "completion in a half-typed transaction knows the arguments", "token" in completions(server, "        tok")

    mistaken = model.replace("#[tx]\n    pub fn end_session(&mut self", "#[tx]\n    pub async fn end_session(&mut self")
    assert mistaken != model
    server.show(path, mistaken)
    yield "beside a mistake, the model's other methods are still there", "Creates a session" in hover(server, "fn create_session", "create_session")
    yield "beside a mistake, a store's methods are still there", \
        definition in definitions(server, "store.create_session(", "create_session")
    mistaken = mistaken.replace("self.by_token.insert(token, user);", "self.by_tok")
    server.show(path, mistaken)
    yield "beside a mistake, completion goes on", "by_token" in completions(server, "self.by_tok")


def not_checked(why):
    print("not checked: " + why)
    sys.exit(0)


def main():
    command = os.environ.get("RUST_ANALYZER", "rust-analyzer")
    try:
        version = subprocess.run([command, "--version"], capture_output=True, text=True)
    except FileNotFoundError:
        not_checked("there is no rust-analyzer")
    if version.returncode != 0:
        not_checked("rust-analyzer does not run: " + version.stderr.strip().split("\n")[0])
    sysroot = subprocess.run(["rustc", "--print", "sysroot"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()
    if not (pathlib.Path(sysroot) / "libexec/rust-analyzer-proc-macro-srv").exists():
        not_checked("the toolchain has no server for procedural macros")
    print(version.stdout.strip())
    with tempfile.TemporaryDirectory() as directory:
        root = pathlib.Path(directory)
        (root / "src").mkdir()
        (root / "rust-toolchain.toml").write_text((ROOT / "rust-toolchain.toml").read_text())
        (root / "Cargo.toml").write_text(
            '[package]\nname = "edited"\nversion = "0.0.0"\nedition = "2024"\n\n[dependencies]\n'
            'prevalent = { path = %s }\n\n[workspace]\n' % json.dumps(str(ROOT / "prevalent")))
        model, path = (HERE / "model.rs").read_text(), root / "src/main.rs"
        path.write_text(model)
        server = Server(command, root)
        status = server.start(root)
        if status.get("health") == "error":
            not_checked("rust-analyzer could not load the project: " + str(status.get("message")))
        good = True
        for what, is_so in checks(server, path, model):
            print(("ok      " if is_so else "FAILED  ") + what, flush=True)
            good &= is_so
        server.request("shutdown", None)
        server.notify("exit", None)
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
