//! `docs/clippy.toml`: clippy flags the usual mistakes, each with the lint that it should, and nothing else; and none of its lines
//! is idle.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// A line that must be flagged ends in `//~` and the name of the lint.
const MODELS: &str = r#"
#![warn(clippy::iter_over_hash_type)]
use std::collections::{BTreeMap, HashMap, HashSet};

pub struct Model {
    pub map: HashMap<u32, u32>,
    pub set: HashSet<u32>,
    pub shared_map: imbl::HashMap<u32, u32>,
    pub shared_set: imbl::HashSet<u32>,
    pub sorted: BTreeMap<u32, u32>,
    pub log: Vec<u32>,
    pub ratio: f64,
}

impl Model {
    pub fn clock(&mut self) -> bool {
        std::time::SystemTime::now() > std::time::UNIX_EPOCH //~ disallowed_methods
    }
    pub fn stopwatch(&mut self) -> std::time::Duration {
        let now = std::time::Instant::now(); //~ disallowed_methods
        now.elapsed() //~ disallowed_methods
    }
    pub fn random(&mut self) -> std::hash::RandomState {
        std::hash::RandomState::new() //~ disallowed_methods
    }
    pub fn hash(&mut self) -> std::hash::DefaultHasher {
        std::hash::DefaultHasher::new() //~ disallowed_methods
    }
    pub fn order(&mut self) {
        for (key, value) in &self.map { //~ iter_over_hash_type
            self.log.push(key + value);
        }
        for key in &self.set { //~ iter_over_hash_type
            self.log.push(*key);
        }
        let first = self.map.values().next(); //~ disallowed_methods
        self.log.extend(first);
        self.log.extend(self.set.iter()); //~ disallowed_methods
        self.log.extend(self.set.drain()); //~ disallowed_methods
        let mut left = 3;
        self.map.retain(|_, _| { left -= 1; left > 0 }); //~ disallowed_methods
        self.set.retain(|_| { left += 1; left > 3 }); //~ disallowed_methods
        self.log.extend(self.set.extract_if(|_| true)); //~ disallowed_methods
        drop(self.map.extract_if(|_, _| true)); //~ disallowed_methods
    }
    pub fn order_of_persistent_ones(&mut self) {
        self.log.extend(self.shared_map.iter().map(|(key, _)| key)); //~ disallowed_methods
        self.log.extend(self.shared_map.keys()); //~ disallowed_methods
        self.log.extend(self.shared_map.values()); //~ disallowed_methods
        self.log.extend(self.shared_map.iter_mut().map(|(key, _)| key)); //~ disallowed_methods
        self.log.extend(self.shared_set.iter()); //~ disallowed_methods
        let mut left = 3;
        self.shared_map.retain(|_, _| { left -= 1; left > 0 }); //~ disallowed_methods
        self.shared_set.retain(|_| { left += 1; left > 3 }); //~ disallowed_methods
    }
    pub fn variable(&mut self) -> Option<std::ffi::OsString> {
        std::env::var_os("LIMIT") //~ disallowed_methods
    }
    pub fn directory(&mut self) -> bool {
        std::env::current_dir().is_ok() //~ disallowed_methods
    }
    pub fn file(&mut self) -> bool {
        std::fs::read("limits").is_ok() //~ disallowed_methods
    }
    pub fn thread(&mut self) -> std::thread::ThreadId {
        std::thread::current().id() //~ disallowed_methods
    }
    pub fn process(&mut self) -> u32 {
        std::process::id() //~ disallowed_methods
    }
    pub fn address(&mut self) -> usize {
        std::ptr::from_ref(&self.log).addr() //~ disallowed_methods
    }
    pub fn floats(&mut self) {
        self.ratio = self.ratio.sin(); //~ disallowed_methods
        self.ratio = f64::powf(self.ratio, 0.3); //~ disallowed_methods
        self.ratio = f64::from(3.0_f32.exp()); //~ disallowed_methods
    }
    pub fn global(&mut self) -> u64 {
        static NEXT: std::sync::atomic::AtomicU64 = //~ disallowed_types
            std::sync::atomic::AtomicU64::new(0); //~ disallowed_types
        NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed)
    }
    pub fn thread_local(&mut self) -> u32 {
        thread_local! { static NEXT: std::cell::Cell<u32> = const { std::cell::Cell::new(0) }; } //~ disallowed_macros
        NEXT.get()
    }
    pub fn build(&mut self) -> Option<&'static str> {
        option_env!("LIMIT") //~ disallowed_macros
    }

    pub fn clean(&mut self, key: u32, limit: &str) -> Option<u32> {
        let value = self.map.get(&key).copied();
        self.map.entry(key).and_modify(|value| *value += 1).or_insert(limit.len() as u32);
        self.set.insert(key);
        for (key, value) in &self.sorted {
            self.log.push(key + value);
        }
        self.log.extend(self.sorted.values());
        #[expect(clippy::disallowed_methods, reason = "a sum has no order")]
        let sum: u32 = self.map.values().sum();
        self.ratio = (self.ratio * 2.0 + f64::from(sum)).sqrt();
        value
    }
}
"#;

#[test]
fn each_mistake_is_flagged_and_nothing_else() {
    if !is_installed() {
        // Not by a macro, whose output a test that passes keeps to itself.
        writeln!(std::io::stderr(), "clippy is not installed: its configuration was not tested")
            .unwrap();
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    write(
        dir.path(),
        "Cargo.toml",
        "[package]\nname = \"models\"\nedition = \"2024\"\n[dependencies]\nimbl = \"7\"\n[workspace]\n",
    );
    // The versions that are on this machine already.
    std::fs::copy(docs().join("../Cargo.lock"), dir.path().join("Cargo.lock")).unwrap();
    let models = format!("{MODELS}{}", all_that_clippy_does_not_look_up());
    write(dir.path(), "src/lib.rs", &models);
    let output = cargo(dir.path())
        .args(["clippy", "--quiet", "--offline", "--message-format=json"])
        .env("CLIPPY_CONF_DIR", docs())
        .output()
        .unwrap();
    let messages = String::from_utf8(output.stdout).unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{messages}\n{told}");

    let mut flagged: Vec<(u64, String)> = messages.lines().filter_map(flag).collect();
    flagged.sort();
    flagged.dedup();
    let expected: Vec<(u64, String)> = (1..)
        .zip(models.lines())
        .filter_map(|(line, text)| Some((line, format!("clippy::{}", text.split_once("//~ ")?.1))))
        .collect();
    assert!(expected.len() > 100, "{expected:?}");
    assert_eq!(flagged, expected);
}

/// A line for each function of numbers, and for each type: clippy says so itself where another path leads nowhere, but not of a
/// function of a number that doesn't exist.
fn all_that_clippy_does_not_look_up() -> String {
    let configuration = std::fs::read_to_string(docs().join("clippy.toml")).unwrap();
    let paths = |of: &str| -> Vec<String> {
        let rest = configuration.split_once(of).unwrap().1;
        let list = rest.split_once("\n]\n").unwrap().0;
        let paths =
            list.lines().filter_map(|line| line.split("path = \"").nth(1)?.split('"').next());
        paths.map(str::to_owned).collect()
    };
    let methods = paths("disallowed-methods = [");
    let of = |number: &str| -> Vec<&str> {
        methods.iter().filter_map(|path| path.strip_prefix(number)).collect()
    };
    assert_eq!(of("f32::"), of("f64::"));

    let mut source = "pub fn numbers() {\n".to_owned();
    for path in methods.iter().filter(|path| path.starts_with("f32::") || path.starts_with("f64::"))
    {
        writeln!(source, "    let _ = {path}; //~ disallowed_methods").unwrap();
    }
    source += "}\n";
    for (number, path) in paths("disallowed-types = [").iter().enumerate() {
        let has_parameter = !path.contains("Atomic") || path.ends_with("Ptr");
        let parameter = if has_parameter { "<u8>" } else { "" };
        writeln!(source, "pub type Type{number} = {path}{parameter}; //~ disallowed_types")
            .unwrap();
    }
    source
}

/// What a line of cargo's output flags: the line of the source, and the lint.
fn flag(told: &str) -> Option<(u64, String)> {
    let told: Value = serde_json::from_str(told).ok()?;
    let message = told.get("message")?;
    let is_primary = |span: &&Value| span["is_primary"] == true;
    let span = message["spans"].as_array()?.iter().find(is_primary);
    let lint = message["code"]["code"].as_str().unwrap_or("no lint").to_owned();
    // What has no place concerns the configuration itself.
    Some((span.map_or(0, |span| span["line_start"].as_u64().unwrap_or(0)), lint))
}

fn is_installed() -> bool {
    Command::new(env!("CARGO"))
        .args(["clippy", "--version"])
        .output()
        .is_ok_and(|output| output.status.success())
}

fn cargo(dir: &Path) -> Command {
    let mut command = Command::new(env!("CARGO"));
    command.current_dir(dir).env("CARGO_TARGET_DIR", dir.join("target"));
    // Flags of whoever runs this test are not meant for the crate that it makes.
    for variable in
        ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CLIPPY_ARGS", "RUSTC_WORKSPACE_WRAPPER"]
    {
        command.env_remove(variable);
    }
    command
}

fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs")
}

fn write(dir: &Path, name: &str, text: &str) {
    let path = dir.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}
