//! What the macro costs, on a model of a hundred methods: `cargo run --release -p prevalent-derive --example cost`.
//!
//! The time of the expansion, and the time of `cargo check` on a crate with the model, beside one with the same written
//! by hand. The two crates are made in `target/cost`.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};
use std::{env, fs, io};

use proc_macro2::TokenStream;

// A crate of macros gives out nothing but macros, so its modules are compiled once more here.
#[path = "../src/errors.rs"]
mod errors;
#[path = "../src/expand/mod.rs"]
mod expand;
#[expect(dead_code, reason = "one of the macros is measured")]
#[path = "../src/macros.rs"]
mod macros;
#[path = "../src/model/mod.rs"]
mod model;
#[path = "../src/syntax/mod.rs"]
mod syntax;

const METHODS: usize = 100;
const RUNS: usize = 11;

fn main() -> io::Result<()> {
    let block = methods("    #[tx]\n");
    let tokens: TokenStream = block.parse().expect("the block is Rust");
    let expansion = median(|| {
        let start = Instant::now();
        let expanded = macros::prevalent(TokenStream::new(), tokens.clone());
        let elapsed = start.elapsed();
        drop(expanded);
        Ok(elapsed)
    })?;
    println!("expansion of {METHODS} methods: {expansion:.1?}");

    let model = "#[derive(Debug, Default)]\npub struct Many {\n    n: u64,\n}\n\n";
    let by_macro = format!(
        "use prevalent::prevalent;\n\n#[prevalent::data]\npub struct Step(pub u64);\n\n#[prevalent]\n{model}#[prevalent]\n{block}"
    );
    let by_macro = Measured::new("by_macro", by_macro)?;
    let by_hand = Measured::new("by_hand", written_by_hand(model))?;
    // In turns, and the least of each: what else the machine does is no part of it.
    let (mut least_macro, mut least_hand) = (Duration::MAX, Duration::MAX);
    for _ in 0..RUNS {
        least_macro = least_macro.min(by_macro.check()?);
        least_hand = least_hand.min(by_hand.check()?);
    }
    let (by_macro, by_hand) = (least_macro, least_hand);
    println!("cargo check by macro:  {by_macro:.0?}");
    println!("cargo check by hand:   {by_hand:.0?}");
    println!(
        "the macro adds:        {:.0} %",
        (by_macro.as_secs_f64() / by_hand.as_secs_f64() - 1.0) * 100.0
    );
    Ok(())
}

/// The block of the model, with this above each method.
fn methods(marker: &str) -> String {
    let mut block = "impl Many {\n".to_owned();
    for n in 0..METHODS {
        let Argument { taken, amount, .. } = argument(n);
        let _ = writeln!(
            block,
            "{marker}    pub fn add_{n}(&mut self, by: {taken}, times: u64) -> Option<u64> {{\n        \
             self.n += {amount} * times;\n        Some(self.n)\n    }}"
        );
    }
    block + "}\n"
}

/// Half of the arguments are owned, a quarter is borrowed, and a quarter of a type of the user's own.
fn argument(n: usize) -> Argument {
    match n % 4 {
        0 | 2 => {
            Argument { taken: "String", held: "String", lent: "by", amount: "by.len() as u64" }
        }
        1 => Argument { taken: "&str", held: "String", lent: "&by", amount: "by.len() as u64" },
        _ => Argument { taken: "Step", held: "Step", lent: "by", amount: "by.0" },
    }
}

struct Argument {
    /// What the method takes.
    taken: &'static str,
    /// What the transaction holds.
    held: &'static str,
    /// How the one is made of the other.
    lent: &'static str,
    /// A number of it.
    amount: &'static str,
}

/// What one would write without the macro: the enums, the dispatcher, a method for each transaction.
fn written_by_hand(model: &str) -> String {
    let (mut tx, mut reply, mut infos, mut arms, mut store) =
        (String::new(), String::new(), String::new(), String::new(), String::new());
    for n in 0..METHODS {
        let Argument { taken, held, lent, .. } = argument(n);
        let owned = if taken == "&str" { "by.to_owned()" } else { "by" };
        let _ = writeln!(tx, "    Add{n} {{ by: {held}, times: u64 }},");
        let _ = writeln!(reply, "    Add{n}(Option<u64>),");
        let _ = writeln!(infos, "        TxInfo::new(\"add_{n}\"),");
        let _ = writeln!(
            arms,
            "            ManyTx::Add{n} {{ by, times }} => ManyReply::Add{n}(self.add_{n}({lent}, times)),"
        );
        let _ = writeln!(
            store,
            "    pub fn add_{n}(&self, by: {taken}, times: u64) -> Commit<Option<u64>> {{\n        \
             self.0.submit(&ManyTx::Add{n} {{ by: {owned}, times }}, |reply| match reply {{\n            \
             ManyReply::Add{n}(value) => value,\n            _ => unreachable!(),\n        }})\n    }}"
        );
    }
    let methods = methods("");
    format!(
        "use prevalent::{{Commit, Model, ModelData, Store, TxContext, TxInfo}};\nuse serde::{{Deserialize, Serialize}};\n\n\
         #[derive(Serialize, Deserialize)]\npub struct Step(pub u64);\n\n#[derive(Serialize, Deserialize)]\n{model}{methods}\n\
         #[derive(Serialize, Deserialize)]\npub enum ManyTx {{\n{tx}}}\n\npub enum ManyReply {{\n{reply}}}\n\n\
         impl ModelData for Many {{\n    const NAME: &'static str = \"Many\";\n}}\n\n\
         impl Model for Many {{\n    type Tx = ManyTx;\n    type Reply = ManyReply;\n\n    \
         const TRANSACTIONS: &'static [TxInfo] = &[\n{infos}    ];\n\n    \
         fn apply(&mut self, tx: ManyTx, _: &TxContext) -> ManyReply {{\n        match tx {{\n{arms}        }}\n    }}\n}}\n\n\
         #[derive(Clone)]\npub struct ManyStore(Store<Many>);\n\nimpl ManyStore {{\n{store}}}\n"
    )
}

/// A crate whose `cargo check` is measured, when all it depends on is checked already.
struct Measured {
    dir: PathBuf,
    source: String,
    target: PathBuf,
}

impl Measured {
    fn new(name: &str, source: String) -> io::Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace");
        let target =
            env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
        let dir = target.join("cost").join(name);
        fs::create_dir_all(dir.join("src"))?;
        let manifest = format!(
            "[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[dependencies]\n\
             prevalent = {{ path = '{}' }}\n\
             serde = {{ version = \"1\", features = [\"derive\"] }}\n\n[workspace]\n",
            root.join("prevalent").display()
        );
        fs::write(dir.join("Cargo.toml"), manifest)?;
        fs::copy(root.join("Cargo.lock"), dir.join("Cargo.lock"))?;
        let measured = Self { dir, source, target: target.join("cost/target") };
        measured.check()?;
        Ok(measured)
    }

    fn check(&self) -> io::Result<Duration> {
        // Another text each time: cargo goes by the time of the file, which may be coarse.
        let source = format!("{}// {:?}\n", self.source, Instant::now());
        fs::write(self.dir.join("src/lib.rs"), source)?;
        let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo
            .args(["check", "--quiet"])
            .env("CARGO_TARGET_DIR", &self.target)
            .current_dir(&self.dir);
        let start = Instant::now();
        if !cargo.status()?.success() {
            return Err(io::Error::other("`cargo check` failed"));
        }
        Ok(start.elapsed())
    }
}

fn median(mut run: impl FnMut() -> io::Result<Duration>) -> io::Result<Duration> {
    let mut times = (0..RUNS).map(|_| run()).collect::<io::Result<Vec<Duration>>>()?;
    times.sort();
    Ok(times[RUNS / 2])
}
