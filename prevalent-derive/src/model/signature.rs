//! The rules of a `#[tx]` or `#[query]` method's signature.

use proc_macro2::{Ident, TokenStream};
use quote::ToTokens;
use syn::{FnArg, Pat, PatType, Receiver, ReceiverKind, ReturnType, Safety, Signature, Type};

use super::argument::{Argument, Form, Refused, Value};
use super::scan::{Scan, bare};
use super::self_type::without_self;
use super::serde_attributes;
use crate::errors::Errors;
use crate::syntax::{MarkerKind, is_cfg};

/// Checks signatures of one kind of method.
pub(crate) struct SignatureCheck<'a> {
    pub(crate) kind: MarkerKind,
    pub(crate) self_type: &'a TokenStream,
    pub(crate) errors: &'a mut Errors,
}

impl SignatureCheck<'_> {
    fn what(&self) -> &'static str {
        match self.kind {
            MarkerKind::Tx => "transaction",
            MarkerKind::Query => "query",
        }
    }

    fn receiver_text(&self) -> &'static str {
        match self.kind {
            MarkerKind::Tx => "&mut self",
            MarkerKind::Query => "&self",
        }
    }

    /// The arguments and the return type, as far as they are right.
    pub(crate) fn run(&mut self, signature: &Signature) -> (Vec<Argument>, TokenStream) {
        self.qualifiers(signature);
        let generic = self.generics(signature);
        self.receiver(signature);
        let arguments = self.arguments(signature, generic);
        let output = self.output(&signature.output, generic);
        (arguments, output)
    }

    fn qualifiers(&mut self, signature: &Signature) {
        let what = self.what();
        if let Some(asyncness) = &signature.asyncness {
            let help = match self.kind {
                MarkerKind::Tx => {
                    "remove `async`: the method runs in memory; what has to be awaited is done before, \
                     and its result is an argument"
                }
                MarkerKind::Query => "remove `async`: a query is a plain read of memory",
            };
            self.errors.push(asyncness, format_args!("a {what} cannot be `async`"), help);
        }
        if let Some(constness) = &signature.constness {
            self.errors.push(
                constness,
                format_args!("a {what} cannot be `const`"),
                "remove `const`",
            );
        }
        if let Safety::Unsafe(unsafety) = &signature.safety {
            self.errors.push(
                unsafety,
                format_args!("a {what} cannot be `unsafe`"),
                "remove `unsafe`: a replay has nobody who could vouch for it",
            );
        }
        if let Some(abi) = &signature.abi {
            self.errors.push(abi, format_args!("a {what} cannot be `extern`"), "remove `extern`");
        }
        if let Some(variadic) = &signature.variadic {
            self.errors.push(
                variadic,
                format_args!("a {what} cannot be variadic"),
                "take a `Vec` of arguments",
            );
        }
    }

    /// Whether the method is generic, which is one mistake however often its parameters are used.
    fn generics(&mut self, signature: &Signature) -> bool {
        let generics = &signature.generics;
        let what = self.what();
        let lifetimes_only =
            generics.params.iter().all(|param| matches!(param, syn::GenericParam::Lifetime(_)));
        let help = match (self.kind, lifetimes_only) {
            (MarkerKind::Tx, true) => "leave lifetimes out: `&str`, `&[T]` and `&T` are enough",
            (MarkerKind::Tx, false) => "name the type: the journal has to know what it holds",
            (MarkerKind::Query, _) => {
                "name the type, or read with a closure: `store.read(|model| ..)`"
            }
        };
        if generics.lt_token.is_some() && !generics.params.is_empty() {
            let params = syn::Generics { where_clause: None, ..generics.clone() };
            self.errors.push(params, format_args!("a {what} cannot be generic"), help);
            return true;
        }
        if let Some(clause) = &generics.where_clause {
            self.errors.push(
                clause,
                format_args!("a {what} cannot have a `where` clause"),
                "remove it",
            );
        }
        false
    }

    fn receiver(&mut self, signature: &Signature) {
        let (what, wanted) = (self.what(), self.receiver_text());
        let name = &signature.ident;
        let Some(receiver) = signature.receiver() else {
            let help = format!(
                "write `fn {name}({wanted}{})`",
                if signature.inputs.is_empty() { "" } else { ", .." }
            );
            self.errors.push(name, format_args!("a {what} needs `{wanted}`"), help);
            return;
        };
        let is_right = match (self.kind, reference_of(receiver)) {
            (MarkerKind::Tx, Some(mutable)) => mutable,
            (MarkerKind::Query, Some(mutable)) => !mutable,
            (_, None) => false,
        };
        if !is_right {
            let help = match (self.kind, reference_of(receiver)) {
                (MarkerKind::Tx, Some(_)) => "write `&mut self`, or make it a `#[query]`",
                (MarkerKind::Query, Some(_)) => "write `&self`, or make it a `#[tx]`",
                (MarkerKind::Tx, None) => "write `&mut self`",
                (MarkerKind::Query, None) => "write `&self`",
            };
            self.errors.push(
                receiver_tokens(receiver),
                format_args!("a {what} takes `{wanted}`"),
                help,
            );
        } else if let ReceiverKind::Reference(_, Some(lifetime), _) = &receiver.kind
            && signature.generics.params.is_empty()
        {
            self.lifetime(lifetime);
        }
    }

    fn lifetime(&mut self, at: impl ToTokens) {
        let what = self.what();
        self.errors.push(
            at,
            format_args!("a {what} cannot name lifetimes"),
            match self.kind {
                MarkerKind::Tx => "leave the lifetime out, or take an owned type",
                MarkerKind::Query => {
                    "leave the lifetime out, or read with a closure: `store.read(|model| ..)`"
                }
            },
        );
    }

    fn arguments(&mut self, signature: &Signature, generic: bool) -> Vec<Argument> {
        let mut arguments = Vec::new();
        for input in &signature.inputs {
            let FnArg::Typed(input) = input else { continue };
            if Argument::is_context(&input.ty) {
                let again = arguments.iter().any(|argument| matches!(argument, Argument::Context));
                self.context(input, again);
                arguments.push(Argument::Context);
            } else if let Some(value) = self.value(input, generic) {
                arguments.push(Argument::Value(Box::new(value)));
            }
        }
        arguments
    }

    fn context(&mut self, input: &PatType, again: bool) {
        let is_shared =
            matches!(bare(&input.ty), Type::Reference(reference) if reference.mutability.is_none());
        if self.kind == MarkerKind::Query {
            self.errors.push(
                input,
                "a query has no `TxContext`",
                "remove it: a query happens outside the order of transactions; take the time as an argument",
            );
        } else if again {
            self.errors.push(input, "a transaction has one `TxContext`", "remove this one");
        } else if !is_shared {
            self.errors.push(&input.ty, "a transaction takes `&TxContext`", "write `&TxContext`");
        } else if let Some(serde) =
            input.attrs.iter().find(|attribute| attribute.path().is_ident("serde"))
        {
            self.errors.push(
                serde,
                "the `TxContext` is no field of the transaction",
                "remove the attribute",
            );
        }
    }

    fn value(&mut self, input: &PatType, generic: bool) -> Option<Value> {
        let ident = self.pattern(&input.pat);
        let mut attributes = input.attrs.clone();
        let serde = serde_attributes::take(&mut attributes);
        for attribute in &serde {
            match self.kind {
                MarkerKind::Tx => serde_attributes::check(attribute, self.errors),
                MarkerKind::Query => self.errors.push(
                    attribute,
                    "the argument of a query is not stored",
                    "remove the attribute; it is for the arguments of a `#[tx]`",
                ),
            }
        }
        let form = match (self.kind, generic) {
            // What is generic was refused already; its types may be anything.
            (_, true) => Form::Owned,
            (MarkerKind::Tx, false) => self.stored(&input.ty),
            (MarkerKind::Query, false) => self.handed_on(&input.ty),
        };
        let written = without_self(&input.ty, self.self_type);
        attributes.retain(is_cfg);
        let ty = (*input.ty).clone();
        Some(Value { ident: ident?, cfg: attributes, serde, written, form, ty })
    }

    /// The name of an argument.
    fn pattern(&mut self, pattern: &Pat) -> Option<Ident> {
        let what = self.what();
        match pattern {
            Pat::Ident(name) if name.by_ref.is_none() && name.subpat.is_none() => {
                Some(name.ident.clone())
            }
            Pat::Paren(paren) => self.pattern(&paren.pat),
            Pat::Wild(_) => {
                self.errors.push(
                    pattern,
                    format_args!("an argument of a {what} needs a name"),
                    "name it; `_name` says that it is not used",
                );
                None
            }
            _ => {
                self.errors.push(
                    pattern,
                    format_args!("an argument of a {what} cannot be a pattern"),
                    "give it a name, and take it apart inside: `let (a, b) = pair;`",
                );
                None
            }
        }
    }

    /// The argument of a transaction, which is stored.
    fn stored(&mut self, ty: &Type) -> Form {
        let refused = match Form::of(ty, self.self_type) {
            Ok(form) => return form,
            Err(refused) => refused,
        };
        let errors = &mut *self.errors;
        match refused {
            Refused::Mutable => errors.push(
                ty,
                "a transaction cannot take `&mut`",
                "return what the caller shall get, and take the rest by value",
            ),
            Refused::Nested => errors.push(
                ty,
                "a reference inside an argument's type cannot be stored",
                "take an owned type, as in `Vec<String>`; `&str`, `&[T]`, `&T` and an `Option` of these may be borrowed",
            ),
            Refused::Dyn => errors.push(
                ty,
                "a `dyn` argument cannot be stored",
                "name the type; an enum can hold one of several",
            ),
            Refused::ImplTrait => self.impl_trait(ty),
            Refused::Inferred => errors.push(ty, "the type of an argument must be written out", "name the type"),
            Refused::Lifetime => self.lifetime(ty),
            Refused::Unsized(name, owned) => errors.push(
                ty,
                format_args!("a `&{name}` cannot be stored"),
                format_args!("take `{owned}` or `&{owned}`; your own `{name}` goes by `self::{name}`"),
            ),
        }
        Form::Owned
    }

    /// The argument of a query, which is only handed on.
    fn handed_on(&mut self, ty: &Type) -> Form {
        let scan = Scan::of(ty);
        if scan.impl_trait {
            self.impl_trait(ty);
        } else if scan.lifetime {
            self.lifetime(ty);
        }
        Form::Owned
    }

    fn impl_trait(&mut self, ty: &Type) {
        let what = self.what();
        let help = match self.kind {
            MarkerKind::Tx => "name the type, as in `String` for `impl Into<String>`",
            MarkerKind::Query => "name the type, or read with a closure: `store.read(|model| ..)`",
        };
        self.errors.push(ty, format_args!("a {what} cannot take `impl Trait`"), help);
    }

    fn output(&mut self, output: &ReturnType, generic: bool) -> TokenStream {
        let ReturnType::Type(_, ty) = output else { return quote::quote!(()) };
        let what = self.what();
        let scan = Scan::of(ty);
        if scan.impl_trait {
            self.errors.push(
                ty,
                format_args!("a {what} cannot return `impl Trait`"),
                "name the type, as in `Vec<T>` for `impl Iterator<Item = T>`",
            );
        } else if scan.borrows() && !generic {
            let help = match self.kind {
                MarkerKind::Tx => "return an owned value: the reply leaves the model",
                MarkerKind::Query => {
                    "return an owned value, or read with a closure: `store.read(|model| ..)`"
                }
            };
            self.errors.push(ty, format_args!("a {what} cannot return what it borrows"), help);
        } else if matches!(bare(ty), Type::Never(_)) {
            self.errors.push(
                ty,
                format_args!("a {what} has to return"),
                "return `()`, or a `Result`",
            );
        } else if scan.inferred {
            self.errors.push(ty, "the return type must be written out", "name the type");
        }
        without_self(ty, self.self_type)
    }
}

/// For a `self` behind a reference, whether it is `&mut`.
fn reference_of(receiver: &Receiver) -> Option<bool> {
    match &receiver.kind {
        ReceiverKind::Reference(_, _, mutability) => Some(mutability.is_some()),
        ReceiverKind::Typed(_, ty) => match bare(ty) {
            Type::Reference(reference) if is_self(&reference.elem) => {
                Some(reference.mutability.is_some())
            }
            _ => None,
        },
        _ => None,
    }
}

fn is_self(ty: &Type) -> bool {
    matches!(bare(ty), Type::Path(path) if path.path.is_ident("Self"))
}

/// A receiver without its attributes.
fn receiver_tokens(receiver: &Receiver) -> Receiver {
    Receiver { attrs: Vec::new(), ..receiver.clone() }
}
