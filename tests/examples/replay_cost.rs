//! What it costs to open a journal that another version of the program wrote, beside the program that wrote it:
//! `cargo run --release -p prevalent-tests --example replay_cost`
//!
//! The same journal is opened again and again, by the same program, by one whose arguments have become wider, and by one
//! that upgrades them; the least times of each are compared. Each open ends before its first commit; those of the other
//! programs also write the snapshot that they leave.

use std::path::Path;
use std::time::{Duration, Instant};

use prevalent::{Durability, StoreHandle};

macro_rules! program {
    ($version:ident, $($method:tt)*) => {
        mod $version {
            use std::collections::HashMap;

            #[prevalent::prevalent(name = "sessions")]
            #[derive(Debug, Default)]
            pub(crate) struct Sessions {
                tokens: HashMap<String, u64>,
            }

            #[prevalent::prevalent]
            impl Sessions {
                $($method)*
            }
        }
    };
}

program! { same,
    #[tx]
    pub(crate) fn create_session(&mut self, token: &str, user_id: u32) {
        self.tokens.insert(token.to_owned(), user_id.into());
    }
}

program! { wider,
    #[tx]
    pub(crate) fn create_session(&mut self, user_id: u64, token: String) {
        self.tokens.insert(token, user_id);
    }
}

program! { upgraded,
    #[tx(rev = 2, upgrade(1 => super::narrower))]
    pub(crate) fn create_session(&mut self, token: String, user_id: u64) {
        self.tokens.insert(token, user_id);
    }
}

fn narrower((token, user_id): (String, u32)) -> (String, u64) {
    (token, user_id.into())
}

const TRANSACTIONS: u32 = 500_000;
const ROUNDS: usize = 7;

fn main() -> Result<(), prevalent::Error> {
    let dir = tempfile::tempdir().expect("a directory");
    let original = dir.path().join("original");
    let store = same::SessionsStore::builder(&original)
        .durability(Durability::Manual)
        .pending_bytes(usize::MAX)
        .snapshot_every_bytes(u64::MAX)
        .no_snapshot_on_close()
        .open()
        .wait()?;
    for number in 0..TRANSACTIONS {
        // 24 characters, of 10,000 users.
        store.create_session(&format!("token-{:018}", number % 10_000), number).detach();
    }
    store.close().wait()?;

    let mut least = [Duration::MAX; 3];
    for _ in 0..ROUNDS {
        let times = [
            open::<same::SessionsStore>(&original, dir.path())?,
            open::<wider::SessionsStore>(&original, dir.path())?,
            open::<upgraded::SessionsStore>(&original, dir.path())?,
        ];
        for (least, time) in least.iter_mut().zip(times) {
            *least = time.min(*least);
        }
    }
    println!("{TRANSACTIONS} transactions, the least of {ROUNDS} opens each:");
    for (what, time) in ["the same program", "read by names", "upgraded"].into_iter().zip(least) {
        let ratio = time.as_secs_f64() / least[0].as_secs_f64();
        println!("{what:>17}: {:7.1} ms, {ratio:.2} times", time.as_secs_f64() * 1e3);
    }
    Ok(())
}

/// Opens a copy, and tells how long that took.
fn open<H>(original: &Path, dir: &Path) -> Result<Duration, prevalent::Error>
where
    H: StoreHandle,
    H::Model: prevalent::FirstState<&'static ()>,
{
    let copy = dir.join("copy");
    let _ = std::fs::remove_dir_all(&copy);
    std::fs::create_dir(&copy).expect("a directory");
    for file in std::fs::read_dir(original).expect("the store") {
        let file = file.expect("a file");
        std::fs::copy(file.path(), copy.join(file.file_name())).expect("a copy");
    }
    let builder = prevalent::Builder::<H>::new(&copy).no_snapshot_on_close();
    let began = Instant::now();
    let store = builder.open().wait()?;
    let took = began.elapsed();
    drop(store);
    Ok(took)
}
