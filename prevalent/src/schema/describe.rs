//! Types as a reader of Rust would write them, for messages.

use std::fmt;

use super::types::{Field, Scalar, Type, TypeId, Types};

/// So many types are named in one description: those of a file may lie in each other without end.
const DESCRIBED_MAX: u32 = 200;

/// So many fields or variants are named of one type.
const NAMES_MAX: usize = 24;

impl Types {
    /// The type in a line. What is inside a named type is left out, and what is too much for a line.
    pub(crate) fn describe(&self, id: TypeId) -> String {
        self.describe_to(id, 6, &mut { DESCRIBED_MAX })
    }

    /// The arguments of a transaction, as a parameter list.
    pub(crate) fn describe_arguments(&self, id: TypeId) -> String {
        match self.get(id) {
            Type::Struct { fields, .. } => {
                let one = |field: &Field| format!("{}: {}", field.name, self.describe(field.ty));
                format!("({})", fields.iter().map(one).collect::<Vec<_>>().join(", "))
            }
            _ => self.describe(id),
        }
    }

    /// The names of a transaction's arguments, in their order.
    #[cfg(feature = "json")]
    pub(crate) fn argument_names(&self, id: TypeId) -> Vec<&str> {
        match self.get(id) {
            Type::Struct { fields, .. } => fields.iter().map(|field| field.name.as_str()).collect(),
            _ => Vec::new(),
        }
    }

    /// `left`: so many types may still be described.
    fn describe_to(&self, id: TypeId, depth: u32, left: &mut u32) -> String {
        let (Some(depth), Some(fewer)) = (depth.checked_sub(1), left.checked_sub(1)) else {
            return "…".to_owned();
        };
        *left = fewer;
        let mut inside = |id: &TypeId| self.describe_to(*id, depth, left);
        match self.get(id) {
            Type::Scalar(scalar) => scalar.to_string(),
            Type::String => "String".to_owned(),
            Type::Bytes => "bytes".to_owned(),
            Type::Unit => "()".to_owned(),
            Type::Option(inner) => format!("Option<{}>", inside(inner)),
            Type::Seq(inner) => format!("Vec<{}>", inside(inner)),
            Type::Map { key, value } => format!("Map<{}, {}>", inside(key), inside(value)),
            Type::Tuple { name, elements } => {
                let same = elements.windows(2).all(|pair| pair[0] == pair[1]);
                match elements.first() {
                    Some(first) if same && elements.len() > 4 => {
                        format!("[{}; {}]", inside(first), elements.len())
                    }
                    _ => {
                        let inside: Vec<_> = elements.iter().take(100).map(inside).collect();
                        format!("{name}({})", inside.join(", "))
                    }
                }
            }
            Type::Struct { name, fields } => {
                let fields = fields.iter().map(|field| field.name.as_str());
                format!("{name} {{ {} }}", some_of(fields, ", "))
            }
            Type::Newtype { name, inner } => format!("{name}({})", inside(inner)),
            Type::Enum { name, variants } => {
                let variants = variants.iter().map(|variant| variant.name.as_str());
                format!("{name} {{ {} }}", some_of(variants, " | "))
            }
            Type::Opaque => "opaque".to_owned(),
            Type::Untraced { name } => {
                let name = name.split(" #").next().unwrap_or(name);
                format!("{name} (of which nothing more is known)")
            }
            Type::Never => "!".to_owned(),
        }
    }
}

/// The first of these names.
fn some_of<'a>(mut names: impl Iterator<Item = &'a str>, between: &str) -> String {
    let mut some: Vec<_> = names.by_ref().take(NAMES_MAX).collect();
    some.extend(names.next().map(|_| "…"));
    some.join(between)
}

impl fmt::Display for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Scalar::Bool => "bool",
            Scalar::I8 => "i8",
            Scalar::I16 => "i16",
            Scalar::I32 => "i32",
            Scalar::I64 => "i64",
            Scalar::I128 => "i128",
            Scalar::U8 => "u8",
            Scalar::U16 => "u16",
            Scalar::U32 => "u32",
            Scalar::U64 => "u64",
            Scalar::U128 => "u128",
            Scalar::F32 => "f32",
            Scalar::F64 => "f64",
            Scalar::Char => "char",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_is_short_however_much_there_is() {
        let mut types = Types::default();
        let mut inner = [types.add(Type::String), types.add(Type::Unit)];
        for _ in 0..5 {
            let tuple = |types: &mut Types| {
                let elements = inner.into_iter().cycle().take(1000).collect();
                types.add(Type::Tuple { name: "T".into(), elements })
            };
            inner = [tuple(&mut types), tuple(&mut types)];
        }
        let described = types.describe(inner[0]);
        assert!(described.len() < 5000, "{}", described.len());
        assert!(described.starts_with("T(T(") && described.contains('…'), "{described}");
    }

    #[test]
    fn of_many_names_the_first_are_told() {
        let names: Vec<String> = (0..30).map(|number| format!("f{number}")).collect();
        let told = some_of(names.iter().map(String::as_str), ", ");
        assert!(told.ends_with("f22, f23, …"), "{told}");
        assert_eq!(some_of(["a", "b"].into_iter(), " | "), "a | b");
    }
}
