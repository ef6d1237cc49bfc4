//! The macros of `prevalent`. Use them through that crate, which documents them.
//!
//! The stages, one a folder: `syntax` (what was written), `model` (what it means, checked),
//! `expand` (the code). The user's own item goes out again in every case, so that an editor keeps
//! working on it while something else is wrong.
#![forbid(unsafe_code)]

mod errors;
mod expand;
mod macros;
mod model;
#[cfg(test)]
mod snapshots;
mod syntax;

use proc_macro::TokenStream;

/// Makes a struct or enum the data of a model, and its `impl` the transactions and queries.
///
/// ```
/// use prevalent::prevalent;
/// use std::collections::HashMap;
///
/// /// Who is logged in.
/// #[prevalent]
/// #[derive(Debug, Default)]
/// pub struct Sessions {
///     tokens: HashMap<String, u64>,
/// }
///
/// #[prevalent]
/// impl Sessions {
///     /// Opens a session.
///     #[tx]
///     pub fn create_session(&mut self, token: String, user_id: u64) {
///         self.tokens.insert(token, user_id);
///     }
///
///     /// Whose session is this?
///     #[query]
///     pub fn user_of(&self, token: &str) -> Option<u64> {
///         self.tokens.get(token).copied()
///     }
/// }
///
/// # fn main() -> Result<(), prevalent::Error> {
/// let store = SessionsStore::in_memory();
/// store.create_session("token".into(), 1).wait()?;
/// assert_eq!(store.user_of("token"), Some(1));
/// # Ok(())
/// # }
/// ```
///
/// # On a struct or enum
///
/// It stands above the derives, and adds `Serialize` and `Deserialize`, each unless it is derived
/// below: a macro cannot see derives above itself.
///
/// - `name = "stable_name"`: the model's name on disk; the identifier where it is left out
/// - `version = 2, from(SessionsV1 => Self::from_v1)`: how the data changed. The functions make the model of earlier
///   versions; the last one is for the version before this one, the one before it for the version before that
/// - `samples("DE89370400440532013000")`: texts that types of the model or of its transactions accept, if they refuse what
///   is usual
/// - `rollback`: a transaction that returns `Err` or panics leaves no trace; each one changes a clone of the model, which is
///   cheap with persistent collections
/// - `serde = manual`: adds no derives
/// - `restored = Self::function`: a `fn(&mut self)` that is called after every load, to rebuild
///   fields that are not stored
/// - `crate = ::path`: where `prevalent` is, if it is re-exported
///
/// # On the impl
///
/// On one inherent impl of the model. It generates the transaction enum (`SessionsTx`), the reply
/// enum (`SessionsReply`), the dispatcher, and the store (`SessionsStore`) with a method for each
/// [`#[tx]`](macro@tx) and [`#[query]`](macro@query).
///
/// - `store = Ident`, `tx = Ident`, `reply = Ident`: other names for these types
/// - `vis = pub(crate)`: another visibility for them than `pub`
/// - `tx_derive(Debug, Clone)`, `reply_derive(Debug)`: more derives
/// - `removed("old_name")`: names that old journals may hold, and that no transaction may have again
/// - `lock = "sessions.schema.json"`: makes a test that compares the schema with this file
/// - `crate = ::path`: as above
#[proc_macro_attribute]
pub fn prevalent(options: TokenStream, item: TokenStream) -> TokenStream {
    macros::prevalent(options.into(), item.into()).into()
}

/// Gives a struct or enum that is part of a model, or an argument, what it needs: serde's
/// `Serialize` and `Deserialize`, without a serde dependency of one's own.
///
/// It stands above the derives; serde's attributes work in it as usual. Option: `crate = ::path`.
///
/// ```
/// #[prevalent::data]
/// #[derive(Debug, Clone, PartialEq)]
/// pub struct Item {
///     name: String,
///     price: u64,
/// }
/// ```
#[proc_macro_attribute]
pub fn data(options: TokenStream, item: TokenStream) -> TokenStream {
    macros::data(options.into(), item.into()).into()
}

/// Marks a method with `&mut self`, inside an [`#[prevalent] impl`](macro@prevalent), as a
/// transaction. It needs no import.
///
/// The store's method of the same name takes the same arguments and gives a `Commit`. Arguments are
/// owned, or `&str`, `&[T]`, `&T` and an `Option` of these; `cx: &TxContext`, anywhere among them,
/// brings the time, the sequence number and a generator that a replay sees again.
///
/// - `name = "stable_name"`: its name in the journal; the method's where it is left out
/// - `method = "name"`: another name for the store's method
/// - `rev = 2, upgrade(1 => Self::function)`: how the arguments changed. The function takes the old ones as a tuple, and gives
///   the new ones as a tuple, owned
/// - `retired`: it is replayed, and committed no more; the store has no method for it
/// - `idempotent`: it takes an argument `key: prevalent::Key`, and happens at most once with the same key; whoever tries again
///   is told the same reply, which is `Serialize` and `Deserialize`
///
/// ```
/// # use prevalent::prevalent;
/// # #[prevalent]
/// # #[derive(Default)]
/// # struct Bank { accounts: Vec<String> }
/// #[prevalent]
/// impl Bank {
///     #[tx(method = "open_account")] // `open` opens the store
///     fn open(&mut self, owner: &str) -> usize {
///         self.accounts.push(owner.to_owned());
///         self.accounts.len()
///     }
///
///     /// It had no `reason` once.
///     #[tx(rev = 2, upgrade(1 => Self::close_v1))]
///     fn close_account(&mut self, owner: &str, reason: &str) {
///         let _ = reason;
///         self.accounts.retain(|account| account != owner);
///     }
///
///     fn close_v1((owner,): (String,)) -> (String, String) {
///         (owner, "unknown".to_owned())
///     }
/// }
/// # fn main() -> Result<(), prevalent::Error> {
/// assert_eq!(BankStore::in_memory().open_account("me").wait()?, 1);
/// # Ok(())
/// # }
/// ```
#[proc_macro_attribute]
pub fn tx(_options: TokenStream, item: TokenStream) -> TokenStream {
    macros::stray("`#[tx]`", item.into()).into()
}

/// Marks a method with `&self`, inside an [`#[prevalent] impl`](macro@prevalent), as a query. It
/// needs no import.
///
/// The store's method of the same name reads memory and returns at once. A query returns an owned
/// value; what borrows is read with a closure, `store.read(|model| ..)`.
///
/// - `method = "name"`: another name for the store's method
///
/// ```
/// # use prevalent::prevalent;
/// # #[prevalent]
/// # #[derive(Default)]
/// # struct Bank { accounts: Vec<String> }
/// #[prevalent]
/// impl Bank {
///     #[query]
///     fn owner_of(&self, account: usize) -> Option<String> {
///         self.accounts.get(account).cloned()
///     }
/// }
/// # fn main() {
/// assert_eq!(BankStore::in_memory().owner_of(1), None);
/// # }
/// ```
#[proc_macro_attribute]
pub fn query(_options: TokenStream, item: TokenStream) -> TokenStream {
    macros::stray("`#[query]`", item.into()).into()
}
