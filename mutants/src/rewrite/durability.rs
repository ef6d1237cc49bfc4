//! What makes something durable, and in which order.

use syn::spanned::Spanned;
use syn::{Expr, Stmt, parse_quote};

use super::Rewriter;
use super::refusals::is_call_of_a_check;
use super::shape::function_name;
use crate::site::Kind;

/// Calls that make something durable, or wait for it, and what they are.
const DURABLE: [(&str, Kind); 7] = [
    ("sync", Kind::FileSync),
    ("sync_data", Kind::FileSync),
    ("sync_dir", Kind::DirectorySync),
    ("sync_all", Kind::DirectorySync),
    ("sync_directory", Kind::DirectorySync),
    ("confirm_names", Kind::DirectorySync),
    ("wait_until_durable", Kind::DurableWait),
];

/// Calls of which the error must not be passed over.
const FALLIBLE: [&str; 6] =
    ["sync", "sync_dir", "sync_directory", "sync_all", "write_all_at", "rename"];

impl Rewriter<'_> {
    /// A call of a method or a function of this name.
    pub(super) fn durable_call(&mut self, name: &str, original: &Expr, new: &mut Expr) {
        let (text, span) = (self.text(original.span()), original.span());
        if let Some(&(_, kind)) = DURABLE.iter().find(|(durable, _)| *durable == name) {
            // A function, and no method, is handed a directory.
            let is_of_names = kind == Kind::FileSync && matches!(original, Expr::Call(_));
            let kind = if is_of_names { Kind::DirectorySync } else { kind };
            let mutant = self.site(kind, span, &text);
            *new = parse_quote!((if #mutant { Ok(()) } else { #new }));
        }
        if FALLIBLE.contains(&name) && !self.is_discarded {
            let mutant = self.site(Kind::PassedOver, span, &format!("the error of {text}"));
            *new = parse_quote!({
                let result = #new;
                if #mutant { Ok(()) } else { result }
            });
        }
    }

    /// A statement that is nothing but a call that can fail: its error is passed over.
    pub(super) fn failed_statement(&mut self, original: &Stmt, new: &mut Stmt) {
        let Stmt::Expr(Expr::Try(it), Some(_)) = original else { return };
        let Some(name) = name_of_call(&it.expr) else { return };
        let is_taken = FALLIBLE.contains(&name.as_str())
            || is_call_of_a_check(&it.expr)
            || name.starts_with("ok_or")
            || name.starts_with("write_str");
        if is_taken || !self.scope.checks.is_on() {
            return;
        }
        let Stmt::Expr(Expr::Try(call), _) = &*new else { return };
        let text = format!("the error of {}", self.text(it.expr.span()));
        let mutant = self.site(Kind::PassedOver, it.span(), &text);
        let call = &call.expr;
        *new = parse_quote!({
            let result = #call;
            if !#mutant {
                result?;
            }
        });
    }

    /// A statement that makes something durable, and the next one: they change their places.
    pub(super) fn order(&mut self, originals: &[Stmt], new: &mut Vec<Stmt>) {
        // From the end: the places before stay where they are.
        for (index, pair) in originals.windows(2).enumerate().rev() {
            let [first @ Stmt::Expr(_, Some(_)), second @ Stmt::Expr(_, Some(_))] = pair else {
                continue;
            };
            let (text, next) = (self.text(first.span()), self.text(second.span()));
            let is_durable = DURABLE.iter().any(|(name, _)| text.contains(&format!("{name}(")));
            let branches = ["if ", "for ", "while ", "match ", "return"];
            let is_branch = branches.iter().any(|it| text.starts_with(it) || next.starts_with(it));
            if !is_durable || is_branch {
                continue;
            }
            let mutant = self.site(Kind::Order, first.span(), &format!("{text} before {next}"));
            let (one, two) = (new[index].clone(), new[index + 1].clone());
            new.splice(
                index..=index + 1,
                [parse_quote!(if #mutant { #second #first } else { #one #two })],
            );
        }
    }
}

/// The name of the function or method that is called; what only changes the error is passed over.
fn name_of_call(expr: &Expr) -> Option<String> {
    match expr {
        Expr::MethodCall(call) if call.method == "map_err" => name_of_call(&call.receiver),
        Expr::MethodCall(call) => Some(call.method.to_string()),
        Expr::Call(call) => function_name(call),
        _ => None,
    }
}
