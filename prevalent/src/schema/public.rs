//! The schema of a model, for users.

use std::fmt;

use super::known::schema_of;
use super::names::{Names, Root};
use super::text::Text;
use super::types::{TypeId, Types};
use super::{Schema as Traced, identical};
use crate::model::Model;

/// What a model and its transactions look like on disk: which fields and variants there are, of which types.
///
/// Its text (`Display`) has a line for the model, for each transaction, and for each type that has a name. Of an idempotent
/// transaction it has the reply, too.
///
/// ```
/// # use prevalent::{prevalent, Schema};
/// # #[prevalent] #[derive(Default)] struct Counter { count: u64 }
/// # #[prevalent] impl Counter { #[tx] fn add(&mut self, number: u64) { self.count += number; } }
/// let schema = Schema::of::<Counter>();
/// assert!(schema.to_string().starts_with("model Counter version 1"));
/// assert!(schema.to_string().contains("add(number: u64)"));
/// ```
///
/// Where a line says `of which nothing more is known`, a type can't be found out: no change of it will be noticed. Give it
/// [`samples`](crate::ModelData::SAMPLES) before the first release.
///
/// Two are equal where all of that is the same. What a transaction does, and what a value means, is not in it.
#[derive(Clone, Debug)]
pub struct Schema {
    pub(crate) model: String,
    pub(crate) version: u32,
    pub(crate) state: TypeId,
    pub(crate) transactions: Vec<TransactionSchema>,
    pub(crate) types: Types,
}

/// A transaction of a [`Schema`].
#[derive(Clone, Debug)]
pub(crate) struct TransactionSchema {
    pub(crate) name: String,
    pub(crate) revision: u32,
    pub(crate) is_retired: bool,
    pub(crate) arguments: TypeId,
    /// Where it is remembered: of an idempotent one.
    pub(crate) reply: Option<TypeId>,
}

impl Schema {
    /// What the code of this model writes now. It runs the types' own `Serialize` and `Deserialize`, on invented values.
    #[must_use]
    pub fn of<M: Model>() -> Self {
        let traced = schema_of::<M>();
        let Traced { types, model, arguments, replies, .. } = (*traced).clone();
        let transactions = M::TRANSACTIONS.iter().zip(arguments).zip(replies);
        let transactions = transactions.map(|((info, arguments), reply)| TransactionSchema {
            name: info.name().to_owned(),
            revision: info.revision(),
            is_retired: info.is_retired(),
            arguments,
            reply,
        });
        Schema {
            model: M::NAME.to_owned(),
            version: M::VERSION,
            state: model,
            transactions: transactions.collect(),
            types,
        }
    }

    /// The names of the types, as the text and the JSON have them.
    pub(crate) fn names(&self) -> Names<'_> {
        let mut roots = vec![Root { ty: self.state, name: "" }];
        for TransactionSchema { name, arguments, reply, .. } in &self.transactions {
            roots.push(Root { ty: *arguments, name });
            roots.extend(reply.map(|ty| Root { ty, name: "" }));
        }
        Names::of(&self.types, &roots)
    }
}

impl fmt::Display for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.names();
        let text = Text { types: &self.types, names: &names };
        writeln!(f, "model {} version {}: {}", self.model, self.version, text.used(self.state))?;
        for tx in &self.transactions {
            write!(f, "{}{}", tx.name, text.arguments(tx.arguments))?;
            if let Some(reply) = tx.reply {
                write!(f, " -> {}", text.used(reply))?;
            }
            if tx.revision > 1 {
                write!(f, " rev {}", tx.revision)?;
            }
            writeln!(f, "{}", if tx.is_retired { " retired" } else { "" })?;
        }
        names.lines().try_for_each(|(name, ty)| writeln!(f, "{}", text.line(name, ty)))
    }
}

/// Whether all that the text says is the same. The order of the transactions doesn't matter: they are found by name.
impl PartialEq for Schema {
    fn eq(&self, other: &Self) -> bool {
        let sorted = |schema: &Self| {
            let mut all = schema.transactions.clone();
            all.sort_by(|a, b| a.name.cmp(&b.name));
            all
        };
        let types = |a, b| identical((&self.types, a), (&other.types, b));
        let (ours, theirs) = (sorted(self), sorted(other));
        (&self.model, self.version, ours.len()) == (&other.model, other.version, theirs.len())
            && types(self.state, other.state)
            && ours.iter().zip(&theirs).all(|(a, b)| {
                (&a.name, a.revision, a.is_retired) == (&b.name, b.revision, b.is_retired)
                    && types(a.arguments, b.arguments)
                    && match (a.reply, b.reply) {
                        (Some(a), Some(b)) => types(a, b),
                        (a, b) => a == b,
                    }
            })
    }
}

impl Eq for Schema {}

#[cfg(test)]
pub(crate) mod tests {
    use super::super::types::{Field, Scalar, Type, Variant};
    use super::*;

    /// A shop, with all kinds of types.
    pub(crate) fn shop() -> Schema {
        let mut types = Types::default();
        let string = types.add(Type::String);
        let number = types.add(Type::Scalar(Scalar::U64));
        let byte = types.add(Type::Scalar(Scalar::U8));
        let unit = types.add(Type::Unit);
        let field = |name: &str, ty| Field { name: name.into(), ty };
        let structure = |name: &str, fields| Type::Struct { name: name.into(), fields };
        let named = types.add(structure("Named", vec![field("name", string)]));
        let rgb = types.add(Type::Tuple { name: String::new(), elements: vec![byte; 3] });
        let variant = |index, name: &str, contents| Variant { index, name: name.into(), contents };
        let color = types.add(Type::Enum {
            name: "Color".into(),
            variants: vec![
                variant(0, "Red", unit),
                variant(1, "Rgb", rgb),
                variant(4, "Named", named),
            ],
        });
        let id = types.add(Type::Newtype { name: "ItemId".into(), inner: number });
        let item = types.add(Type::Never);
        let parts = types.add(Type::Seq(item));
        let color_maybe = types.add(Type::Option(color));
        types.replace(
            item,
            structure(
                "Item",
                vec![field("name", string), field("color", color_maybe), field("parts", parts)],
            ),
        );
        let items = types.add(Type::Map { key: id, value: item });
        // A tree without a name: a sequence of its own kind.
        let tree = types.add(Type::Never);
        types.replace(tree, Type::Seq(tree));
        let state = types.add(structure("Shop", vec![field("items", items), field("tree", tree)]));
        // Of the same name, and another type.
        let other = types.add(Type::Newtype { name: "ItemId".into(), inner: string });
        let add = types
            .add(structure("add", vec![field("id", id), field("item", item), field("by", other)]));
        let tx = |name: &str, revision, is_retired, arguments| TransactionSchema {
            name: name.into(),
            revision,
            is_retired,
            arguments,
            reply: is_retired.then_some(item),
        };
        let transactions = vec![tx("add", 2, false, add), tx("clear", 1, true, unit)];
        Schema { model: "Shop".into(), version: 3, state, transactions, types }
    }

    #[test]
    fn the_text_has_a_line_for_each_transaction_and_named_type() {
        assert_eq!(
            shop().to_string(),
            "model Shop version 3: Shop\n\
             add(id: ItemId, item: Item, by: ItemId~2) rev 2\n\
             clear() -> Item retired\n\
             enum Color { Red, Rgb(u8, u8, u8), Named { name: String } = 4 }\n\
             struct Item { name: String, color: Option<Color>, parts: Vec<Item> }\n\
             struct ItemId(u64)\n\
             struct ItemId~2(String)\n\
             struct Shop { items: Map<ItemId, Item>, tree: ~2 }\n\
             type ~2 = Vec<~2>\n"
        );
    }

    #[test]
    fn a_schema_is_equal_to_itself_alone() {
        let mut other = shop();
        assert_eq!(other, shop());
        other.transactions.reverse();
        assert_eq!(other, shop());
        other.transactions[0].revision += 1;
        assert_ne!(other, shop());
        let mut other = shop();
        other.transactions[1].reply = None;
        assert_ne!(other, shop());
        other.transactions[1].reply = Some(other.state);
        assert_ne!(other, shop());
    }

    #[test]
    fn types_as_deep_and_as_wide_as_they_may_be_are_written_in_little_time() {
        let mut types = Types::default();
        let mut ty = types.add(Type::String);
        for _ in 0..2_000 {
            ty = types.add(Type::Tuple { name: String::new(), elements: vec![ty, ty] });
            ty = types.add(Type::Option(ty));
        }
        let schema =
            Schema { model: "M".into(), version: 1, state: ty, transactions: Vec::new(), types };
        assert!(schema.to_string().len() < 1_000_000);
    }
}
