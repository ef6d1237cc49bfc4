//! What a piece of code is: whether it refuses something, whether its value is used.

use syn::{Block, Expr, ExprCall, ExprPath, ReturnType, Stmt, Type};

/// What a function gives back, as far as it matters here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gives {
    /// Nothing but whether it went well: `Result<(), _>`.
    Success,
    /// Whether something is so.
    Bool,
    Other,
}

impl Gives {
    pub(super) fn of(output: &ReturnType) -> Gives {
        let ReturnType::Type(_, ty) = output else { return Gives::Other };
        let Type::Path(path) = &**ty else { return Gives::Other };
        let Some(last) = path.path.segments.last() else { return Gives::Other };
        if last.ident == "bool" {
            return Gives::Bool;
        }
        let syn::PathArguments::AngleBracketed(arguments) = &last.arguments else {
            return Gives::Other;
        };
        let gives_unit = matches!(
            arguments.args.first(),
            Some(syn::GenericArgument::Type(Type::Tuple(tuple))) if tuple.elems.is_empty()
        );
        if last.ident == "Result" && gives_unit { Gives::Success } else { Gives::Other }
    }
}

/// Whether a block ends with a refusal.
pub(super) fn block_refuses(block: &Block) -> bool {
    match block.stmts.last() {
        Some(Stmt::Expr(last, _)) => refuses(last),
        _ => false,
    }
}

/// Whether an expression is a refusal: an error, or nothing, returned or given.
pub(super) fn refuses(expr: &Expr) -> bool {
    match expr {
        Expr::Return(it) => it.expr.as_deref().is_some_and(|value| refuses(value) || is_no(value)),
        Expr::Call(call) => match &*call.func {
            Expr::Path(path) if is_named(path, "Err") || is_named(path, "NotNow") => true,
            Expr::Path(path) if is_named(path, "Some") => call.args.iter().all(refuses),
            _ => false,
        },
        Expr::Block(it) => block_refuses(&it.block),
        Expr::If(it) => {
            let otherwise = it.else_branch.as_ref().map(|(_, expr)| refuses(expr));
            block_refuses(&it.then_branch) && otherwise == Some(true)
        }
        _ => false,
    }
}

/// Nothing, or a no; a refusal only where it is returned.
fn is_no(expr: &Expr) -> bool {
    match expr {
        Expr::Path(path) => is_named(path, "None"),
        Expr::Lit(it) => matches!(&it.lit, syn::Lit::Bool(value) if !value.value),
        _ => false,
    }
}

fn is_named(path: &ExprPath, name: &str) -> bool {
    path.path.segments.last().is_some_and(|last| last.ident == name)
}

/// Whether a refusal leaves the function.
pub(super) fn returns(expr: &Expr) -> bool {
    match expr {
        Expr::Return(_) => true,
        Expr::Block(it) => {
            matches!(it.block.stmts.last(), Some(Stmt::Expr(last, _)) if returns(last))
        }
        _ => false,
    }
}

/// Whether a condition binds something.
pub(super) fn binds(condition: &Expr) -> bool {
    match condition {
        Expr::Let(_) => true,
        Expr::Binary(it) => binds(&it.left) || binds(&it.right),
        _ => false,
    }
}

/// The name of the function that is called, without its path.
pub(super) fn function_name(call: &ExprCall) -> Option<String> {
    match &*call.func {
        Expr::Path(path) => path.path.segments.last().map(|last| last.ident.to_string()),
        _ => None,
    }
}
