//! What became of all mutants, for people.

use crate::results::Noted;
use crate::site::{Kind, Site};

/// A line of the table.
pub(crate) struct Row<'a> {
    pub(crate) site: &'a Site,
    pub(crate) result: Option<Noted>,
    /// Why nothing can notice it.
    pub(crate) reason: Option<&'a str>,
}

/// Prints the table, and tells whether every mutant is caught, or else has a reason not to be.
pub(crate) fn print(rows: &[Row<'_>]) -> bool {
    for row in rows {
        let (outcome, seconds) = match (&row.result, row.reason) {
            (Some(Noted { verdict, took, .. }), reason) if verdict.is_caught() => {
                let although = if reason.is_some() { "ALTHOUGH IT STANDS: " } else { "" };
                (format!("{although}{verdict}"), took.as_secs_f64())
            }
            (_, Some(reason)) => (format!("stands: {reason}"), 0.0),
            (Some(Noted { verdict, took, .. }), None) => (verdict.to_string(), took.as_secs_f64()),
            (None, None) => ("NOT RUN".to_owned(), 0.0),
        };
        println!("{:14}  {}  |  {outcome}  |  {seconds:.1} s", row.site.kind.name(), row.site.key);
    }
    println!();
    println!("{:14}  {:>5}  {:>6}  {:>6}  {:>4}", "kind", "sites", "caught", "stands", "left");
    for kind in Kind::ALL {
        print_sum(kind.name(), rows.iter().filter(|row| row.site.kind == kind));
    }
    print_sum("all", rows.iter());
    rows.iter().all(|row| row.is_caught() != row.reason.is_some())
}

fn print_sum<'a>(name: &str, rows: impl Iterator<Item = &'a Row<'a>>) {
    let (mut sites, mut caught, mut stands) = (0, 0, 0);
    for row in rows {
        sites += 1;
        caught += usize::from(row.is_caught());
        stands += usize::from(!row.is_caught() && row.reason.is_some());
    }
    println!("{name:14}  {sites:5}  {caught:6}  {stands:6}  {:4}", sites - caught - stands);
}

impl Row<'_> {
    fn is_caught(&self) -> bool {
        self.result.as_ref().is_some_and(|noted| noted.verdict.is_caught())
    }
}
