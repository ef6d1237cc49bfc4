//! The process that kills, and counts.

use std::fmt::Write as _;
use std::io::Write as _;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use tokio::process::{Child, Command};

use crate::Failure;
use crate::ledger::{Findings, Round, check};
use crate::options::{ChildOrders, ProofOptions};
use crate::pipe::Receiver;
use crate::plain::SessionsStore;

const SIGKILL: i32 = 9;

/// Proves it, or fails. Interrupted, it leaves neither children nor files.
#[tokio::main]
pub async fn run(options: &ProofOptions) -> Result<(), Failure> {
    let dir = match &options.dir {
        Some(dir) => tempfile::tempdir_in(dir)?,
        None => tempfile::tempdir()?,
    };
    tokio::select! {
        outcome = prove(dir.path(), options) => outcome,
        _ = tokio::signal::ctrl_c() => Err("interrupted".into()),
    }
}

async fn prove(dir: &Path, options: &ProofOptions) -> Result<(), Failure> {
    let mut rounds = Vec::new();
    let mut opened_in = Vec::new();
    for number in 0..options.rounds {
        let orders = ChildOrders { dir: dir.to_owned(), round: number, tasks: options.tasks };
        let (open, round) = let_it_work_and_kill_it(&orders, random_around(options.round)).await?;
        eprintln!(
            "round {}: killed after {:.2?}, {} commits acknowledged",
            number + 1,
            round.duration,
            round.acknowledged(),
        );
        rounds.push(round);
        opened_in.push(open);
    }

    let start = Instant::now();
    let store = SessionsStore::open(dir).await?;
    opened_in.push(start.elapsed());
    let findings = store.read(|state| check(&rounds, state));
    store.close().await?;

    // The open after a kill is the next child's, and after the last one this process's own.
    write!(std::io::stdout(), "\n{}", table(&rounds, &findings, &opened_in[1..]))?;
    verdict(&findings)
}

/// One round: how long the child took to open the store, and what it had acknowledged when it was killed.
async fn let_it_work_and_kill_it(
    orders: &ChildOrders,
    time: Duration,
) -> Result<(Duration, Round), Failure> {
    let mut child = Command::new(std::env::current_exe()?)
        .args(orders.to_arguments())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    let mut messages = Receiver::new(child.stdout.take().ok_or("the child has no stdout")?);
    let Some(opened_in) = messages.opened_in().await? else {
        return Err(ended_by_itself(child).await);
    };

    let start = Instant::now();
    let mut round = Round::new(orders.tasks);
    let kill = tokio::time::sleep(time);
    tokio::pin!(kill);
    let mut is_killed = false;
    loop {
        tokio::select! {
            () = &mut kill, if !is_killed => {
                child.start_kill()?;
                is_killed = true;
            }
            heard = messages.next() => match heard? {
                Some(heard) => round.note(heard)?,
                None if is_killed => break,
                None => return Err(ended_by_itself(child).await),
            },
        }
    }
    round.duration = start.elapsed();
    let status = child.wait().await?;
    if status.signal() != Some(SIGKILL) {
        return Err(format!("the child ended by itself: {status}").into());
    }
    Ok((opened_in, round))
}

async fn ended_by_itself(mut child: Child) -> Failure {
    match child.wait().await {
        Ok(status) => format!("the child ended by itself: {status}").into(),
        Err(error) => error.into(),
    }
}

/// From half as long to half as long again.
fn random_around(time: Duration) -> Duration {
    time / 2 + time.mul_f64(fastrand::f64())
}

fn table(rounds: &[Round], findings: &Findings, opened_in: &[Duration]) -> String {
    let mut table = "round  acknowledged  recovered  lost  commits/s  time to open\n".to_owned();
    let mut line = |name: &str, acknowledged, recovered, lost, time: Duration, open: String| {
        let per_second = (u128::from(acknowledged) * 1000).checked_div(time.as_millis());
        _ = writeln!(
            table,
            "{name:>5}  {acknowledged:12}  {recovered:9}  {lost:4}  {:9}  {open:>12}",
            per_second.unwrap_or(0),
        );
    };
    for (((round, remains), open), number) in
        rounds.iter().zip(&findings.rounds).zip(opened_in).zip(1..)
    {
        let name = format!("{number}");
        let open = format!("{open:.1?}");
        line(&name, round.acknowledged(), remains.recovered, remains.lost, round.duration, open);
    }
    line(
        "total",
        rounds.iter().map(Round::acknowledged).sum(),
        findings.rounds.iter().map(|remains| remains.recovered).sum(),
        findings.lost(),
        rounds.iter().map(|round| round.duration).sum(),
        String::new(),
    );
    table
}

fn verdict(findings: &Findings) -> Result<(), Failure> {
    for wrong in findings.wrong.iter().take(10) {
        eprintln!("wrong: {wrong}");
    }
    match (findings.lost(), findings.wrong.len()) {
        (0, 0) => Ok(writeln!(std::io::stdout(), "{VERDICT}")?),
        (0, wrong) => Err(format!("{wrong} things are there that should not be").into()),
        (lost, _) => Err(format!("{lost} acknowledged commits are lost").into()),
    }
}

const VERDICT: &str = "
Nothing that was acknowledged is lost. (More may be recovered than was acknowledged: the
child was killed after a commit, and before its parent had heard of it.)

SIGKILL shows the death of a process. The loss of power is shown on the simulated disk:
cargo test --workspace";
