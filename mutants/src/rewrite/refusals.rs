//! Places that refuse something: each is let through.

use syn::spanned::Spanned;
use syn::visit_mut::VisitMut;
use syn::{Arm, Expr, ExprIf, ExprMatch, ExprMethodCall, Local, Pat, Stmt, parse_quote};

use super::Rewriter;
use super::conditions::Out;
use super::kinds::kind_of;
use super::shape::{Gives, binds, block_refuses, function_name, refuses, returns};
use crate::site::Kind;

impl Rewriter<'_> {
    /// The condition of an `if` of which one way is a refusal.
    pub(super) fn refused_by_if(&mut self, node: &mut ExprIf) {
        let original = (*node.cond).clone();
        let otherwise = node.else_branch.as_ref().map(|(_, expr)| refuses(expr));
        let out = match (block_refuses(&node.then_branch), otherwise.unwrap_or(false)) {
            (true, false) => Some(Out::Never),
            (false, true) if !binds(&original) => Some(Out::Always),
            _ => None,
        };
        // The look at the failure is a site by itself.
        let looks_at_failure = self.text(original.span()).contains("failure()");
        let out = out.filter(|_| self.scope.checks.is_on() && !looks_at_failure);
        self.checked += usize::from(out.is_some());
        self.visit_expr_mut(&mut node.cond);
        self.checked -= usize::from(out.is_some());
        self.visit_block_mut(&mut node.then_branch);
        if let Some((_, otherwise)) = &mut node.else_branch {
            self.visit_expr_mut(otherwise);
        }
        if let Some(out) = out {
            self.take_out(&original, &mut node.cond, out, None);
        }
    }

    /// The arms of a `match` that refuse, and those before them that don't.
    pub(super) fn refused_by_match(&mut self, node: &mut ExprMatch, is_unused: bool) {
        self.visit_expr_mut(&mut node.expr);
        let refuses_any = node.arms.iter().any(|arm| refuses(&arm.body));
        let is_looked_for = refuses_any && self.scope.checks.is_on();
        for arm in &mut node.arms {
            let mut original = arm.clone();
            if let Some(guard) = guard_of(&mut arm.pat) {
                self.checked += usize::from(is_looked_for);
                self.visit_expr_mut(guard);
                self.checked -= usize::from(is_looked_for);
            }
            self.visit_expr_mut(&mut arm.body);
            if is_looked_for {
                self.refused_by_arm(&mut original, arm, is_unused);
            }
        }
    }

    fn refused_by_arm(&mut self, original: &mut Arm, new: &mut Arm, is_unused: bool) {
        let is_refusal = refuses(&original.body);
        if let (Some(original), Some(guard)) = (guard_of(&mut original.pat), guard_of(&mut new.pat))
        {
            let out = if is_refusal { Out::Never } else { Out::Always };
            if out == Out::Never || !binds(original) {
                self.take_out(original, guard, out, None);
            }
            return;
        }
        if !is_refusal {
            return;
        }
        let span = original.pat.span();
        let text = format!("{} => {}", self.text(span), self.text(original.body.span()));
        let body = &*new.body;
        *new.body = if is_unused && returns(&original.body) {
            let mutant = self.site(kind_of(&text), span, &text);
            parse_quote!({ if !#mutant { #body } })
        } else if self.gives() == Gives::Success {
            let mutant = self.site(kind_of(&text), span, &text);
            parse_quote!({ if #mutant { return Ok(()); } #body })
        } else {
            let mutant = self.site(Kind::Needed, span, &text);
            parse_quote!({ if #mutant { panic!("a mutant") } #body })
        };
    }

    /// A refusal with which a function ends that gives nothing else.
    pub(super) fn refused_at_last(&mut self, original: &Expr, new: &mut Expr) {
        let is_refusal = matches!(original, Expr::Call(_)) && refuses(original);
        if is_refusal && self.gives() == Gives::Success && self.scope.checks.is_on() {
            let text = self.text(original.span());
            let mutant = self.site(kind_of(&text), original.span(), &text);
            *new = parse_quote!((if #mutant { Ok(()) } else { #new }));
        }
    }

    /// A refusal in place of a value that is not there.
    pub(super) fn refused_value(&mut self, call: &ExprMethodCall, new: &mut Expr) {
        let Expr::MethodCall(method) = &mut *new else { return };
        let is_lazy = match call.method.to_string().as_str() {
            "ok_or" => false,
            "ok_or_else" => true,
            _ => return,
        };
        if !self.scope.checks.is_on() {
            return;
        }
        let mutant = self.site(Kind::Needed, call.span(), &self.text(call.span()));
        let error: Expr = match method.args.first() {
            Some(Expr::Closure(closure)) if is_lazy => (*closure.body).clone(),
            Some(function) if is_lazy => parse_quote!((#function)()),
            Some(error) => error.clone(),
            None => return,
        };
        let receiver = &method.receiver;
        *new = parse_quote!(#receiver.ok_or_else(|| {
            if #mutant { panic!("a mutant") }
            #error
        }));
    }

    /// A statement that does nothing but check, or goes on only with a value.
    pub(super) fn refused_in_statement(&mut self, original: &Stmt, new: &mut Stmt) {
        if !self.scope.checks.is_on() {
            return;
        }
        match (original, &mut *new) {
            (Stmt::Local(original), Stmt::Local(new)) => self.refused_by_let(original, new),
            (Stmt::Expr(Expr::Try(it), Some(_)), _) if is_call_of_a_check(&it.expr) => {
                let text = self.text(it.expr.span());
                let mutant = self.site(kind_of(&text), it.span(), &text);
                *new = parse_quote!(if !#mutant { #new });
            }
            _ => {}
        }
    }

    fn refused_by_let(&mut self, original: &Local, new: &mut Local) {
        let Some(init) = &original.init else { return };
        let diverges = |(_, otherwise): &(_, Box<Expr>)| refuses(otherwise);
        if !init.diverge.as_ref().is_some_and(diverges) {
            return;
        }
        let (pattern, from) = (self.text(original.pat.span()), self.text(init.expr.span()));
        let text = format!("let {pattern} = {from} else");
        let mutant = self.site(Kind::Needed, original.pat.span(), &text);
        if let Some((_, otherwise)) = new.init.as_mut().and_then(|init| init.diverge.as_mut()) {
            **otherwise = parse_quote!({ if #mutant { panic!("a mutant") } #otherwise });
        }
    }
}

/// The condition of a match's arm.
fn guard_of(pattern: &mut Pat) -> Option<&mut Expr> {
    match pattern {
        Pat::Guard(it) => Some(&mut it.guard),
        _ => None,
    }
}

/// Whether a function is called that does nothing but check.
pub(super) fn is_call_of_a_check(expr: &Expr) -> bool {
    let name = match expr {
        Expr::MethodCall(call) => Some(call.method.to_string()),
        Expr::Call(call) => function_name(call),
        _ => None,
    };
    name.is_some_and(|name| name.starts_with("expect_") || name.starts_with("check"))
}
