//! `prevalent stats`: what is in the journal, in figures.

use std::collections::BTreeMap;
use std::io::Write;
use std::ops::ControlFlow;
use std::time::{Duration, UNIX_EPOCH};

use prevalent::inspect::Transaction;
use serde_json::{Value, json};

use super::dump::tell_end;
use super::{Form, Outcome, files, transactions};
use crate::args;
use crate::failure::Failure;
use crate::human;
use crate::output::{BOLD, CYAN, Paint, data, json_line};

pub(super) fn run(args: args::Stats, form: Form) -> Outcome {
    let files = files(&args.look)?;
    let mut stats = Stats::default();
    // Before anything is read: who ends meanwhile may have been writing.
    let owner = files.owner();
    let read = transactions(&files, args.which).for_each(|tx| {
        stats.count(tx);
        Ok::<_, Failure>(ControlFlow::Continue(()))
    });
    // What comes before an error counts all the same.
    if read.is_ok() || stats.all.transactions > 0 {
        match form {
            Form::Json => json_line(&stats.json())?,
            Form::Text => stats.text(Paint::of_stdout())?,
        }
    }
    Ok(tell_end(owner, &read?))
}

/// Figures about transactions.
#[derive(Debug, Default)]
struct Stats {
    all: Figures,
    by_name: BTreeMap<String, Figures>,
    times: Times,
}

#[derive(Debug, Default)]
struct Figures {
    transactions: u64,
    bytes: u64,
    bytes_max: u64,
    voids: u64,
}

impl Stats {
    fn count(&mut self, tx: &Transaction<'_>) {
        self.all.count(tx);
        self.times.count(tx.time_us());
        // Names are few, and nearly all are there already.
        match self.by_name.get_mut(tx.name()) {
            Some(figures) => figures.count(tx),
            None => self.by_name.entry(tx.name().to_owned()).or_default().count(tx),
        }
    }

    /// Transactions in a second, over the time from the first to the last.
    fn rate(&self) -> Option<f64> {
        let (first, last) = self.times.range?;
        let seconds = Duration::from_micros(last - first).as_secs_f64();
        #[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
        (seconds > 0.0).then(|| (self.all.transactions - 1) as f64 / seconds)
    }

    fn text(&self, paint: Paint) -> std::io::Result<()> {
        let mut out = data();
        if self.all.transactions == 0 {
            writeln!(out, "no transactions")?;
            return out.flush();
        }
        let name_len =
            self.by_name.keys().map(|name| name.chars().count()).max().unwrap_or(0).max(4);
        let head = format!(
            "{:<name_len$}  {:>12}  {:>6}  {:>9}  {:>9}  {:>9}  {:>6}",
            "name", "transactions", "share", "bytes", "mean", "largest", "voids"
        );
        writeln!(out, "{}", paint.show(BOLD, head))?;
        let mut rows: Vec<(&str, &Figures)> =
            self.by_name.iter().map(|(name, figures)| (name.as_str(), figures)).collect();
        rows.sort_by_key(|(_, figures)| std::cmp::Reverse(figures.transactions));
        rows.push(("all", &self.all));
        for (name, figures) in rows {
            let name = human::tame_line(name);
            let share = figures.transactions * 1000 / self.all.transactions;
            writeln!(
                out,
                "{name:<name_len$}  {:>12}  {:>3}.{}%  {:>9}  {:>9}  {:>9}  {:>6}",
                human::count(figures.transactions),
                share / 10,
                share % 10,
                human::bytes(figures.bytes),
                human::bytes(figures.bytes / figures.transactions),
                human::bytes(figures.bytes_max),
                human::count(figures.voids),
            )?;
        }
        if let Some(rate) = self.rate() {
            writeln!(out, "\n{rate:.1} transactions a second on average")?;
        }
        self.times.text(&mut out, paint)?;
        out.flush()
    }

    fn json(&self) -> Value {
        let names: serde_json::Map<String, Value> =
            self.by_name.iter().map(|(name, figures)| (name.clone(), figures.json())).collect();
        json!({
            "all": self.all.json(),
            "by_name": names,
            "first": self.times.range.map(|(first, _)| stamp(first)),
            "last": self.times.range.map(|(_, last)| stamp(last)),
            "transactions_per_second": self.rate(),
            "histogram": {
                "from": self.times.range.map(|_| stamp(self.times.start_us)),
                "bucket_us": self.times.width_us,
                "transactions": self.times.counts,
            },
        })
    }
}

impl Figures {
    fn count(&mut self, tx: &Transaction<'_>) {
        let bytes = tx.bytes() as u64;
        self.transactions += 1;
        self.bytes += bytes;
        self.bytes_max = self.bytes_max.max(bytes);
        self.voids += u64::from(tx.void().is_some());
    }

    fn json(&self) -> Value {
        json!({
            "transactions": self.transactions,
            "bytes": self.bytes,
            "bytes_max": self.bytes_max,
            "voids": self.voids,
        })
    }
}

/// When transactions came, in so many parts at most: they get twice as long whenever they don't suffice.
const PARTS_MAX: usize = 40;

#[derive(Debug, Default)]
struct Times {
    range: Option<(u64, u64)>,
    start_us: u64,
    width_us: u64,
    counts: Vec<u64>,
}

impl Times {
    /// Times don't go back.
    fn count(&mut self, time_us: u64) {
        let (first, _) = *self.range.get_or_insert_with(|| {
            (self.start_us, self.width_us) = (time_us, 1);
            (time_us, time_us)
        });
        self.range = Some((first, time_us.max(first)));
        let mut part = self.part(time_us);
        while part >= PARTS_MAX {
            self.counts = self.counts.chunks(2).map(|pair| pair.iter().sum()).collect();
            self.width_us = self.width_us.saturating_mul(2);
            part = self.part(time_us);
        }
        if self.counts.len() <= part {
            self.counts.resize(part + 1, 0);
        }
        self.counts[part] += 1;
    }

    fn part(&self, time_us: u64) -> usize {
        usize::try_from(time_us.saturating_sub(self.start_us) / self.width_us).unwrap_or(usize::MAX)
    }

    fn text(&self, out: &mut impl Write, paint: Paint) -> std::io::Result<()> {
        let most = self.counts.iter().copied().max().unwrap_or(0).max(1);
        writeln!(out)?;
        for (index, &count) in (0..).zip(&self.counts) {
            let time = stamp(self.start_us + index * self.width_us);
            let bar = bar(count, most);
            writeln!(
                out,
                "{time:<27}  {}  {}",
                paint.show(CYAN, format_args!("{bar:<40}")),
                human::count(count)
            )?;
        }
        Ok(())
    }
}

fn stamp(time_us: u64) -> String {
    human::timestamp(UNIX_EPOCH + Duration::from_micros(time_us))
}

/// At most 40 characters, in eighths of one.
fn bar(count: u64, most: u64) -> String {
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let eighths = usize::try_from(count.saturating_mul(320) / most).unwrap_or(320);
    let eighths = if count > 0 { eighths.max(1) } else { 0 };
    format!("{}{}", "█".repeat(eighths / 8), EIGHTHS[eighths % 8])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_get_longer_and_none_is_lost() {
        let mut times = Times::default();
        for time in (0..100_000).step_by(7) {
            times.count(1_000 + time);
        }
        assert!(times.counts.len() <= PARTS_MAX && times.counts.len() > PARTS_MAX / 2 - 1);
        assert_eq!(times.counts.iter().sum::<u64>(), 14_286);
        assert_eq!(times.range, Some((1_000, 100_995)));
    }

    #[test]
    fn a_bar_is_as_long_as_its_share_and_never_empty_where_there_is_something() {
        assert_eq!(bar(10, 10), "█".repeat(40));
        assert_eq!(bar(0, 10), "");
        assert_eq!(bar(1, 1_000_000), "▏");
    }
}
