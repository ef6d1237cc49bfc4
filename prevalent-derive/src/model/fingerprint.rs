//! A number that is another one when the body of a transaction is another one.
//!
//! The algorithm is fixed: it is described in `docs/macro.md`, and what it gives is kept beside journals. Another one
//! would tell every user that all of their transactions had changed.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// The fingerprint of what an item holds: the fields or variants as they are declared.
pub(crate) fn of_inside(item: &TokenStream) -> u64 {
    let tokens: Vec<TokenTree> = item.clone().into_iter().collect();
    let inside = tokens.into_iter().rev().find_map(|token| match token {
        TokenTree::Group(group) if group.delimiter() != Delimiter::Bracket => Some(group.stream()),
        _ => None,
    });
    of(inside.unwrap_or_default())
}

/// The fingerprint of a method's body, or of other tokens.
pub(crate) fn of(body: TokenStream) -> u64 {
    let mut hash = Fnv1a::new();
    hash.stream(body);
    hash.0
}

/// FNV-1a with 64 bits.
struct Fnv1a(u64);

impl Fnv1a {
    const fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    fn bytes(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }

    /// A kind, a text, and an end.
    fn word(&mut self, kind: u8, text: &str) {
        self.bytes(&[kind]);
        self.bytes(text.as_bytes());
        self.bytes(&[0]);
    }

    fn stream(&mut self, tokens: TokenStream) {
        for token in what_counts(tokens) {
            match token {
                TokenTree::Ident(ident) => self.word(b'i', &ident.to_string()),
                TokenTree::Literal(literal) => self.word(b'l', &literal.to_string()),
                TokenTree::Punct(punct) => {
                    self.word(b'p', punct.as_char().encode_utf8(&mut [0; 4]));
                }
                TokenTree::Group(group) => {
                    let [open, close] = match group.delimiter() {
                        Delimiter::Parenthesis => [b'(', b')'],
                        Delimiter::Bracket => [b'[', b']'],
                        Delimiter::Brace | Delimiter::None => [b'{', b'}'],
                    };
                    self.bytes(&[open]);
                    self.stream(group.stream());
                    self.bytes(&[close]);
                }
            }
        }
    }
}

/// The tokens between two delimiters without doc comments, and without the commas that a formatter sets as it likes: at
/// the end, and behind a brace.
fn what_counts(tokens: TokenStream) -> Vec<TokenTree> {
    let mut kept: Vec<TokenTree> = Vec::new();
    let mut tokens = visible(tokens).into_iter().peekable();
    while let Some(token) = tokens.next() {
        match &token {
            TokenTree::Punct(punct) if punct.as_char() == '#' => {
                let bang = tokens.next_if(|next| is_punct(next, '!'));
                if tokens.next_if(is_doc).is_none() {
                    kept.push(token);
                    kept.extend(bang);
                }
            }
            TokenTree::Punct(_) if is_punct(&token, ',') => {
                let is_free = tokens.peek().is_none() || kept.last().is_some_and(is_braced);
                if !is_free {
                    kept.push(token);
                }
            }
            _ => kept.push(token),
        }
    }
    kept
}

/// The tokens, with those in invisible groups: what a `macro_rules!` filled in is as good as written.
fn visible(tokens: TokenStream) -> Vec<TokenTree> {
    let mut all = Vec::new();
    for token in tokens {
        match token {
            TokenTree::Group(group) if group.delimiter() == Delimiter::None => {
                all.extend(visible(group.stream()));
            }
            token => all.push(token),
        }
    }
    all
}

fn is_punct(token: &TokenTree, char: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == char)
}

fn is_braced(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace)
}

/// The `[doc = ".."]` of a doc comment.
fn is_doc(token: &TokenTree) -> bool {
    let TokenTree::Group(group) = token else { return false };
    let mut inside = group.stream().into_iter();
    group.delimiter() == Delimiter::Bracket
        && matches!(inside.next(), Some(TokenTree::Ident(word)) if word == "doc")
        && inside.next().is_some_and(|token| is_punct(&token, '='))
}

#[cfg(test)]
mod tests {
    use proc_macro2::Group;
    use quote::quote;

    use super::*;

    fn parsed(text: &str) -> u64 {
        of(text.parse().unwrap())
    }

    #[test]
    fn the_algorithm_is_fixed() {
        // FNV-1a of nothing, and of `{`, `}`.
        assert_eq!(parsed(""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(parsed("{}"), GOLDEN[0]);
        assert_eq!(parsed("{ self.total += 1; }"), GOLDEN[1]);
        let long = r#"{ let x: Option<&'static str> = Some("a\n"); match x { Some(_) => [1u8, 0x2], None => todo!() } }"#;
        assert_eq!(parsed(long), GOLDEN[2]);
        assert_eq!(parsed("{ r#type.größe(b'x', 1.5e3, r\"raw\"); }"), GOLDEN[3]);
    }

    /// Computed with another program.
    const GOLDEN: [u64; 4] = [
        0x08f4_4b07_b590_1a25,
        0x3370_8da2_cb34_e985,
        0xc129_63c0_05e9_d66e,
        0x70cd_d0ff_9d9e_240d,
    ];

    #[test]
    fn what_a_formatter_does_changes_nothing() {
        let wild = "{self . n+=1 ; foo ( a,b , ) ; match x{A=>{1},B=>{2}, C => 3,} S{a:1,} }";
        let formatted = "{
            // A comment.
            self.n += 1; /* another */
            foo(
                a,
                b,
            );
            match x {
                A => { 1 }
                B => { 2 }
                C => 3,
            }
            S { a: 1 }
        }";
        assert_eq!(parsed(wild), parsed(formatted));
    }

    #[test]
    fn what_is_printed_anew_is_the_same() {
        let function: syn::File = syn::parse_str(
            "fn f(&mut self) { let long = Some((self.first_of_all, self.second_of_them, [1, 2, 3], \"a long text\", 5)); \
             match long { Some((a, ..)) if a > 1 => { self.n += 1; }, None => return, _ => todo!(), } \
             self.list.iter().map(|item| item.price).filter(|price| *price > 10).sum::<u64>(); S { a: 1, b } }",
        )
        .unwrap();
        let printed = prettyplease::unparse(&function);
        assert!(printed.lines().count() > 15, "{printed}");
        assert_eq!(of(quote!(#function)), parsed(&printed), "{printed}");
    }

    #[test]
    fn doc_comments_do_not_count_and_other_attributes_do() {
        let documented = "{ //! Inside.\n /// Docs.\n #[doc = \"more\"] fn f() {} }";
        assert_eq!(parsed(documented), parsed("{ fn f() {} }"));
        assert_ne!(parsed("{ #[inline] fn f() {} }"), parsed("{ fn f() {} }"));
        assert_ne!(parsed("{ # [x] }"), parsed("{ # ! [x] }"));
    }

    #[test]
    fn everything_else_counts() {
        let all = [
            "{ a }",
            "{ b }",
            "{ ab }",
            "{ a b }",
            "{ (a) }",
            "{ [a] }",
            "{ { a } }",
            "{ a; }",
            "{ 1 }",
            "{ 1u8 }",
            "{ 1.0 }",
            "{ \"1\" }",
            "{ a + b }",
            "{ a - b }",
            "{ (a b) }",
            "{ (a) b }",
            "{ a(b) }",
            "{ f(a, b) }",
            "{ f(b, a) }",
            "{ f((a, b)) }",
            "{ r#a }",
            "a",
        ];
        let mut prints: Vec<u64> = all.iter().map(|text| parsed(text)).collect();
        prints.sort_unstable();
        prints.dedup();
        assert_eq!(prints.len(), all.len());
    }

    #[test]
    fn what_a_macro_filled_in_is_as_good_as_written() {
        let invisible = |tokens| TokenTree::Group(Group::new(Delimiter::None, tokens));
        let (by, nothing) = (invisible(quote!(by,)), invisible(quote!()));
        assert_eq!(of(quote!({ f(1, #nothing #by) })), of(quote!({ f(1, by) })));
        let body = invisible(quote!({ a }));
        assert_eq!(of(quote!(#body)), of(quote!({ a })));
    }

    #[test]
    fn a_half_typed_body_has_one_too() {
        assert_ne!(parsed("{ self. }"), parsed("{ self.a }"));
        assert_ne!(parsed("{ , }"), parsed("{ # }"));
    }
}
