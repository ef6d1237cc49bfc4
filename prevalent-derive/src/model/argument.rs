//! The arguments of a `#[tx]`: owned in the transaction, borrowed by the method.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};
use syn::{Attribute, GenericArgument, PathArguments, Type, TypeReference};

use super::scan::{Scan, bare};
use super::self_type::without_self;
use crate::syntax::last_segment;

/// An argument of the user's method, in its place.
pub(crate) enum Argument {
    /// `cx: &TxContext`
    Context,
    Value(Box<Value>),
}

/// An argument that is a field of the transaction.
pub(crate) struct Value {
    pub(crate) ident: Ident,
    pub(crate) cfg: Vec<Attribute>,
    pub(crate) serde: Vec<Attribute>,
    /// The type that the method takes, `Self` replaced.
    pub(crate) written: TokenStream,
    pub(crate) form: Form,
    /// The type as syn's tree, `Self` left in it.
    pub(crate) ty: Type,
}

impl Argument {
    /// The field of the transaction.
    pub(crate) fn value(&self) -> Option<&Value> {
        match self {
            Self::Context => None,
            Self::Value(value) => Some(value),
        }
    }

    /// Is it `TxContext`, behind whatever reference and path?
    pub(crate) fn is_context(ty: &Type) -> bool {
        match bare(ty) {
            Type::Reference(reference) => Self::is_context(&reference.elem),
            Type::Path(path) => last_segment(&path.path).is_some_and(|last| last == "TxContext"),
            _ => false,
        }
    }
}

/// How an argument is stored and lent.
pub(crate) enum Form {
    Owned,
    Borrowed(Lend),
    /// `Option<&str>`: the path of the option, and what is inside.
    BorrowedOption(TokenStream, Lend),
}

/// A reference that a method takes, and what it refers to.
pub(crate) enum Lend {
    Str,
    Slice(TokenStream),
    Other(TokenStream),
}

/// The shapes of arguments, without their types.
#[derive(Clone, Copy)]
pub(crate) enum Shape {
    Owned,
    /// `&str` and `Option<&str>`
    Text,
    Slice,
    Ref,
    OptionSlice,
    OptionRef,
}

/// Why a type cannot be an argument.
pub(crate) enum Refused {
    Mutable,
    Nested,
    Dyn,
    ImplTrait,
    Inferred,
    Lifetime,
    /// The standard library's `Path`, `OsStr` or `CStr`, and its owned form.
    Unsized(&'static str, &'static str),
}

impl Form {
    /// Finds the form of an argument's type.
    pub(crate) fn of(ty: &Type, self_type: &TokenStream) -> Result<Self, Refused> {
        let scan = Scan::of(ty);
        if scan.impl_trait {
            return Err(Refused::ImplTrait);
        }
        if scan.lifetime || scan.static_lifetime {
            return Err(Refused::Lifetime);
        }
        if scan.inferred {
            return Err(Refused::Inferred);
        }
        let form = match bare(ty) {
            Type::Reference(reference) => Self::Borrowed(Lend::of(reference, self_type)?),
            other => match option_of_reference(other) {
                Some((path, reference)) => Self::BorrowedOption(
                    without_self(&path, self_type),
                    Lend::of(reference, self_type)?,
                ),
                None if scan.reference => return Err(Refused::Nested),
                None => Self::Owned,
            },
        };
        if scan.dyn_trait && !matches!(form, Self::Owned) {
            return Err(Refused::Dyn);
        }
        Ok(form)
    }

    /// The type of the field of the transaction; `written` is the type of the argument.
    pub(crate) fn owned(&self, written: &TokenStream, krate: &syn::Path) -> TokenStream {
        match self {
            Self::Owned => written.clone(),
            Self::Borrowed(lend) => lend.owned(krate),
            Self::BorrowedOption(option, lend) => {
                let inner = lend.owned(krate);
                quote!(#option<#inner>)
            }
        }
    }

    /// The type of the argument with a lifetime that is named.
    pub(crate) fn with_lifetime(
        &self,
        written: &TokenStream,
        lifetime: &syn::Lifetime,
    ) -> TokenStream {
        match self {
            Self::Owned => written.clone(),
            Self::Borrowed(lend) => lend.borrowed(lifetime),
            Self::BorrowedOption(option, lend) => {
                let inner = lend.borrowed(lifetime);
                quote!(#option<#inner>)
            }
        }
    }

    /// The expression that hands the field `local` to the method.
    pub(crate) fn lend(&self, local: &Ident) -> TokenStream {
        match self {
            Self::Owned => quote!(#local),
            Self::Borrowed(_) => quote!(&#local),
            Self::BorrowedOption(_, Lend::Other(_)) => {
                quote!(::core::option::Option::as_ref(&#local))
            }
            Self::BorrowedOption(..) => quote!(::core::option::Option::as_deref(&#local)),
        }
    }

    pub(crate) fn is_borrowed(&self) -> bool {
        !matches!(self, Self::Owned)
    }

    /// The type that the user has to make an argument; `written` is the type of the whole.
    pub(crate) fn inner<'a>(&'a self, written: &'a TokenStream) -> &'a TokenStream {
        match self {
            Self::Borrowed(Lend::Slice(ty) | Lend::Other(ty))
            | Self::BorrowedOption(_, Lend::Slice(ty) | Lend::Other(ty)) => ty,
            Self::Owned | Self::Borrowed(Lend::Str) | Self::BorrowedOption(_, Lend::Str) => written,
        }
    }

    /// What is stored, and what is lent.
    pub(crate) fn shape(&self) -> Shape {
        match self {
            Self::Owned => Shape::Owned,
            Self::Borrowed(Lend::Str) | Self::BorrowedOption(_, Lend::Str) => Shape::Text,
            Self::Borrowed(Lend::Slice(_)) => Shape::Slice,
            Self::Borrowed(Lend::Other(_)) => Shape::Ref,
            Self::BorrowedOption(_, Lend::Slice(_)) => Shape::OptionSlice,
            Self::BorrowedOption(_, Lend::Other(_)) => Shape::OptionRef,
        }
    }
}

impl Lend {
    fn of(reference: &TypeReference, self_type: &TokenStream) -> Result<Self, Refused> {
        if reference.mutability.is_some() {
            return Err(Refused::Mutable);
        }
        let inner = bare(&reference.elem);
        if let Some((name, owned)) = unsized_of_std(inner) {
            return Err(Refused::Unsized(name, owned));
        }
        if Scan::of(inner).borrows() {
            return Err(Refused::Nested);
        }
        Ok(match inner {
            Type::Path(path) if path.qself.is_none() && is_str(&path.path) => Self::Str,
            Type::Slice(slice) => Self::Slice(without_self(&slice.elem, self_type)),
            other => Self::Other(without_self(other, self_type)),
        })
    }

    fn owned(&self, krate: &syn::Path) -> TokenStream {
        match self {
            Self::Str => quote!(#krate::__private::String),
            Self::Slice(element) => quote!(#krate::__private::Vec<#element>),
            Self::Other(ty) => ty.clone(),
        }
    }

    fn borrowed(&self, lifetime: &syn::Lifetime) -> TokenStream {
        match self {
            Self::Str => quote!(&#lifetime ::core::primitive::str),
            Self::Slice(element) => quote!(&#lifetime [#element]),
            Self::Other(ty) => quote!(&#lifetime #ty),
        }
    }
}

/// A type without a size, by its name. One of the user's own that has the same name goes by a path: `self::Path`.
fn unsized_of_std(ty: &Type) -> Option<(&'static str, &'static str)> {
    const UNSIZED: &[(&str, &str)] =
        &[("Path", "PathBuf"), ("OsStr", "OsString"), ("CStr", "CString")];
    let Type::Path(path) = ty else { return None };
    let segments = &path.path.segments;
    let is_of_std = segments.len() == 1
        || segments.first().is_some_and(|first| {
            ["std", "core", "path", "ffi"].iter().any(|root| first.ident == root)
        });
    let last = last_segment(&path.path).filter(|_| is_of_std)?;
    UNSIZED.iter().find(|(name, _)| last == name).copied()
}

fn is_str(path: &syn::Path) -> bool {
    path.is_ident("str") || path.to_token_stream().to_string().ends_with("primitive :: str")
}

/// `Option<&T>`: the path of `Option`, without its argument, and the reference.
fn option_of_reference(ty: &Type) -> Option<(TokenStream, &TypeReference)> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last()?;
    if last_segment(&path.path)? != "Option" || path.qself.is_some() {
        return None;
    }
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    let (1, Some(GenericArgument::Type(inner))) = (arguments.args.len(), arguments.args.first())
    else {
        return None;
    };
    let Type::Reference(reference) = bare(inner) else { return None };
    let mut option = path.path.clone();
    option.segments.last_mut()?.arguments = PathArguments::None;
    Some((option.to_token_stream(), reference))
}

#[cfg(test)]
mod tests {
    use syn::parse_quote;

    use super::*;

    fn owned(ty: &Type) -> String {
        let krate = parse_quote!(p);
        match Form::of(ty, &quote!(Model)) {
            Ok(form) => {
                form.owned(&without_self(ty, &quote!(Model)), &krate).to_string().replace(' ', "")
            }
            Err(_) => "refused".to_owned(),
        }
    }

    #[test]
    fn borrowed_arguments_have_an_owned_field() {
        assert_eq!(owned(&parse_quote!(&str)), "p::__private::String");
        assert_eq!(owned(&parse_quote!(&[Self])), "p::__private::Vec<Model>");
        assert_eq!(owned(&parse_quote!(&m::T<u8>)), "m::T<u8>");
        assert_eq!(owned(&parse_quote!(&self::Path)), "self::Path");
        assert_eq!(owned(&parse_quote!(Option<&str>)), "Option<p::__private::String>");
        assert_eq!(
            owned(&parse_quote!(std::option::Option<&[u8]>)),
            "std::option::Option<p::__private::Vec<u8>>"
        );
        assert_eq!(owned(&parse_quote!(Option<Vec<Self>>)), "Option<Vec<Model>>");
    }

    #[test]
    fn what_cannot_be_owned_is_refused() {
        let refused: Vec<Type> = vec![
            parse_quote!(Vec<&str>),
            parse_quote!(&&str),
            parse_quote!(&[&str]),
            parse_quote!(&mut u8),
            parse_quote!(&'static str),
            parse_quote!(Cow<'_, str>),
            parse_quote!(impl Into<String>),
            parse_quote!(&dyn Debug),
            parse_quote!(Option<&mut u8>),
            parse_quote!(Option<Option<&str>>),
            parse_quote!(&Path),
            parse_quote!(Option<&std::ffi::OsStr>),
        ];
        for ty in refused {
            assert_eq!(owned(&ty), "refused", "{}", ty.to_token_stream());
        }
    }
}
