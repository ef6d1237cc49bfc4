//! What ends something for good, and how far something has come.

use syn::spanned::Spanned;
use syn::{Expr, ExprMethodCall, Stmt, parse_quote};

use super::Rewriter;
use crate::site::Kind;

/// Calls, as statements of the engine, that end something for good, or keep something from being relied on.
const LATCHES: [&str; 8] = [
    "fail",
    "settle",
    "give_up",
    "add_unreadable_snapshot",
    "add_uncertain_snapshot",
    "close",
    "made_durable",
    "refuse",
];

/// The same for what is known to be void.
const OF_VOIDS: [&str; 2] = ["insert", "append"];

/// Fields that say how far something has come.
const PROGRESS: [&str; 13] = [
    "phase",
    "stage",
    "durable",
    "durable_seq",
    "synced_through",
    "handed_seq",
    "written_seq",
    "unsynced_since",
    "applied_seq",
    "is_all_written",
    "is_kept",
    "broken",
    "known_from_segment",
];

impl Rewriter<'_> {
    /// A look at the engine's failure, or the moment in which it fails.
    pub(super) fn look_at_failure(&mut self, call: &ExprMethodCall, new: &mut Expr) {
        let (text, span) = (self.text(call.span()), call.span());
        if call.method == "failure" && call.args.is_empty() {
            let mutant = self.site(Kind::Latch, span, &text);
            *new = parse_quote!((if #mutant { None } else { #new }));
        } else if call.method == "set" && text.contains("failure.set") {
            let mutant = self.site(Kind::Latch, span, &text);
            *new = parse_quote!((if #mutant { Ok(()) } else { #new }));
        }
    }

    /// A statement that is left out.
    pub(super) fn latch(&mut self, original: &Stmt, new: &mut Stmt) {
        let Stmt::Expr(expr, Some(_)) = original else { return };
        let kind = match expr {
            Expr::MethodCall(call) if self.scope.engine.is_on() => {
                let name = call.method.to_string();
                let is_of_voids = || self.text(call.receiver.span()).contains("voids");
                let is_latch = LATCHES.contains(&name.as_str())
                    || (OF_VOIDS.contains(&name.as_str()) && is_of_voids());
                is_latch.then_some(Kind::Latch)
            }
            Expr::Assign(assign) if self.scope.checks.is_on() => {
                let place = self.text(assign.left.span());
                let field = place.rsplit('.').next().unwrap_or_default();
                PROGRESS.contains(&field).then_some(Kind::Progress)
            }
            _ => None,
        };
        if let Some(kind) = kind {
            let mutant = self.site(kind, expr.span(), &self.text(expr.span()));
            *new = parse_quote!(if !#mutant { #new });
        }
    }
}
