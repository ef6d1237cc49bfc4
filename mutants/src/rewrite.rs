//! Finds the sites of a file, and makes each of them one that can be taken out while the program runs.
//!
//! Every site becomes a look at `crate::mutant(number)`: so one build has all mutants in it. The rules go from the form of
//! the code, not from lists of places; what they find is compared with the catalogue.

use std::collections::HashMap;

use proc_macro2::Span;
use quote::quote;
use syn::spanned::Spanned;
use syn::visit_mut::{self, VisitMut};
use syn::{
    Arm, Attribute, BinOp, Block, Expr, ExprCall, ExprIf, ExprMatch, ExprMethodCall, ExprWhile,
    Stmt, parse_quote,
};

use crate::failure::Result;
use crate::scope::Scope;
use crate::shape::{Gives, binds, block_refuses, names_a_limit, refuses, returns};
use crate::site::{Key, Kind, Site};

/// Makes the sites of a file switchable, and gives the new text. `sites` are those of the files before.
pub(crate) fn rewrite(
    name: &str,
    source: &str,
    scope: Scope,
    sites: &mut Vec<Site>,
) -> Result<String> {
    let mut file = syn::parse_file(source)?;
    let mut rewriter = Rewriter {
        file: name,
        source,
        scope,
        sites,
        ordinals: HashMap::new(),
        types: Vec::new(),
        functions: Vec::new(),
        gives: vec![Gives::Other],
        checked: 0,
        unused: false,
    };
    rewriter.visit_file_mut(&mut file);
    Ok(prettyplease::unparse(&file))
}

struct Rewriter<'a> {
    file: &'a str,
    source: &'a str,
    scope: Scope,
    sites: &'a mut Vec<Site>,
    ordinals: HashMap<(String, String), usize>,
    /// The types of the `impl` blocks around this place.
    types: Vec<String>,
    functions: Vec<String>,
    /// What the functions and closures around this place give.
    gives: Vec<Gives>,
    /// How many conditions around this place are checks, of which every part is a site already.
    checked: usize,
    /// The value of the expression that comes next is not used.
    unused: bool,
}

/// Which way a condition is taken out.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Out {
    /// It never holds.
    Never,
    /// It always holds.
    Always,
}

/// Calls that make something durable, or wait for it, and what they are.
const DURABLE: [(&str, Kind); 8] = [
    ("sync", Kind::FileSync),
    ("sync_data", Kind::FileSync),
    ("sync_dir", Kind::DirectorySync),
    ("sync_all", Kind::DirectorySync),
    ("sync_directory", Kind::DirectorySync),
    ("confirm_names", Kind::DirectorySync),
    ("wait_until_durable", Kind::DurableWait),
    ("write_void", Kind::DurableWait),
];

/// Calls of which the error must not be passed over.
const FALLIBLE: [&str; 6] =
    ["sync", "sync_dir", "sync_directory", "sync_all", "write_all_at", "rename"];

/// Calls, as statements, that end something for good, or keep something from being relied on.
const LATCHES: [&str; 11] = [
    "fail",
    "settle",
    "give_up",
    "insert",
    "append",
    "add_unreadable_snapshot",
    "add_uncertain_snapshot",
    "await_applier",
    "close",
    "made_durable",
    "refuse",
];

/// Fields that say how far something has come.
const PROGRESS: [&str; 14] = [
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
    "is_named",
    "void_is_wanted",
    "broken",
    "known_from_segment",
];

impl Rewriter<'_> {
    fn text(&self, span: Span) -> String {
        let text = self.source.get(span.byte_range()).unwrap_or_default();
        let text = text.lines().map(|line| line.split(" //").next().unwrap_or_default());
        let text: Vec<&str> = text.flat_map(str::split_whitespace).collect();
        text.join(" ")
    }

    /// Notes a site, and gives what tells whether it is taken out.
    fn site(&mut self, kind: Kind, span: Span, text: &str) -> Expr {
        let mut short: String = text.chars().take(TEXT_CHARS_MAX).collect();
        if short.len() < text.len() {
            short.push('…');
        }
        let names = self.types.iter().chain(&self.functions).map(String::as_str);
        let function = names.collect::<Vec<_>>().join("::");
        let ordinal = self.ordinals.entry((function.clone(), short.clone())).or_default();
        *ordinal += 1;
        let key = Key { file: self.file.to_owned(), function, text: short, ordinal: *ordinal };
        let number = u32::try_from(self.sites.len() + 1).unwrap_or(u32::MAX);
        self.sites.push(Site { number, key, kind, line: span.start().line });
        parse_quote!(crate::mutant(#number))
    }

    fn gives(&self) -> Gives {
        self.gives.last().copied().unwrap_or(Gives::Other)
    }

    /// Takes a condition out, each of its parts by itself.
    fn part(&mut self, original: &Expr, new: Expr, out: Out, kind: Option<Kind>) -> Expr {
        match (original, new) {
            (Expr::Paren(original), Expr::Paren(new)) => {
                let inner = self.part(&original.expr, *new.expr, out, kind);
                parse_quote!((#inner))
            }
            (Expr::Binary(original), Expr::Binary(new)) if splits(&original.op, out) => {
                let left = self.part(&original.left, *new.left, out, kind);
                let right = self.part(&original.right, *new.right, out, kind);
                match out {
                    Out::Never => parse_quote!((#left) || (#right)),
                    Out::Always => parse_quote!((#left) && (#right)),
                }
            }
            (original, new) => {
                let text = self.text(original.span());
                let kind = kind.unwrap_or_else(|| kind_of(&text));
                let mutant = self.site(kind, original.span(), &describe(&text, out));
                match out {
                    Out::Never if binds(original) => parse_quote!(#new && !#mutant),
                    Out::Never => parse_quote!((#new) && !#mutant),
                    Out::Always => parse_quote!((#new) || #mutant),
                }
            }
        }
    }

    /// Takes a condition of an `if` out.
    fn condition(&mut self, original: &Expr, new: &mut Expr, out: Out) {
        if out == Out::Always && binds(original) {
            return;
        }
        let taken = std::mem::replace(new, parse_quote!(true));
        *new = self.part(original, taken, out, None);
    }

    fn if_expr(&mut self, node: &mut ExprIf) {
        let then_refuses = block_refuses(&node.then_branch);
        let else_refuses = node.else_branch.as_ref().is_some_and(|(_, expr)| refuses(expr));
        let out = match (then_refuses, else_refuses) {
            (true, false) => Some(Out::Never),
            (false, true) => Some(Out::Always),
            _ => None,
        };
        let out = out.filter(|_| self.scope.checks.is_on());
        let original = (*node.cond).clone();
        let looks_at_failure = self.text(original.span()).contains("failure()");
        let out = out.filter(|_| !looks_at_failure);
        self.checked += usize::from(out.is_some());
        self.visit_expr_mut(&mut node.cond);
        self.checked -= usize::from(out.is_some());
        self.visit_block_mut(&mut node.then_branch);
        if let Some((_, otherwise)) = &mut node.else_branch {
            self.visit_expr_mut(otherwise);
        }
        if let Some(out) = out {
            self.condition(&original, &mut node.cond, out);
        }
    }

    fn match_expr(&mut self, node: &mut ExprMatch) {
        let is_unused = std::mem::take(&mut self.unused);
        self.visit_expr_mut(&mut node.expr);
        let any_refuses = node.arms.iter().any(|arm| refuses(&arm.body));
        for arm in &mut node.arms {
            self.arm(arm, any_refuses, is_unused);
        }
    }

    fn arm(&mut self, arm: &mut Arm, any_refuses: bool, is_unused: bool) {
        let mut original = arm.clone();
        let arm_refuses = refuses(&original.body);
        let is_looked_for = self.scope.checks.is_on() && any_refuses;
        if let Some(guard) = guard_of(&mut arm.pat) {
            self.checked += usize::from(is_looked_for);
            self.visit_expr_mut(guard);
            self.checked -= usize::from(is_looked_for);
        }
        self.visit_expr_mut(&mut arm.body);
        if !is_looked_for {
            return;
        }
        if let (Some(original), Some(guard)) = (guard_of(&mut original.pat), guard_of(&mut arm.pat)) {
            let out = if arm_refuses { Out::Never } else { Out::Always };
            self.condition(original, guard, out);
            return;
        }
        if !arm_refuses {
            return;
        }
        let pattern = self.text(original.pat.span());
        let text = format!("{pattern} => {}", self.text(original.body.span()));
        let span = original.pat.span();
        let body = &*arm.body;
        if is_unused && returns(&original.body) {
            let mutant = self.site(kind_of(&text), span, &text);
            *arm.body = parse_quote!({ if !#mutant { #body } });
        } else if self.gives() == Gives::Success {
            let mutant = self.site(kind_of(&text), span, &text);
            *arm.body = parse_quote!({ if #mutant { return Ok(()); } #body });
        } else {
            let mutant = self.site(Kind::Needed, span, &text);
            *arm.body = parse_quote!({ if #mutant { panic!("a mutant") } #body });
        }
    }

    /// What a method or a function of this name is replaced with when it is taken out, errors included.
    fn durable_call(&mut self, name: &str, original: &Expr, new: &mut Expr) {
        let (text, span) = (self.text(original.span()), original.span());
        let durable = DURABLE.iter().find(|(durable, _)| *durable == name);
        if let Some(&(_, kind)) = durable.filter(|_| name != "write_void") {
            // A function, and no method, is handed a directory.
            let is_of_names = kind == Kind::FileSync && matches!(original, Expr::Call(_));
            let kind = if is_of_names { Kind::DirectorySync } else { kind };
            let mutant = self.site(kind, span, &text);
            *new = parse_quote!((if #mutant { Ok(()) } else { #new }));
        }
        if FALLIBLE.contains(&name) {
            let mutant = self.site(Kind::PassedOver, span, &format!("the error of {text}"));
            *new = parse_quote!({
                let result = #new;
                if #mutant { Ok(()) } else { result }
            });
        }
    }

    fn method_call(&mut self, call: &ExprMethodCall, new: &mut Expr) {
        let original = Expr::MethodCall(call.clone());
        let (text, span) = (self.text(original.span()), original.span());
        let name = call.method.to_string();
        self.durable_call(&name, &original, new);
        let Expr::MethodCall(method) = &mut *new else { return };
        match name.as_str() {
            "failure" if call.args.is_empty() => {
                let mutant = self.site(Kind::Latch, span, &text);
                *new = parse_quote!((if #mutant { None } else { #new }));
            }
            "set" if text.contains("failure.set") => {
                let mutant = self.site(Kind::Latch, span, &text);
                *new = parse_quote!((if #mutant { Ok(()) } else { #new }));
            }
            "min" if call.args.len() == 1 && names_a_limit(&text) => {
                let mutant = self.site(Kind::Bound, span, &text);
                let (receiver, argument) = (&method.receiver, &method.args);
                *new = parse_quote!({
                    let value = #receiver;
                    if #mutant { value } else { value.min(#argument) }
                });
            }
            "take" if self.limits_an_iterator(call) => {
                let mutant = self.site(Kind::Bound, span, &text);
                let argument = std::mem::replace(&mut method.args[0], parse_quote!(()));
                method.args[0] = parse_quote!((if #mutant { usize::MAX } else { #argument }));
            }
            "ok_or" | "ok_or_else" if self.scope.checks.is_on() && call.args.len() == 1 => {
                let mutant = self.site(Kind::Needed, span, &text);
                let argument = method.args[0].clone();
                let error: Expr = match (&argument, name.as_str()) {
                    (_, "ok_or") => argument,
                    (Expr::Closure(closure), _) => (*closure.body).clone(),
                    _ => parse_quote!((#argument)()),
                };
                let receiver = &method.receiver;
                *new = parse_quote!(#receiver.ok_or_else(|| {
                    if #mutant { panic!("a mutant") }
                    #error
                }));
            }
            "then_some" if self.scope.predicates.is_on() => {
                let receiver = std::mem::replace(&mut *method.receiver, parse_quote!(true));
                let condition = self.part(&call.receiver, receiver, Out::Always, None);
                *method.receiver = parse_quote!((#condition));
            }
            _ => {}
        }
    }

    fn limits_an_iterator(&self, call: &ExprMethodCall) -> bool {
        let receiver = self.text(call.receiver.span());
        let is_iterator = ["iter", "enumerate()", "rev()", "by_ref()"];
        is_iterator.iter().any(|word| receiver.contains(word))
            && call.args.first().is_some_and(|it| names_a_limit(&self.text(it.span())))
    }

    fn call(&mut self, call: &ExprCall, new: &mut Expr) {
        let Expr::Path(path) = &*call.func else { return };
        let Some(last) = path.path.segments.last() else { return };
        let name = last.ident.to_string();
        self.durable_call(&name, &Expr::Call(call.clone()), new);
    }

    /// A comparison with a limit that is not part of a check.
    fn comparison(&mut self, original: &syn::ExprBinary, new: &mut Expr) {
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
        let expr = Expr::Binary(original.clone());
        let taken = std::mem::replace(new, parse_quote!(true));
        let part = self.part(&expr, taken, out, Some(Kind::Bound));
        *new = parse_quote!((#part));
    }

    /// What a function ends with.
    fn tail(&mut self, original: &Expr, new: &mut Expr) {
        let gives = self.gives();
        let is_condition = matches!(
            original,
            Expr::Binary(_) | Expr::MethodCall(_) | Expr::Unary(_) | Expr::Macro(_) | Expr::Paren(_)
        );
        if gives == Gives::Bool && self.scope.predicates.is_on() && is_condition {
            // The parts first: the other way takes what it finds as a whole.
            let ways = match original {
                Expr::Binary(it) if splits(&it.op, Out::Always) => [Out::Always, Out::Never],
                _ => [Out::Never, Out::Always],
            };
            for out in ways {
                let taken = std::mem::replace(new, parse_quote!(true));
                let part = self.part(original, taken, out, Some(Kind::Predicate));
                *new = parse_quote!((#part));
            }
        }
        if gives == Gives::Success
            && self.scope.checks.is_on()
            && matches!(original, Expr::Call(_))
            && refuses(original)
        {
            let text = self.text(original.span());
            let mutant = self.site(kind_of(&text), original.span(), &text);
            *new = parse_quote!((if #mutant { Ok(()) } else { #new }));
        }
    }

    fn statement(&mut self, original: &Stmt, new: &mut Stmt) {
        match (original, &mut *new) {
            (Stmt::Local(original), Stmt::Local(new)) => {
                let Some(init) = &original.init else { return };
                let Some((_, otherwise)) = &init.diverge else { return };
                if !self.scope.checks.is_on() || !refuses(otherwise) {
                    return;
                }
                let (pattern, from) =
                    (self.text(original.pat.span()), self.text(init.expr.span()));
                let text = format!("let {pattern} = {from} else");
                let mutant = self.site(Kind::Needed, original.pat.span(), &text);
                if let Some((_, otherwise)) = new.init.as_mut().and_then(|it| it.diverge.as_mut()) {
                    let body = &**otherwise;
                    **otherwise = parse_quote!({ if #mutant { panic!("a mutant") } #body });
                }
            }
            (Stmt::Expr(Expr::MethodCall(call), Some(_)), _) => {
                let name = call.method.to_string();
                let text = self.text(call.span());
                let is_of_any = matches!(name.as_str(), "insert" | "append");
                let is_latch =
                    LATCHES.contains(&name.as_str()) && (!is_of_any || text.contains("voids"));
                if self.scope.engine.is_on() && is_latch {
                    let mutant = self.site(Kind::Latch, call.span(), &text);
                    let body = new.clone();
                    *new = parse_quote!(if !#mutant { #body });
                }
            }
            (Stmt::Expr(Expr::Try(it), Some(_)), _) => {
                let text = self.text(it.expr.span());
                if self.scope.checks.is_on() && is_call_of_a_check(&it.expr) {
                    let mutant = self.site(kind_of(&text), it.span(), &text);
                    let body = new.clone();
                    *new = parse_quote!(if !#mutant { #body });
                }
            }
            (Stmt::Expr(Expr::Assign(assign), Some(_)), _) => {
                let field = match &*assign.left {
                    Expr::Field(field) => self.text(field.member.span()),
                    _ => self.text(assign.left.span()),
                };
                let field = field.rsplit('.').next().unwrap_or_default();
                if PROGRESS.contains(&field) && self.scope.checks.is_on() {
                    let mutant = self.site(Kind::Progress, assign.span(), &self.text(assign.span()));
                    let body = new.clone();
                    *new = parse_quote!(if !#mutant { #body });
                }
            }
            _ => {}
        }
    }

    /// A statement that makes something durable, and the next one: they change their places.
    fn order(&mut self, originals: &[Stmt], new: &mut Vec<Stmt>) {
        for (index, pair) in originals.windows(2).enumerate().rev() {
            let [first @ Stmt::Expr(_, Some(_)), second @ Stmt::Expr(_, Some(_))] = pair else {
                continue;
            };
            let (text, next) = (self.text(first.span()), self.text(second.span()));
            let is_durable = DURABLE.iter().any(|(name, _)| text.contains(&format!("{name}(")));
            let is_return = next.starts_with("return") || next.starts_with("if");
            if !is_durable || is_return || text.starts_with("if") || text.starts_with("for") {
                continue;
            }
            let mutant = self.site(Kind::Order, first.span(), &format!("{text} before {next}"));
            let (one, two) = (new[index].clone(), new[index + 1].clone());
            let swapped: Stmt =
                parse_quote!(if #mutant { #second #first } else { #one #two });
            new.splice(index..=index + 1, [swapped]);
        }
    }
}

/// So long a text is enough to be told from others.
const TEXT_CHARS_MAX: usize = 120;

/// Whether parts of a condition are taken out one by one.
fn splits(op: &BinOp, out: Out) -> bool {
    match op {
        BinOp::Or(_) => out == Out::Never,
        BinOp::And(_) => out == Out::Always,
        _ => false,
    }
}

fn describe(text: &str, out: Out) -> String {
    match out {
        Out::Never => text.to_owned(),
        Out::Always => format!("unless {text}"),
    }
}

/// What a check is about, by its words; of an arm of a match, by those of the pattern.
fn kind_of(text: &str) -> Kind {
    let condition = text.split(" => ").next().unwrap_or_default();
    let words: Vec<&str> =
        condition.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
    let has = |known: &[&str]| words.iter().any(|word| known.contains(word));
    if words.iter().any(|word| word.contains("hash") || word.contains("crc") || *word == "checksum") {
        Kind::Checksum
    } else if has(&CHAIN_WORDS) || words.iter().any(|word| word.ends_with("seq")) {
        Kind::Chain
    } else if has_order(condition) {
        Kind::Bound
    } else {
        Kind::Check
    }
}

/// What is compared where a piece must belong to others, and follow them.
const CHAIN_WORDS: [&str; 8] =
    ["chain", "previous", "predecessor", "seed", "store", "segment", "position", "successor"];

/// Whether a function is called that does nothing but check.
fn is_call_of_a_check(expr: &Expr) -> bool {
    let name = match expr {
        Expr::MethodCall(call) => call.method.to_string(),
        Expr::Call(call) => match &*call.func {
            Expr::Path(path) => {
                path.path.segments.last().map(|last| last.ident.to_string()).unwrap_or_default()
            }
            _ => return false,
        },
        _ => return false,
    };
    name.starts_with("expect_") || name.starts_with("check")
}

fn has_order(condition: &str) -> bool {
    [" > ", " < ", " >= ", " <= "].iter().any(|operator| condition.contains(operator))
}

fn is_test_only(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let text = quote!(#attribute).to_string();
        text.contains("cfg (test)") || text.contains("(test ,") || text.starts_with("# [test]")
    })
}

/// The condition of a match's arm.
fn guard_of(pattern: &mut syn::Pat) -> Option<&mut Expr> {
    match pattern {
        syn::Pat::Guard(it) => Some(&mut it.guard),
        _ => None,
    }
}

fn name_of_type(ty: &syn::Type) -> String {
    match ty {
        syn::Type::Reference(reference) => name_of_type(&reference.elem),
        syn::Type::Path(path) => {
            path.path.segments.last().map_or_else(String::new, |last| last.ident.to_string())
        }
        _ => String::new(),
    }
}

impl VisitMut for Rewriter<'_> {
    fn visit_item_mod_mut(&mut self, node: &mut syn::ItemMod) {
        if !is_test_only(&node.attrs) {
            visit_mut::visit_item_mod_mut(self, node);
        }
    }

    fn visit_item_impl_mut(&mut self, node: &mut syn::ItemImpl) {
        if !is_test_only(&node.attrs) {
            self.types.push(name_of_type(&node.self_ty));
            visit_mut::visit_item_impl_mut(self, node);
            self.types.pop();
        }
    }

    fn visit_item_trait_mut(&mut self, node: &mut syn::ItemTrait) {
        self.types.push(node.ident.to_string());
        visit_mut::visit_item_trait_mut(self, node);
        self.types.pop();
    }

    fn visit_item_fn_mut(&mut self, node: &mut syn::ItemFn) {
        if !is_test_only(&node.attrs) && node.sig.constness.is_none() {
            self.function(&node.sig, &mut node.block);
        }
    }

    fn visit_impl_item_fn_mut(&mut self, node: &mut syn::ImplItemFn) {
        if !is_test_only(&node.attrs) && node.sig.constness.is_none() {
            self.function(&node.sig, &mut node.block);
        }
    }

    fn visit_trait_item_fn_mut(&mut self, node: &mut syn::TraitItemFn) {
        if let Some(block) = &mut node.default {
            self.function(&node.sig, block);
        }
    }

    fn visit_item_const_mut(&mut self, _: &mut syn::ItemConst) {}

    fn visit_item_static_mut(&mut self, _: &mut syn::ItemStatic) {}

    fn visit_impl_item_const_mut(&mut self, _: &mut syn::ImplItemConst) {}

    fn visit_expr_const_mut(&mut self, _: &mut syn::ExprConst) {}

    fn visit_type_mut(&mut self, _: &mut syn::Type) {}

    fn visit_pat_mut(&mut self, _: &mut syn::Pat) {}

    fn visit_attribute_mut(&mut self, _: &mut Attribute) {}

    fn visit_expr_closure_mut(&mut self, node: &mut syn::ExprClosure) {
        self.gives.push(Gives::Other);
        self.unused = false;
        visit_mut::visit_expr_closure_mut(self, node);
        self.gives.pop();
    }

    fn visit_expr_while_mut(&mut self, node: &mut ExprWhile) {
        visit_mut::visit_expr_while_mut(self, node);
    }

    fn visit_block_mut(&mut self, node: &mut Block) {
        let originals = node.stmts.clone();
        let last = originals.len().saturating_sub(1);
        for (index, (original, stmt)) in originals.iter().zip(&mut node.stmts).enumerate() {
            let is_match = matches!(original, Stmt::Expr(Expr::Match(_), _));
            self.unused = is_match && (index < last || matches!(original, Stmt::Expr(_, Some(_))));
            self.visit_stmt_mut(stmt);
            self.unused = false;
            self.statement(original, stmt);
        }
        self.order(&originals, &mut node.stmts);
    }

    fn visit_expr_mut(&mut self, node: &mut Expr) {
        let original = node.clone();
        match node {
            Expr::If(it) => {
                self.unused = false;
                self.if_expr(it);
                return;
            }
            Expr::Match(it) => {
                self.match_expr(it);
                return;
            }
            _ => {
                self.unused = false;
                visit_mut::visit_expr_mut(self, node);
            }
        }
        match &original {
            Expr::MethodCall(call) => self.method_call(call, node),
            Expr::Call(call) => self.call(call, node),
            Expr::Binary(binary) => self.comparison(binary, node),
            _ => {}
        }
    }
}

impl Rewriter<'_> {
    fn function(&mut self, signature: &syn::Signature, block: &mut Block) {
        self.functions.push(signature.ident.to_string());
        self.gives.push(Gives::of(&signature.output));
        let original = match block.stmts.last() {
            Some(Stmt::Expr(tail, None)) => Some(tail.clone()),
            _ => None,
        };
        let is_predicate = self.gives() == Gives::Bool && self.scope.predicates.is_on();
        self.checked += usize::from(is_predicate);
        self.visit_block_mut(block);
        self.checked -= usize::from(is_predicate);
        if let (Some(original), Some(Stmt::Expr(tail, None))) = (original, block.stmts.last_mut()) {
            self.tail(&original, tail);
        }
        self.gives.pop();
        self.functions.pop();
    }
}

