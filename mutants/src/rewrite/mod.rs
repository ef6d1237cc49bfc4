//! Finds the sites of a file, and makes each of them one that can be taken out while the program runs.
//!
//! Every site becomes a look at `crate::mutant(number)`: so one build has all mutants in it. The rules go from the form of
//! the code, not from lists of places; what they find is compared with the catalogue. Each kind of rule has its file:
//! [`durability`], [`latches`], [`refusals`], [`bounds`], [`predicates`].
//!
//! This one walks through the code. What is below a place is rewritten before it; the rules look at the code as it was.

mod bounds;
mod conditions;
mod durability;
mod kinds;
mod latches;
mod predicates;
mod refusals;
mod shape;

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use proc_macro2::Span;
use quote::quote;
use syn::visit_mut::{self, VisitMut};
use syn::{Attribute, Block, Expr, Signature, Stmt, parse_quote};

use self::shape::Gives;
use crate::failure::Result;
use crate::scope::Scope;
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
        codes: Vec::new(),
        gives: vec![Gives::Other],
        checked: 0,
        is_unused: false,
        is_discarded: false,
    };
    rewriter.visit_file_mut(&mut file);
    Ok(prettyplease::unparse(&file))
}

/// A way through a file.
struct Rewriter<'a> {
    file: &'a str,
    source: &'a str,
    scope: Scope,
    sites: &'a mut Vec<Site>,
    /// How often a text has come in a function.
    ordinals: HashMap<(String, String), usize>,
    /// The types of the `impl` blocks around this place.
    types: Vec<String>,
    functions: Vec<String>,
    /// Hashes of their code.
    codes: Vec<u64>,
    /// What the functions and closures around this place give.
    gives: Vec<Gives>,
    /// How many conditions around this place are sites already, with all their parts.
    checked: usize,
    /// The value of the expression that comes next is not used.
    is_unused: bool,
    /// The result of this statement counts for nothing, an error neither.
    is_discarded: bool,
}

/// So long a text is enough to be told from others.
const TEXT_CHARS_MAX: usize = 120;

impl Rewriter<'_> {
    /// The code as it was written, in one line.
    fn text(&self, span: Span) -> String {
        let text = self.source.get(span.byte_range()).unwrap_or_default();
        let code = text.lines().map(|line| line.split(" //").next().unwrap_or_default());
        code.flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ")
    }

    /// Notes a site, and gives what tells whether it is taken out.
    fn site(&mut self, kind: Kind, span: Span, text: &str) -> Expr {
        let mut short: String = text.chars().take(TEXT_CHARS_MAX).collect();
        if short.len() < text.len() {
            short.push('…');
        }
        let names: Vec<&str> =
            self.types.iter().chain(&self.functions).map(String::as_str).collect();
        let function = names.join("::");
        let ordinal = self.ordinals.entry((function.clone(), short.clone())).or_default();
        *ordinal += 1;
        let key = Key { file: self.file.to_owned(), function, text: short, ordinal: *ordinal };
        let number = u32::try_from(self.sites.len() + 1).unwrap_or(u32::MAX);
        let code = self.codes.last().copied().unwrap_or_default();
        self.sites.push(Site { number, key, kind, line: span.start().line, code });
        parse_quote!(crate::mutant(#number))
    }

    /// What the function or closure around this place gives.
    fn gives(&self) -> Gives {
        self.gives.last().copied().unwrap_or(Gives::Other)
    }

    fn function(&mut self, signature: &Signature, block: &mut Block) {
        self.functions.push(signature.ident.to_string());
        self.codes.push(hash(&self.text(block.brace_token.span.join())));
        self.gives.push(Gives::of(&signature.output));
        let original = block.stmts.last().and_then(tail_of).cloned();
        let is_predicate = self.gives() == Gives::Bool && self.scope.predicates.is_on();
        self.checked += usize::from(is_predicate);
        self.visit_block_mut(block);
        self.checked -= usize::from(is_predicate);
        if let (Some(original), Some(Stmt::Expr(tail, None))) = (original, block.stmts.last_mut()) {
            self.predicate(&original, tail);
            self.refused_at_last(&original, tail);
        }
        self.gives.pop();
        self.codes.pop();
        self.functions.pop();
    }
}

fn hash(code: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    code.hash(&mut hasher);
    hasher.finish()
}

/// What a block ends with, if that is its value.
fn tail_of(last: &Stmt) -> Option<&Expr> {
    match last {
        Stmt::Expr(tail, None) => Some(tail),
        _ => None,
    }
}

fn is_test_only(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let text = quote!(#attribute).to_string();
        text.contains("cfg (test)") || text.contains("(test ,") || text.starts_with("# [test]")
    })
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

    // Nothing can be asked at run time in a constant; and in types, patterns and attributes there are no sites.

    fn visit_item_const_mut(&mut self, _: &mut syn::ItemConst) {}

    fn visit_item_static_mut(&mut self, _: &mut syn::ItemStatic) {}

    fn visit_impl_item_const_mut(&mut self, _: &mut syn::ImplItemConst) {}

    fn visit_expr_const_mut(&mut self, _: &mut syn::ExprConst) {}

    fn visit_type_mut(&mut self, _: &mut syn::Type) {}

    fn visit_pat_mut(&mut self, _: &mut syn::Pat) {}

    fn visit_attribute_mut(&mut self, _: &mut Attribute) {}

    fn visit_expr_closure_mut(&mut self, node: &mut syn::ExprClosure) {
        // A `return` in it leaves the closure only.
        self.gives.push(Gives::Other);
        visit_mut::visit_expr_closure_mut(self, node);
        self.gives.pop();
    }

    fn visit_block_mut(&mut self, node: &mut Block) {
        let originals = node.stmts.clone();
        let last = originals.len().saturating_sub(1);
        for (index, (original, stmt)) in originals.iter().zip(&mut node.stmts).enumerate() {
            self.is_unused = match original {
                Stmt::Expr(Expr::Match(_), semicolon) => index < last || semicolon.is_some(),
                _ => false,
            };
            let is_discarded =
                matches!(original, Stmt::Local(local) if matches!(local.pat, syn::Pat::Wild(_)));
            let outside = std::mem::replace(&mut self.is_discarded, is_discarded);
            self.visit_stmt_mut(stmt);
            self.is_discarded = outside;
            self.refused_in_statement(original, stmt);
            self.failed_statement(original, stmt);
            self.latch(original, stmt);
        }
        self.order(&originals, &mut node.stmts);
    }

    fn visit_expr_mut(&mut self, node: &mut Expr) {
        let original = node.clone();
        let is_unused = std::mem::take(&mut self.is_unused);
        match node {
            Expr::If(it) => return self.refused_by_if(it),
            Expr::Match(it) => return self.refused_by_match(it, is_unused),
            _ => visit_mut::visit_expr_mut(self, node),
        }
        match &original {
            Expr::MethodCall(call) => {
                self.durable_call(&call.method.to_string(), &original, node);
                self.look_at_failure(call, node);
                self.bounded_call(call, node);
                self.refused_value(call, node);
                self.condition_of_value(call, node);
            }
            Expr::Call(call) => {
                if let Some(name) = shape::function_name(call) {
                    self.durable_call(&name, &original, node);
                }
            }
            Expr::Binary(binary) => self.comparison(binary, node),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests;
