//! What `prevalent dump --json` costs, beside what the same lines cost from Rust's own types with `serde_json`:
//! `cargo build --release -p prevalent-cli && cargo run --release -p prevalent-cli --example dump_speed -- 1000`
//!
//! Writes a journal of so many megabytes (200 where none are given), then does both, in turns, to `/dev/null`, and tells the
//! median of the times of each and of the rounds' ratios, and the most memory that the command ever had. Where the command has
//! less than half the speed, it fails.

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use prevalent::{Durability, prevalent};

/// What was ordered.
#[prevalent::data]
#[derive(Clone, Debug)]
struct Item {
    article: String,
    pieces: u32,
    cents: u64,
}

/// Orders, of which nothing is kept: the journal is what counts here.
#[prevalent]
#[derive(Debug, Default)]
struct Shop {
    orders: u64,
}

#[prevalent(vis = pub(crate), tx_derive(Clone))]
impl Shop {
    /// Somebody orders.
    #[tx]
    fn order(&mut self, customer: String, express: bool, weight: f64, items: Vec<Item>) {
        let _ = (customer, express, weight, items);
        self.orders += 1;
    }
}

/// The order with this number.
fn order(number: u64) -> (String, bool, f64, Vec<Item>) {
    let items = (0..=number % 3).map(|index| Item {
        article: format!("article number {}", (number * 31 + index) % 10_000),
        pieces: u32::try_from(number % 7).unwrap_or(0) + 1,
        cents: number % 100_000,
    });
    #[expect(clippy::cast_precision_loss, reason = "it is small")]
    let weight = (number % 1000) as f64 / 8.0;
    (format!("customer-{number:012}"), number.is_multiple_of(2), weight, items.collect())
}

const ROUNDS: usize = 9;

/// The goal: the command has this share of the speed at least.
const RATIO_MIN: f64 = 0.5;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let megabytes: u64 = std::env::args().nth(1).map_or(Ok(200), |text| text.parse())?;
    let dir = tempfile::tempdir()?;
    let dir = dir.path().join("shop");
    let orders = write(&dir, megabytes << 20)?;
    let bytes: u64 =
        std::fs::read_dir(&dir)?.filter_map(|it| Some(it.ok()?.metadata().ok()?.len())).sum();
    println!("{orders} transactions, {} MB on disk", bytes >> 20);

    let (mut ours, mut theirs, mut ratios, mut memory) = (Vec::new(), Vec::new(), Vec::new(), 0);
    for _ in 0..ROUNDS {
        let began = Instant::now();
        memory = memory.max(dump(&dir)?);
        let dumped = began.elapsed().as_secs_f64();
        let began = Instant::now();
        serialise(orders)?;
        let serialised = began.elapsed().as_secs_f64();
        ratios.push(serialised / dumped);
        ours.push(dumped);
        theirs.push(serialised);
    }
    println!("prevalent dump --json   {:.2} s, {memory} kB at most (VmHWM)", median(ours));
    println!("serde_json              {:.2} s", median(theirs));
    let ratio = median(ratios);
    println!("speed                   {ratio:.2} x");
    if ratio < RATIO_MIN {
        return Err(format!("it should be {RATIO_MIN} x at least").into());
    }
    Ok(())
}

fn median(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    all[all.len() / 2]
}

/// Fills a journal, and tells how many transactions that took.
fn write(dir: &Path, bytes: u64) -> Result<u64, prevalent::Error> {
    let store = ShopStore::builder(dir)
        .durability(Durability::Manual)
        .snapshot_every_bytes(u64::MAX)
        .no_snapshot_on_close()
        .open()
        .wait()?;
    let mut number = 0;
    while store.stats().journal_bytes < bytes {
        for _ in 0..10_000 {
            let (customer, express, weight, items) = order(number);
            store.order(customer, express, weight, items).wait()?;
            number += 1;
        }
    }
    store.close().wait()?;
    Ok(number)
}

/// Runs the command, and tells the most memory that it had, in kB.
fn dump(dir: &Path) -> Result<u64, Box<dyn std::error::Error>> {
    let example = std::env::current_exe()?;
    let command: PathBuf =
        example.ancestors().nth(2).ok_or("no target directory")?.join("prevalent");
    let mut child =
        Command::new(command).args(["dump", "--json"]).arg(dir).stdout(Stdio::null()).spawn()?;
    let status = format!("/proc/{}/status", child.id());
    let mut memory = 0;
    loop {
        if let Ok(text) = std::fs::read_to_string(&status)
            && let Some(line) = text.lines().find(|line| line.starts_with("VmHWM:"))
        {
            let digits: String = line.chars().filter(char::is_ascii_digit).collect();
            memory = memory.max(digits.parse()?);
        }
        if let Some(status) = child.try_wait()? {
            assert!(status.success(), "{status:?}");
            return Ok(memory);
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// The lines that the command writes, from Rust's types.
fn serialise(orders: u64) -> std::io::Result<()> {
    // They are made before, as far as memory allows: what it costs to make them is not what is measured.
    const KEPT: u64 = 100_000;
    let kept: Vec<_> = (0..orders.min(KEPT)).map(order).collect();
    let mut out = BufWriter::with_capacity(256 << 10, std::fs::File::create("/dev/null")?);
    for (seq, (customer, express, weight, items)) in (1..=orders).zip(kept.iter().cycle()) {
        let line = Line {
            seq,
            time: 1_700_000_000_000_000 + seq,
            tx: "order",
            revision: 1,
            args: Args { customer, express: *express, weight: *weight, items },
        };
        serde_json::to_writer(&mut out, &line)?;
        out.write_all(b"\n")?;
    }
    out.flush()
}

#[derive(serde::Serialize)]
struct Line<'a> {
    seq: u64,
    time: u64,
    tx: &'a str,
    revision: u32,
    args: Args<'a>,
}

#[derive(serde::Serialize)]
struct Args<'a> {
    customer: &'a str,
    express: bool,
    weight: f64,
    items: &'a [Item],
}
