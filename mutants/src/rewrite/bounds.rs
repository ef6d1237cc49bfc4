//! Limits: on what is kept, on what is believed, on how long something is tried.

use syn::spanned::Spanned;
use syn::{BinOp, Expr, ExprBinary, ExprMethodCall, parse_quote};

use super::Rewriter;
use super::conditions::Out;
use crate::site::Kind;

impl Rewriter<'_> {
    /// A value that is cut down to a limit.
    pub(super) fn bounded_call(&mut self, call: &ExprMethodCall, new: &mut Expr) {
        let Expr::MethodCall(method) = &mut *new else { return };
        let (text, span) = (self.text(call.span()), call.span());
        if call.method == "min" && call.args.len() == 1 && names_a_limit(&text) {
            let mutant = self.site(Kind::Bound, span, &text);
            let (receiver, argument) = (&method.receiver, &method.args);
            *new = parse_quote!({
                let value = #receiver;
                if #mutant { value } else { value.min(#argument) }
            });
        } else if call.method == "take" && self.limits_an_iterator(call) {
            let mutant = self.site(Kind::Bound, span, &text);
            if let Some(argument) = method.args.first_mut() {
                *argument = parse_quote!((if #mutant { usize::MAX } else { #argument }));
            }
        }
    }

    fn limits_an_iterator(&self, call: &ExprMethodCall) -> bool {
        let receiver = self.text(call.receiver.span());
        let is_iterator = ["iter", "enumerate()", "rev()", "by_ref()"];
        is_iterator.iter().any(|word| receiver.contains(word))
            && call.args.first().is_some_and(|count| names_a_limit(&self.text(count.span())))
    }

    /// A comparison with a limit that is not part of a check.
    pub(super) fn comparison(&mut self, original: &ExprBinary, new: &mut Expr) {
        let (left, right) = (self.text(original.left.span()), self.text(original.right.span()));
        let limit_is_right = names_a_limit(&right);
        if self.checked > 0 || !(limit_is_right || names_a_limit(&left)) {
            return;
        }
        let is_less = match original.op {
            BinOp::Lt(_) | BinOp::Le(_) => true,
            BinOp::Gt(_) | BinOp::Ge(_) => false,
            _ => return,
        };
        let out = if is_less == limit_is_right { Out::Always } else { Out::Never };
        self.take_out(&Expr::Binary(original.clone()), new, out, Some(Kind::Bound));
        *new = parse_quote!((#new));
    }
}

/// Whether a piece of code names a limit. Constants that only say what is fast, or how long a field is, are none.
fn names_a_limit(text: &str) -> bool {
    let ends = ["_MAX", "_FULL", "VERSION", "_US", "_limit", "_max"];
    text.split(|c: char| !c.is_alphanumeric() && c != '_')
        .any(|word| word == "limit" || ends.iter().any(|end| word.ends_with(end)))
}
