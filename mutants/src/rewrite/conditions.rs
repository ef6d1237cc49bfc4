//! Taking conditions out.

use syn::spanned::Spanned;
use syn::{BinOp, Expr, parse_quote};

use super::Rewriter;
use super::kinds::kind_of;
use super::shape::binds;
use crate::site::Kind;

/// Which way a condition is taken out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Out {
    /// It never holds.
    Never,
    /// It always holds.
    Always,
}

impl Rewriter<'_> {
    /// Takes a condition out, each of its parts by itself. Without a kind, it is of the one that its words say.
    pub(super) fn take_out(
        &mut self,
        original: &Expr,
        new: &mut Expr,
        out: Out,
        kind: Option<Kind>,
    ) {
        let taken = std::mem::replace(new, parse_quote!(true));
        *new = self.part(original, taken, out, kind);
    }

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
                let text = match out {
                    Out::Never => text,
                    Out::Always => format!("unless {text}"),
                };
                let mutant = self.site(kind, original.span(), &text);
                match out {
                    Out::Never if binds(original) => parse_quote!(#new && !#mutant),
                    Out::Never => parse_quote!((#new) && !#mutant),
                    Out::Always => parse_quote!((#new) || #mutant),
                }
            }
        }
    }
}

/// Whether the parts of a condition are taken out one by one: only then does one of them count by itself.
pub(super) fn splits(op: &BinOp, out: Out) -> bool {
    match op {
        BinOp::Or(_) => out == Out::Never,
        BinOp::And(_) => out == Out::Always,
        _ => false,
    }
}
