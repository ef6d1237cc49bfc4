//! What a snapshot costs those who go on meanwhile, by the way in which it comes by the state; and what a rebuild after a
//! panic takes: `cargo run --release -p prevalent-tests --example snapshot_cost`
//!
//! Each way is measured in a process of its own, on a state of a million sessions: one task commits and one reads, first
//! with nothing else going on, then while snapshots are taken. The memory is the resident peak, beyond what the process
//! had before the snapshot. Linux only.

use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use prevalent::{Durability, SnapshotMethod};

macro_rules! program {
    ($name:ident, $map:ty) => {
        mod $name {
            #[prevalent::prevalent]
            #[derive(Clone, Debug, Default)]
            pub(crate) struct Sessions {
                tokens: $map,
            }

            #[prevalent::prevalent]
            impl Sessions {
                /// A session, as ever many.
                #[tx]
                pub(crate) fn create_session(&mut self, token: String, user_id: u64) {
                    self.tokens.insert(token, user_id);
                }

                #[tx]
                pub(crate) fn bomb(&mut self) {
                    panic!("as is to be expected");
                }

                #[query]
                pub(crate) fn user_of(&self, token: &str) -> Option<u64> {
                    self.tokens.get(token).copied()
                }
            }
        }
    };
}

program! { std_map, std::collections::HashMap<String, u64> }
program! { imbl_map, imbl::HashMap<String, u64> }

const OBJECTS: u64 = 1_000_000;
const SNAPSHOTS: usize = 3;
const WAYS: [&str; 4] = ["rebuilt", "locked", "cloned", "cloned (imbl)"];

fn main() -> Result<(), prevalent::Error> {
    if let Some(way) = std::env::args().nth(1) {
        return measure(&way);
    }
    println!("{OBJECTS} sessions (24-character token, `u64`), {SNAPSHOTS} snapshots each:\n");
    println!(
        "| method | a snapshot takes | longest commit, idle | longest commit, snapshot | longest read, idle | longest read, snapshot | state, MiB | peak beyond it, MiB | rebuild after a panic |"
    );
    println!("|---|--:|--:|--:|--:|--:|--:|--:|--:|");
    let this = std::env::current_exe().expect("this program");
    for way in WAYS {
        let status = Command::new(&this).arg(way).status().expect("a child");
        assert!(status.success(), "{way}: {status}");
    }
    Ok(())
}

fn measure(way: &str) -> Result<(), prevalent::Error> {
    match way {
        "rebuilt" => std_map(way, SnapshotMethod::rebuilt()),
        "locked" => std_map(way, SnapshotMethod::locked()),
        "cloned" => std_map(way, SnapshotMethod::cloned()),
        _ => imbl_map(way),
    }
}

/// The same for both models: their stores are different types.
macro_rules! run {
    ($store:ty, $way:expr, $method:expr) => {{
        let dir = tempfile::tempdir().expect("a directory");
        let open = |durability| {
            <$store>::builder(dir.path())
                .durability(durability)
                .snapshot_every_bytes(u64::MAX)
                .snapshot_method($method)
                .pending_bytes(usize::MAX)
                .open()
                .wait()
        };
        let store = open(Durability::Manual)?;
        for number in 0..OBJECTS {
            store.create_session(token(number), number).detach();
        }
        store.close().wait()?;
        drop(store);

        let store = open(Durability::Always)?;
        let stop = AtomicBool::new(false);
        let snapshot_runs = AtomicBool::new(false);
        let state = memory("VmRSS");
        let commit = |number: u64| {
            store.create_session(token(number), number).wait().expect("a commit");
        };
        let read = |number: u64| {
            assert_eq!(store.user_of(&token(number)), Some(number));
        };
        let (commits, reads, took, peak) = std::thread::scope(|scope| {
            let commits = scope.spawn(|| longest(&stop, &snapshot_runs, commit));
            let reads = scope.spawn(|| longest(&stop, &snapshot_runs, read));
            std::thread::sleep(Duration::from_secs(2));
            forget_peak();
            let mut took = Duration::ZERO;
            for _ in 0..SNAPSHOTS {
                snapshot_runs.store(true, Ordering::Relaxed);
                let began = Instant::now();
                store.snapshot().wait().expect("a snapshot");
                took = took.max(began.elapsed());
                snapshot_runs.store(false, Ordering::Relaxed);
                std::thread::sleep(Duration::from_millis(200));
            }
            let peak = memory("VmHWM");
            stop.store(true, Ordering::Relaxed);
            (commits.join().expect("commits"), reads.join().expect("reads"), took, peak)
        });
        let began = Instant::now();
        std::panic::set_hook(Box::new(|_| {}));
        store.bomb().wait().expect_err("a panic");
        let rebuild = began.elapsed();
        println!(
            "| {} | {} | {} | {} | {} | {} | {} | {} | {} |",
            $way,
            ms(took),
            ms(commits.0),
            ms(commits.1),
            ms(reads.0),
            ms(reads.1),
            state >> 20,
            peak.saturating_sub(state) >> 20,
            ms(rebuild),
        );
        store.close().wait()
    }};
}

fn std_map(way: &str, method: SnapshotMethod<std_map::Sessions>) -> Result<(), prevalent::Error> {
    run!(std_map::SessionsStore, way, method)
}

fn imbl_map(way: &str) -> Result<(), prevalent::Error> {
    run!(imbl_map::SessionsStore, way, SnapshotMethod::cloned())
}

/// The longest that `act` took while no snapshot was being taken, and while one was.
fn longest(
    stop: &AtomicBool,
    snapshot_runs: &AtomicBool,
    act: impl Fn(u64),
) -> (Duration, Duration) {
    let (mut idle, mut busy) = (Duration::ZERO, Duration::ZERO);
    let mut number = 0;
    while !stop.load(Ordering::Relaxed) {
        // Existing sessions over and over, so that no map has to grow.
        number = (number + 7919) % OBJECTS;
        let ran_before = snapshot_runs.load(Ordering::Relaxed);
        let began = Instant::now();
        act(number);
        let took = began.elapsed();
        if ran_before || snapshot_runs.load(Ordering::Relaxed) {
            busy = busy.max(took);
        } else {
            idle = idle.max(took);
        }
    }
    (idle, busy)
}

fn token(number: u64) -> String {
    format!("token-{number:018}")
}

fn ms(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1e3)
}

/// A figure of this process, in bytes.
fn memory(figure: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find(|line| line.starts_with(figure)).expect("the figure");
    let kib = line.split_whitespace().nth(1).and_then(|kib| kib.parse::<u64>().ok());
    kib.expect("a number") << 10
}

/// The peak begins again with what is resident now.
fn forget_peak() {
    std::fs::write("/proc/self/clear_refs", "5").expect("Linux");
}
