//! Arguments that come, go, and change their names and types.

changes! {
    fn added_with_a_default = "an argument is added, with `#[serde(default)]`", Journal;
    old { takes!(n: u32); }
    new { takes!(n: u32, #[serde(default)] unit: String); }
    write |store| { store.take(5).wait().unwrap(); }
    expect Silent(|shop| shop.seen == ["5 \"\""]);

    fn added_optional = "an `Option` is added", Journal;
    old { takes!(n: u32); }
    new { takes!(unit: Option<String>, n: u32); }
    write |store| { store.take(5).wait().unwrap(); }
    expect Silent(|shop| shop.seen == ["None 5"]);

    fn added_to_none = "the first argument is added, with `#[serde(default)]`", Journal;
    old { takes!(); }
    new { takes!(#[serde(default)] n: u32); }
    write |store| { store.take().wait().unwrap(); }
    expect Silent(|shop| shop.seen == ["0"]);

    fn added_without_a_default = "an argument is added, without a default", Journal;
    old { takes!(n: u32); }
    new { takes!(n: u32, unit: String); }
    write |store| { store.take(5).wait().unwrap(); }
    expect Refused(&["the transaction `take`", "(n: u32)", "missing field `unit`", "#[tx(rev = 2, upgrade(1 => function))]"]);

    fn removed = "an argument is removed", Journal;
    old { takes!(n: u32, unit: String); }
    new { takes!(n: u32); }
    write |store| { store.take(5, "kg".to_owned()).wait().unwrap(); }
    expect Silent(|shop| shop.seen == ["5"]);

    fn all_removed = "the last argument is removed", Journal;
    old { takes!(n: u32); }
    new { takes!(); }
    write |store| { store.take(5).wait().unwrap(); }
    expect Silent(|shop| shop.seen == [""]);

    fn reordered = "arguments of the same type change places", Journal;
    old { takes!(from: u32, to: u32); }
    new { takes!(to: u32, from: u32); }
    write |store| { store.take(1, 2).wait().unwrap(); }
    expect Silent(|shop| shop.seen == ["2 1"]);

    fn renamed_with_an_alias = "an argument is renamed, with `#[serde(alias = \"old_name\")]`", Journal;
    old { takes!(n: u32, m: u32); }
    new { takes!(m: u32, #[serde(alias = "n")] count: u32); }
    write |store| { store.take(1, 2).wait().unwrap(); }
    expect Silent(|shop| shop.seen == ["2 1"]);

    fn renamed_with_its_name_kept = "an argument is renamed, with `#[serde(rename = \"old_name\")]`", Journal;
    old { takes!(n: u32); }
    new { takes!(#[serde(rename = "n")] count: u32); }
    write |store| { store.take(1).wait().unwrap(); }
    expect Silent(|shop| shop.seen == ["1"]);

    fn renamed = "an argument is renamed, without", Journal;
    old { takes!(n: u32); }
    new { takes!(count: u32); }
    write |store| { store.take(1).wait().unwrap(); }
    expect Refused(&["missing field `count`", "(n: u32)"]);

    fn swapped_names = "two arguments swap their names", Journal;
    old { takes!(from: u32, to: u32); }
    new { takes!(#[serde(rename = "to")] from: u32, #[serde(rename = "from")] to: u32); }
    write |store| { store.take(1, 2).wait().unwrap(); }
    expect Silent(|shop| shop.seen == ["2 1"]);

    fn widened = "`u32` becomes `u64`", Journal;
    old { takes!(n: u32); }
    new { takes!(n: u64); }
    write |store| { store.take(u32::MAX).wait().unwrap(); }
    expect Silent(|shop| shop.seen == ["4294967295"]);

    fn widened_to_signed = "`u32` becomes `i64`", Journal;
    old { takes!(n: u32); }
    new { takes!(n: i64); }
    write |store| { store.take(u32::MAX).wait().unwrap(); }
    expect Silent(|shop| shop.seen == ["4294967295"]);

    fn widened_signed = "`i8` becomes `i128`", Journal;
    old { takes!(n: i8); }
    new { takes!(n: i128); }
    write |store| { store.take(-128).wait().unwrap(); }
    expect Silent(|shop| shop.seen == ["-128"]);

    fn usize_to_u64 = "`usize` becomes `u64`", Journal;
    old { takes!(n: usize); }
    new { takes!(n: u64); }
    write |store| { store.take(3).wait().unwrap(); }
    expect Silent(|shop| shop.seen == ["3"]);

    fn widened_float = "`f32` becomes `f64`", Journal;
    old { takes!(n: f32); }
    new { takes!(n: f64); }
    write |store| { store.take(0.5).wait().unwrap(); }
    expect Silent(|shop| shop.seen == ["0.5"]);

    fn narrowed = "`u64` becomes `u32`, whatever the values", Journal;
    old { takes!(n: u64); }
    new { takes!(n: u32); }
    write |store| { store.take(1).wait().unwrap(); }
    expect Refused(&["in `n`: what was written as `u64`", "`u32`"]);

    fn other_sign = "`u32` becomes `i32`", Journal;
    old { takes!(n: u32); }
    new { takes!(n: i32); }
    write |store| { store.take(1).wait().unwrap(); }
    expect Refused(&["in `n`: what was written as `u32`", "`i32`"]);

    fn number_to_text = "`u32` becomes `String`", Journal;
    old { takes!(n: u32); }
    new { takes!(n: String); }
    write |store| { store.take(1).wait().unwrap(); }
    expect Refused(&["in `n`: what was written as `u32`", "String"]);

    fn text_to_bytes = "`String` becomes `Vec<u8>`", Journal;
    old { takes!(n: String); }
    new { takes!(n: Vec<u8>); }
    write |store| { store.take("x".to_owned()).wait().unwrap(); }
    expect Refused(&["in `n`: what was written as `String`"]);

    fn number_to_float = "`u32` becomes `f64`", Journal;
    old { takes!(n: u32); }
    new { takes!(n: f64); }
    write |store| { store.take(1).wait().unwrap(); }
    expect Refused(&["in `n`: what was written as `u32`", "`f64`"]);

    fn made_optional = "`u32` becomes `Option<u32>`", Journal;
    old { takes!(n: u32); }
    new { takes!(n: Option<u32>); }
    write |store| { store.take(1).wait().unwrap(); }
    expect Silent(|shop| shop.seen == ["Some(1)"]);

    fn made_mandatory = "`Option<u32>` becomes `u32`", Journal;
    old { takes!(n: Option<u32>); }
    new { takes!(n: u32); }
    write |store| { store.take(Some(1)).wait().unwrap(); }
    expect Refused(&["in `n`: what was written as `Option<u32>`"]);

    fn borrowed = "`String` becomes `&str`, `Vec<T>` becomes `&[T]`", Journal;
    old { takes!(n: String, list: Vec<u32>); }
    new { takes!(n: &str, list: &[u32]); }
    write |store| { store.take("x".to_owned(), vec![1]).wait().unwrap(); }
    expect Silent(|shop| shop.seen == ["\"x\" [1]"]);

    fn other_collection = "`Vec` becomes `VecDeque` or `BTreeSet`", Journal;
    old { takes!(a: Vec<u8>, b: Vec<u8>); }
    new { takes!(a: VecDeque<u16>, b: BTreeSet<u32>); }
    write |store| { store.take(vec![3, 1], vec![3, 1, 3]).wait().unwrap(); }
    expect Silent(|shop| shop.seen == ["[3, 1] {1, 3}"]);

    fn array_to_list = "`[u8; 3]` becomes `Vec<u8>`", Journal;
    old { takes!(n: [u8; 3]); }
    new { takes!(n: Vec<u8>); }
    write |store| { store.take([1, 2, 3]).wait().unwrap(); }
    expect Silent(|shop| shop.seen == ["[1, 2, 3]"]);

    fn list_to_array = "`Vec<u8>` becomes `[u8; 3]`", Journal;
    old { takes!(n: Vec<u8>); }
    new { takes!(n: [u8; 3]); }
    write |store| { store.take(vec![1, 2, 3]).wait().unwrap(); }
    expect Refused(&["in `n`: what was written as `Vec<u8>`"]);

    fn longer_tuple = "a tuple gets an element more", Journal;
    old { takes!(n: (u8, u8)); }
    new { takes!(n: (u8, u8, u8)); }
    write |store| { store.take((1, 2)).wait().unwrap(); }
    expect Refused(&["in `n`"]);

    fn shorter_tuple = "a tuple loses an element", Journal;
    old { takes!(n: (u8, u8, u8)); }
    new { takes!(n: (u8, u8)); }
    write |store| { store.take((1, 2, 3)).wait().unwrap(); }
    expect Refused(&["in `n`"]);

    fn pairs_to_map = "`Vec<(K, V)>` becomes a map", Journal;
    old { takes!(n: Vec<(u8, u8)>); }
    new { takes!(n: BTreeMap<u8, u8>); }
    write |store| { store.take(vec![(1, 2)]).wait().unwrap(); }
    expect Refused(&["in `n`: what was written as `Vec<(u8, u8)>`"]);
}
