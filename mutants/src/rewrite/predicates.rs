//! What checks are made of: functions that say whether something is so.

use syn::{Expr, ExprMethodCall, parse_quote};

use super::Rewriter;
use super::conditions::{Out, splits};
use super::shape::Gives;
use crate::site::Kind;

impl Rewriter<'_> {
    /// What a function ends with that gives a `bool`: its parts, and the whole of it, are wrong both ways.
    pub(super) fn predicate(&mut self, original: &Expr, new: &mut Expr) {
        let is_condition = matches!(
            original,
            Expr::Binary(_)
                | Expr::MethodCall(_)
                | Expr::Unary(_)
                | Expr::Macro(_)
                | Expr::Paren(_)
        );
        if self.gives() != Gives::Bool || !self.scope.predicates.is_on() || !is_condition {
            return;
        }
        // The way by which it falls into parts comes first: the other one takes what it finds as a whole.
        let ways = match original {
            Expr::Binary(it) if splits(&it.op, Out::Always) => [Out::Always, Out::Never],
            _ => [Out::Never, Out::Always],
        };
        for out in ways {
            self.take_out(original, new, out, Some(Kind::Predicate));
            *new = parse_quote!((#new));
        }
    }

    /// A value that is there only if something is so.
    pub(super) fn condition_of_value(&mut self, call: &ExprMethodCall, new: &mut Expr) {
        let Expr::MethodCall(method) = new else { return };
        if call.method == "then_some" && self.scope.predicates.is_on() {
            self.take_out(&call.receiver, &mut method.receiver, Out::Always, None);
            let condition = &method.receiver;
            *method.receiver = parse_quote!((#condition));
        }
    }
}
