//! The way to a value inside another one.

use std::fmt::Write as _;

use super::shape::{SOME, is_bare, is_text, may_be_null};
use super::write::{Layout, write_value};
use crate::schema::skip;
use crate::schema::source::Source;
use crate::schema::types::{Type, TypeId, Types};

/// A step of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Step(String);

/// Goes from the value of this type that begins where `source` is to the one to which `path` leads from it, and gives its
/// type; if there is none, says why.
pub(crate) fn select<S: Source>(
    types: &Types,
    top: TypeId,
    source: &mut S,
    path: &str,
) -> Result<TypeId, String> {
    let mut cursor = Cursor { types, source };
    let mut ty = top;
    let mut walked = String::new();
    for Step(step) in steps(path)? {
        let at = if walked.is_empty() { "the state".to_owned() } else { format!("`{walked}`") };
        ty = cursor.enter(ty, &step).map_err(|what| format!("{at} {what}"))?;
        let _ = write!(walked, "{}{step}", if walked.is_empty() { "" } else { "." });
    }
    Ok(ty)
}

/// `a.b[3]["c.d"]` is `a`, `b`, `3`, `c.d`.
fn steps(path: &str) -> Result<Vec<Step>, String> {
    let mut steps = Vec::new();
    let mut rest = path;
    while !rest.is_empty() {
        if let Some(inner) = rest.strip_prefix('[') {
            let unclosed = || format!("`{rest}` has no closing bracket");
            let (step, behind) = if inner.starts_with('"') {
                let mut texts = serde_json::Deserializer::from_str(inner).into_iter::<String>();
                let text = texts.next().and_then(Result::ok).ok_or_else(unclosed)?;
                (text, inner.get(texts.byte_offset()..).unwrap_or_default())
            } else {
                let end = inner.find(']').ok_or_else(unclosed)?;
                let (step, behind) = inner.split_at(end);
                (step.to_owned(), behind)
            };
            steps.push(Step(step));
            rest = behind.strip_prefix(']').ok_or_else(unclosed)?;
            rest = rest.strip_prefix('.').unwrap_or(rest);
        } else {
            let end = rest.find(['.', '[']).unwrap_or(rest.len());
            let (step, behind) = rest.split_at(end);
            if step.is_empty() {
                return Err(format!("`{path}` has an empty step"));
            }
            steps.push(Step(step.to_owned()));
            rest = behind.strip_prefix('.').unwrap_or(behind);
        }
    }
    Ok(steps)
}

fn index(step: &str) -> Result<u64, String> {
    step.parse().map_err(|_| format!("is a list: `{step}` is no number of an element"))
}

fn listed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<String> = names.map(|name| format!("`{name}`")).collect();
    if names.is_empty() { "no fields".to_owned() } else { names.join(", ") }
}

/// Where the way has led so far.
struct Cursor<'a, S> {
    types: &'a Types,
    source: &'a mut S,
}

impl<S: Source> Cursor<'_, S> {
    /// Goes to what lies one step further in.
    fn enter(&mut self, ty: TypeId, step: &str) -> Result<TypeId, String> {
        let types = self.types;
        match types.get(types.behind_newtypes(ty)) {
            Type::Option(inner) => match self.source.array() {
                Some([0]) => Err("is null".to_owned()),
                // Where it may be null itself, it stands in an object.
                Some([1]) if step == SOME && may_be_null(types, *inner) => Ok(*inner),
                Some([1]) => self.enter(*inner, step),
                _ => Err("is neither there nor not".to_owned()),
            },
            Type::Struct { fields, .. } => {
                for field in fields {
                    if field.name == step {
                        return Ok(field.ty);
                    }
                    self.pass(field.ty)?;
                }
                let names = fields.iter().map(|field| field.name.as_str());
                Err(format!("has no `{step}`; it has {}", listed(names)))
            }
            Type::Tuple { elements, .. } => {
                let wanted = index(step)?;
                for (index, element) in (0..).zip(elements) {
                    if index == wanted {
                        return Ok(*element);
                    }
                    self.pass(*element)?;
                }
                Err(format!("has {} elements, and no number {wanted}", elements.len()))
            }
            Type::Seq(inner) => {
                let wanted = index(step)?;
                let count = self.count()?;
                if wanted >= count {
                    return Err(format!("has {count} elements, and no number {wanted}"));
                }
                for _ in 0..wanted {
                    self.pass(*inner)?;
                }
                Ok(*inner)
            }
            Type::Map { key, value } => {
                let count = self.count()?;
                for _ in 0..count {
                    if self.is_key(*key, step)? {
                        return Ok(*value);
                    }
                    self.pass(*value)?;
                }
                Err(format!("has {count} entries, and none with the key `{step}`"))
            }
            Type::Enum { variants, .. } => {
                let index = self.count()?;
                let variant = variants.iter().find(|variant| u64::from(variant.index) == index);
                let variant = variant.ok_or("has a variant that is not known")?;
                if variant.name == step && !is_bare(types, variant.contents) {
                    return Ok(variant.contents);
                }
                Err(format!("is the variant `{}`", variant.name))
            }
            _ => Err(format!("is a single value, and has no `{step}` in it")),
        }
    }

    /// Goes past a key, and tells whether it is the one that is meant: as the text that it is, or as JSON shows it.
    fn is_key(&mut self, key: TypeId, step: &str) -> Result<bool, String> {
        if is_text(self.types, key) {
            let text = self.source.counted().ok_or("ends before its keys do")?;
            return Ok(text == step.as_bytes());
        }
        let mut json = Vec::new();
        write_value(self.types, key, self.source, &mut json, Layout::Line)
            .map_err(|error| error.to_string())?;
        let is_its_text = || serde_json::from_slice::<String>(&json).is_ok_and(|it| it == step);
        Ok(json == step.as_bytes() || is_its_text())
    }

    fn pass(&mut self, ty: TypeId) -> Result<(), String> {
        skip(self.types, ty, self.source)
    }

    fn count(&mut self) -> Result<u64, String> {
        let count = self.source.varint();
        // Elements without bytes: there could be any number of them to be gone past.
        let count = count.filter(|it| *it <= self.source.remaining().saturating_add(1 << 20));
        count.ok_or_else(|| "has a malformed length".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::bytes::Reader;
    use crate::schema::types::{Field, Scalar};

    #[test]
    fn a_path_is_split_at_dots_and_brackets() {
        let split = |path| steps(path).map(|all| all.into_iter().map(|it| it.0).collect());
        assert_eq!(split(""), Ok(vec![]));
        let expected: Vec<String> = ["a", "b", "3", "c.d]", "e"].map(str::to_owned).into();
        assert_eq!(split(r#"a.b[3]["c.d]"].e"#), Ok(expected));
        for wrong in ["a..b", "a[3", r#"a["x"#, ".a", r#"a["x"b]"#] {
            assert!(steps(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_value_is_found_by_field_key_and_number_and_what_is_not_there_is_told() {
        let mut types = Types::default();
        let number = types.add(Type::Scalar(Scalar::U8));
        let text = types.add(Type::String);
        let list = types.add(Type::Seq(number));
        let map = types.add(Type::Map { key: text, value: list });
        let field = |name: &str, ty| Field { name: name.to_owned(), ty };
        let fields = vec![field("count", number), field("lists", map)];
        let top = types.add(Type::Struct { name: "Top".to_owned(), fields });
        // {count: 9, lists: {"a": [], "b.c": [5, 6]}}
        let bytes = [9, 2, 1, b'a', 0, 3, b'b', b'.', b'c', 2, 5, 6];
        let json = |path: &str| {
            let mut source = Reader::new(&bytes);
            let ty = select(&types, top, &mut source, path)?;
            let mut json = Vec::new();
            write_value(&types, ty, &mut source, &mut json, Layout::Line).unwrap();
            Ok(String::from_utf8(json).unwrap())
        };
        assert_eq!(json(""), Ok(r#"{"count":9,"lists":{"a":[],"b.c":[5,6]}}"#.to_owned()));
        assert_eq!(json("count"), Ok("9".to_owned()));
        assert_eq!(json(r#"lists["b.c"][1]"#), Ok("6".to_owned()));
        assert_eq!(json("lists.a"), Ok("[]".to_owned()));
        for (path, what) in [
            ("x", "the state has no `x`; it has `count`, `lists`"),
            ("lists.x", "`lists` has 2 entries, and none with the key `x`"),
            ("lists.a.0", "`lists.a` has 0 elements, and no number 0"),
            ("lists.a.b", "`lists.a` is a list: `b` is no number of an element"),
            ("count.x", "`count` is a single value, and has no `x` in it"),
        ] {
            assert_eq!(json(path), Err(what.to_owned()));
        }
    }
}
