//! Schemas as JSON: a line for each transaction and each named type, so that version control shows what has changed.

use std::fmt::Write as _;

use super::tree::Tree;
use super::types::{Reader, Writer};
use crate::schema::public::{Schema, TransactionSchema};
use crate::schema::types::TypeId;

/// What is written, and the newest that is read.
const VERSION: u64 = 1;

impl Schema {
    /// The schema as JSON, a line for each transaction and each named type. The same schema gives the same text
    /// (feature `json`).
    #[must_use]
    pub fn to_json(&self) -> String {
        let names = self.names();
        let types = Writer { types: &self.types, names: &names };
        let mut out = String::new();
        let mut list = |open: &str, lines: Vec<String>, close: &str| {
            let _ = writeln!(out, "{open}");
            for (index, line) in lines.iter().enumerate() {
                let comma = if index + 1 < lines.len() { "," } else { "" };
                let _ = writeln!(out, "{line}{comma}");
            }
            out.push_str(close);
        };
        let head = [
            ("format", Tree::Number(VERSION)),
            ("model", Tree::text(&self.model)),
            ("version", Tree::Number(self.version.into())),
            ("state", types.used(self.state, "")),
        ];
        let head: Vec<_> = head.iter().map(|(key, tree)| format!("\"{key}\": {tree}")).collect();
        let transactions = self.transactions.iter().map(|tx| {
            let mut entry = vec![
                ("name".to_owned(), Tree::text(&tx.name)),
                ("revision".to_owned(), Tree::Number(tx.revision.into())),
            ];
            if tx.is_retired {
                entry.push(("retired".to_owned(), Tree::Bool(true)));
            }
            entry.push(("args".to_owned(), types.used(tx.arguments, &tx.name)));
            if let Some(reply) = tx.reply {
                entry.push(("reply".to_owned(), types.used(reply, "")));
            }
            Tree::Object(entry).to_string()
        });
        let open = format!("{{{}, \"transactions\": [", head.join(", "));
        list(&open, transactions.collect(), "], ");
        let line = |(name, tree): (&str, Tree)| {
            let line = Tree::only(name, tree).to_string();
            let inside = line.strip_prefix('{').and_then(|line| line.strip_suffix('}'));
            inside.unwrap_or_default().to_owned()
        };
        list("\"types\": {", types.lines().map(line).collect(), "}}");
        out
    }

    /// The schema that [`to_json`](Schema::to_json) has written (feature `json`).
    ///
    /// # Errors
    ///
    /// Where it is no such JSON, or a newer version of this library wrote it.
    pub fn from_json(json: &str) -> Result<Self, crate::Error> {
        let tree = serde_json::from_str(json).map_err(|error| crate::Error::Json {
            line: error.line() as u64,
            what: super::without_place(&error),
        })?;
        from_tree(&tree).map_err(|what| crate::Error::Json { line: 1, what })
    }
}

/// A schema, once its text is understood as JSON.
pub(crate) fn from_tree(tree: &Tree) -> Result<Schema, String> {
    let mut schema = Entries::of(tree, "a schema")?;
    let format = schema.number("format")?;
    if format > VERSION {
        return Err(format!("a newer version of prevalent wrote it (format {format})"));
    }
    let mut reader = Reader::default();
    let model = schema.text("model")?;
    let version = schema.short("version")?;
    let state = reader.used(schema.take("state")?, "")?;
    let transactions = transactions(schema.take("transactions")?, &mut reader)?;
    lines(schema.take("types")?, &mut reader)?;
    schema.finish()?;
    let types = reader.finish()?;
    Ok(Schema { model, version, state, transactions, types })
}

/// The types with lines of their own.
pub(crate) fn lines(tree: &Tree, reader: &mut Reader) -> Result<(), String> {
    let Tree::Object(lines) = tree else { return Err("`types` is no object".to_owned()) };
    lines.iter().try_for_each(|(name, tree)| reader.line(name, tree))
}

fn transactions(tree: &Tree, reader: &mut Reader) -> Result<Vec<TransactionSchema>, String> {
    let Tree::List(all) = tree else { return Err("`transactions` is no array".to_owned()) };
    let mut transactions: Vec<TransactionSchema> = Vec::new();
    for one in all {
        let mut entry = Entries::of(one, "a transaction")?;
        let (name, revision) = (entry.text("name")?, entry.short("revision")?);
        let is_retired = matches!(entry.find("retired"), Some(Tree::Bool(true)));
        let arguments: TypeId = reader.used(entry.take("args")?, &name)?;
        let reply = entry.find("reply").map(|tree| reader.used(tree, "")).transpose()?;
        entry.finish()?;
        if transactions.iter().any(|tx| tx.name == name) {
            return Err(format!("the transaction `{name}` is there twice"));
        }
        transactions.push(TransactionSchema { name, revision, is_retired, arguments, reply });
    }
    Ok(transactions)
}

/// The entries of an object, each to be used once.
pub(crate) struct Entries<'a> {
    left: Vec<&'a (String, Tree)>,
    what: &'static str,
}

impl<'a> Entries<'a> {
    pub(crate) fn of(tree: &'a Tree, what: &'static str) -> Result<Self, String> {
        match tree {
            Tree::Object(entries) => Ok(Entries { left: entries.iter().collect(), what }),
            _ => Err(format!("{what} is an object")),
        }
    }

    pub(crate) fn find(&mut self, key: &str) -> Option<&'a Tree> {
        let place = self.left.iter().position(|(it, _)| it == key)?;
        Some(&self.left.remove(place).1)
    }

    pub(crate) fn take(&mut self, key: &str) -> Result<&'a Tree, String> {
        self.find(key).ok_or_else(|| format!("{} has no `{key}`", self.what))
    }

    pub(crate) fn text(&mut self, key: &str) -> Result<String, String> {
        let text = self.take(key)?.as_text().map(str::to_owned);
        text.ok_or_else(|| format!("`{key}` is no text"))
    }

    pub(crate) fn number(&mut self, key: &str) -> Result<u64, String> {
        match self.take(key)? {
            Tree::Number(number) => Ok(*number),
            _ => Err(format!("`{key}` is no number")),
        }
    }

    pub(crate) fn short(&mut self, key: &str) -> Result<u32, String> {
        u32::try_from(self.number(key)?).map_err(|_| format!("`{key}` is too large"))
    }

    pub(crate) fn finish(self) -> Result<(), String> {
        match self.left.first() {
            None => Ok(()),
            Some((key, _)) => Err(format!("{} has no such thing as `{key}`", self.what)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::public::tests::shop;

    #[test]
    fn a_schema_has_a_line_for_each_transaction_and_type_and_reads_back() {
        let json = shop().to_json();
        assert_eq!(
            json,
            r##"{"format": 1, "model": "Shop", "version": 3, "state": "#Shop", "transactions": [
{"name": "add", "revision": 2, "args": {"struct": {"id": "#ItemId", "item": "#Item", "by": "#ItemId~2"}}},
{"name": "clear", "revision": 1, "retired": true, "args": "()", "reply": "#Item"}
], "types": {
"Color": {"enum": {"Red": "()", "Rgb": {"tuple": ["u8", "u8", "u8"]}, "Named": {"index": 4, "is": {"struct": {"name": "String"}}}}},
"Item": {"struct": {"name": "String", "color": {"option": "#Color"}, "parts": {"seq": "#Item"}}},
"ItemId": {"newtype": "u64"},
"ItemId~2": {"name": "ItemId", "newtype": "String"},
"Shop": {"struct": {"items": {"map": ["#ItemId", "#Item"]}, "tree": "#~2"}},
"~2": {"seq": "#~2"}
}}"##
        );
        let again = Schema::from_json(&json).unwrap();
        assert_eq!(again, shop());
        assert_eq!(again.to_json(), json);
    }

    #[test]
    fn what_is_no_schema_is_refused_with_the_reason() {
        let json = shop().to_json();
        for (from, to, why) in [
            ("\"format\": 1", "\"format\": 2", "a newer version of prevalent"),
            ("\"format\": 1, ", "", "a schema has no `format`"),
            ("\"version\": 3", "\"version\": -3", "a part of a schema"),
            ("\"version\": 3", "\"version\": 5000000000", "`version` is too large"),
            ("\"seq\": \"#Item\"", "\"seq\": \"#Items\"", "the type `Items` is not there"),
            ("\"newtype\": \"u64\"", "\"newtype\": \"#ItemId\"", "contains itself"),
            (
                "\"newtype\": \"u64\"",
                "\"newtype\": \"u65\"",
                "in the type `ItemId`: there is no type `u65`",
            ),
            ("{\"newtype\": \"u64\"}", "\"#Item\"", "a type is not just another one"),
            ("\"~2\": {\"seq\"", "\"Item\": {\"seq\"", "the type `Item` is there twice"),
            ("\"name\": \"clear\"", "\"name\": \"add\"", "the transaction `add` is there twice"),
            ("\"parts\": {", "\"name\": {", "in the type `Item`: the field `name` is there twice"),
            ("\"index\": 4", "\"index\": 1", "two variants have the index 1"),
            ("\"Rgb\": {", "\"Red\": {", "the variant `Red` is there twice"),
            ("\"retired\"", "\"tired\"", "no such thing as `tired`"),
            (
                "{\"tuple\": [\"u8\", \"u8\", \"u8\"]}",
                "{\"tuple\": 3}",
                "`{\"tuple\": 3}` is no type",
            ),
        ] {
            assert!(json.contains(from), "{from}");
            let error = Schema::from_json(&json.replacen(from, to, 1)).unwrap_err();
            assert!(error.to_string().contains(why), "{error}");
        }
    }
}
