//! How to tell of a recovery while it goes on: a bar for people, lines for a log.

use std::io::Write;

use indicatif::{HumanCount, ProgressBar, ProgressDrawTarget, ProgressStyle};
use prevalent::Progress;

const TEMPLATE: &str = "[{wide_bar}] {percent} % of {total_bytes}, {msg}, {eta} left";

/// A bar that nothing has moved yet.
pub fn bar(target: ProgressDrawTarget) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(0), target);
    if let Ok(style) = ProgressStyle::with_template(TEMPLATE) {
        bar.set_style(style.progress_chars("=> "));
    }
    bar
}

/// For `on_progress`: moves the bar.
pub fn on_bar(bar: ProgressBar) -> impl FnMut(Progress) + Send + 'static {
    move |progress| {
        bar.set_length(progress.bytes_total);
        bar.set_position(progress.bytes_done);
        bar.set_message(format!("{} transactions", HumanCount(progress.transactions_done)));
    }
}

/// For `on_progress`: writes a line for each tenth that is done.
pub fn in_lines(mut log: impl Write + Send + 'static) -> impl FnMut(Progress) + Send + 'static {
    let mut told = 0;
    move |progress| {
        let Progress { bytes_done, bytes_total, transactions_done, .. } = progress;
        let tenths = (bytes_done * 10).checked_div(bytes_total).unwrap_or(10);
        if tenths > told {
            told = tenths;
            // A log that can't be written to is no reason to stop.
            _ = writeln!(log, "recovery: {tenths}0 %, {transactions_done} transactions");
        }
    }
}
