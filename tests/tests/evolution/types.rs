//! Structs and enums inside arguments; in a model it is the same.

changes! {
    fn field_added_with_a_default = "a struct gets a field, with `#[serde(default)]`", Journal;
    old {
        #[data] #[derive(Debug)] pub struct Item { pub name: String }
        takes!(item: Item);
    }
    new {
        #[data] #[derive(Debug)] pub struct Item { #[serde(default)] pub price: u64, pub name: String }
        takes!(item: Item);
    }
    write |store| { store.take(old::Item { name: "tea".to_owned() }).wait().unwrap(); }
    expect Silent(|shop| shop.seen == ["Item { price: 0, name: \"tea\" }"]);

    fn field_added_without_a_default = "a struct gets a field, without a default", Journal;
    old {
        #[data] #[derive(Debug)] pub struct Item { pub name: String }
        takes!(item: Item);
    }
    new {
        #[data] #[derive(Debug)] pub struct Item { pub name: String, pub price: u64 }
        takes!(item: Item);
    }
    write |store| { store.take(old::Item { name: "tea".to_owned() }).wait().unwrap(); }
    expect Refused(&["in `item`: missing field `price`, in what was written as `Item { name }`"]);

    fn field_removed = "a struct loses a field", Journal;
    old {
        #[data] #[derive(Debug)] pub struct Item { pub note: Vec<String>, pub name: String }
        takes!(item: Item);
    }
    new {
        #[data] #[derive(Debug)] pub struct Item { pub name: String }
        takes!(item: Item);
    }
    write |store| { store.take(old::Item { note: vec!["x".to_owned()], name: "tea".to_owned() }).wait().unwrap(); }
    expect Silent(|shop| shop.seen == ["Item { name: \"tea\" }"]);

    fn fields_reordered = "the fields of a struct change places", Journal;
    old {
        #[data] #[derive(Debug)] pub struct Pair { pub left: u8, pub right: u8 }
        takes!(pairs: Vec<Pair>);
    }
    new {
        #[data] #[derive(Debug)] pub struct Pair { pub right: u8, pub left: u8 }
        takes!(pairs: Vec<Pair>);
    }
    write |store| { store.take(vec![old::Pair { left: 1, right: 2 }]).wait().unwrap(); }
    expect Silent(|shop| shop.seen == ["[Pair { right: 2, left: 1 }]"]);

    fn field_renamed_with_an_alias = "a field is renamed, with `#[serde(alias = \"old_name\")]`", Journal;
    old {
        #[data] #[derive(Debug)] pub struct Item { pub name: String }
        takes!(item: Item);
    }
    new {
        #[data] #[derive(Debug)] pub struct Item { #[serde(alias = "name")] pub label: String }
        takes!(item: Item);
    }
    write |store| { store.take(old::Item { name: "tea".to_owned() }).wait().unwrap(); }
    expect Silent(|shop| shop.seen == ["Item { label: \"tea\" }"]);

    fn all_fields_renamed = "`#[serde(rename_all = \"camelCase\")]` is put on a struct", Journal;
    old {
        #[data] #[derive(Debug)] pub struct Item { pub unit_price: u8 }
        takes!(item: Item);
    }
    new {
        #[data] #[derive(Debug)] #[serde(rename_all = "camelCase")] pub struct Item { pub unit_price: u8 }
        takes!(item: Item);
    }
    write |store| { store.take(old::Item { unit_price: 1 }).wait().unwrap(); }
    expect Refused(&["missing field `unitPrice`"]);

    fn field_skipped = "a field is skipped, with `#[serde(skip)]`", Journal;
    old {
        #[data] #[derive(Debug)] pub struct Item { pub cache: u32, pub name: String }
        takes!(item: Item);
    }
    new {
        #[data] #[derive(Debug)] pub struct Item { #[serde(skip)] pub cache: u32, pub name: String }
        takes!(item: Item);
    }
    write |store| { store.take(old::Item { cache: 7, name: "tea".to_owned() }).wait().unwrap(); }
    expect Silent(|shop| shop.seen == ["Item { cache: 0, name: \"tea\" }"]);

    fn unknown_fields_denied = "a struct loses a field, and has `#[serde(deny_unknown_fields)]`", Journal;
    old {
        #[data] #[derive(Debug)] pub struct Item { pub note: String, pub name: String }
        takes!(item: Item);
    }
    new {
        #[data] #[derive(Debug)] #[serde(deny_unknown_fields)] pub struct Item { pub name: String }
        takes!(item: Item);
    }
    write |store| { store.take(old::Item { note: "x".to_owned(), name: "tea".to_owned() }).wait().unwrap(); }
    expect Refused(&["unknown field `note`"]);

    fn type_renamed = "a struct and an enum are renamed, or moved to another module", Journal;
    old {
        #[data] #[derive(Debug)] pub struct Item { pub color: Color }
        #[data] #[derive(Debug)] pub enum Color { Red, Blue }
        takes!(item: Item);
    }
    new {
        pub mod goods {
            #[prevalent::data] #[derive(Debug)] pub struct Article { pub color: Paint }
            #[prevalent::data] #[derive(Debug)] pub enum Paint { Red, Blue }
        }
        takes!(item: goods::Article);
    }
    write |store| { store.take(old::Item { color: old::Color::Blue }).wait().unwrap(); }
    expect Silent(|shop| shop.seen == ["Article { color: Blue }"]);

    fn newtype_wrapped = "a `u64` becomes a newtype, `struct UserId(u64)`", Journal;
    old { takes!(user: u64, users: Vec<u64>); }
    new {
        #[data] #[derive(Debug)] pub struct UserId(u64);
        takes!(user: UserId, users: Vec<UserId>);
    }
    write |store| { store.take(1, vec![2]).wait().unwrap(); }
    expect Silent(|shop| shop.seen == ["UserId(1) [UserId(2)]"]);

    fn newtype_unwrapped = "a newtype becomes what is inside, wider", Journal;
    old {
        #[data] #[derive(Debug)] pub struct UserId(pub u32);
        takes!(user: UserId);
    }
    new { takes!(user: u64); }
    write |store| { store.take(old::UserId(1)).wait().unwrap(); }
    expect Silent(|shop| shop.seen == ["1"]);

    fn newtype_grown = "a newtype gets a second field", Journal;
    old {
        #[data] #[derive(Debug)] pub struct Point(pub u32);
        takes!(point: Point);
    }
    new {
        #[data] #[derive(Debug)] pub struct Point(pub u32, pub u32);
        takes!(point: Point);
    }
    write |store| { store.take(old::Point(1)).wait().unwrap(); }
    expect Refused(&["in `point`: what was written as `Point(u32)`"]);

    fn tuple_struct_named = "a tuple struct gets names for its fields", Journal;
    old {
        #[data] #[derive(Debug)] pub struct Point(pub u32, pub u32);
        takes!(point: Point);
    }
    new {
        #[data] #[derive(Debug)] pub struct Point { pub x: u32, pub y: u32 }
        takes!(point: Point);
    }
    write |store| { store.take(old::Point(1, 2)).wait().unwrap(); }
    expect Refused(&["in `point`: what was written as `Point(u32, u32)`"]);

    fn variant_added = "an enum gets a variant, in front", Journal;
    old {
        #[data] #[derive(Debug)] pub enum Color { Red, Blue }
        takes!(color: Color);
    }
    new {
        #[data] #[derive(Debug)] pub enum Color { Green, Red, Blue }
        takes!(color: Color);
    }
    write |store| { store.take(old::Color::Red).wait().unwrap(); }
    expect Silent(|shop| shop.seen == ["Red"]);

    fn variants_reordered = "the variants of an enum change places", Journal;
    old {
        #[data] #[derive(Debug)] pub enum Color { Red, Blue }
        takes!(color: Color);
    }
    new {
        #[data] #[derive(Debug)] pub enum Color { Blue, Red }
        takes!(color: Color);
    }
    write |store| { store.take(old::Color::Red).wait().unwrap(); }
    expect Silent(|shop| shop.seen == ["Red"]);

    fn variant_removed = "an enum loses a variant that no stored value has", Journal;
    old {
        #[data] #[derive(Debug)] pub enum Color { Green, Red, Blue }
        takes!(color: Color);
    }
    new {
        #[data] #[derive(Debug)] pub enum Color { Red, Blue }
        takes!(color: Color);
    }
    write |store| { store.take(old::Color::Red).wait().unwrap(); }
    expect Silent(|shop| shop.seen == ["Red"]);

    fn variant_removed_that_is_needed = "an enum loses a variant that a stored value has", Journal;
    old {
        #[data] #[derive(Debug)] pub enum Color { Green, Red, Blue }
        takes!(color: Color);
    }
    new {
        #[data] #[derive(Debug)] pub enum Color { Red, Blue }
        takes!(color: Color);
    }
    write |store| {
        store.take(old::Color::Red).wait().unwrap();
        store.take(old::Color::Green).wait().unwrap();
    }
    expect Refused(&["holds `take`", "Green"]);

    fn other_variant = "the same, and the enum has a `#[serde(other)]` variant", Journal;
    old {
        #[data] #[derive(Debug)] pub enum Color { Green, Red }
        takes!(color: Color);
    }
    new {
        #[data] #[derive(Debug)] pub enum Color { Red, #[serde(other)] Unknown }
        takes!(color: Color);
    }
    write |store| { store.take(old::Color::Green).wait().unwrap(); }
    expect Silent(|shop| shop.seen == ["Unknown"]);

    fn variant_renamed_with_an_alias = "a variant is renamed, with `#[serde(alias = \"OldName\")]`", Journal;
    old {
        #[data] #[derive(Debug)] pub enum Color { Red, Blue }
        takes!(color: Color);
    }
    new {
        #[data] #[derive(Debug)] pub enum Color { #[serde(alias = "Red")] Scarlet, Blue }
        takes!(color: Color);
    }
    write |store| { store.take(old::Color::Red).wait().unwrap(); }
    expect Silent(|shop| shop.seen == ["Scarlet"]);

    fn field_added_to_a_variant = "a variant gets a field, with `#[serde(default)]`", Journal;
    old {
        #[data] #[derive(Debug)] pub enum Shape { Dot, Circle { radius: u32 } }
        takes!(shape: Shape);
    }
    new {
        #[data] #[derive(Debug)] pub enum Shape { Circle { #[serde(default)] filled: bool, radius: u64 }, Dot }
        takes!(shape: Shape);
    }
    write |store| { store.take(old::Shape::Circle { radius: 3 }).wait().unwrap(); }
    expect Silent(|shop| shop.seen == ["Circle { filled: false, radius: 3 }"]);

    fn unit_variant_with_fields = "a variant without fields gets some", Journal;
    old {
        #[data] #[derive(Debug)] pub enum Shape { Dot, Line }
        takes!(shape: Shape);
    }
    new {
        #[data] #[derive(Debug)] pub enum Shape { Dot { #[serde(default)] size: u8 }, Line }
        takes!(shape: Shape);
    }
    write |store| { store.take(old::Shape::Dot).wait().unwrap(); }
    expect Refused(&["in `shape.Dot`"]);

    fn variant_of_a_struct = "a variant that holds a struct gets its fields itself", Journal;
    old {
        #[data] #[derive(Debug)] pub struct Circle { pub radius: u32 }
        #[data] #[derive(Debug)] pub enum Shape { Circle(Circle) }
        takes!(shape: Shape);
    }
    new {
        #[data] #[derive(Debug)] pub enum Shape { Circle { radius: u32 } }
        takes!(shape: Shape);
    }
    write |store| { store.take(old::Shape::Circle(old::Circle { radius: 3 })).wait().unwrap(); }
    expect Silent(|shop| shop.seen == ["Circle { radius: 3 }"]);

    fn enum_to_text = "an enum becomes a `String`", Journal;
    old {
        #[data] #[derive(Debug)] pub enum Color { Red, Blue }
        takes!(color: Color);
    }
    new { takes!(color: String); }
    write |store| { store.take(old::Color::Red).wait().unwrap(); }
    expect Refused(&["in `color`: what was written as `Color { Red | Blue }`"]);

    fn bool_to_enum = "a `bool` becomes an enum", Journal;
    old { takes!(on: bool); }
    new {
        #[data] #[derive(Debug)] pub enum State { Off, On }
        takes!(on: State);
    }
    write |store| { store.take(true).wait().unwrap(); }
    expect Refused(&["in `on`: what was written as `bool`"]);

    fn recursive = "a type that contains itself gets a field, with `#[serde(default)]`", Journal;
    old {
        #[data] #[derive(Debug)] pub struct Node { pub name: u8, pub children: Vec<Node> }
        takes!(tree: Node);
    }
    new {
        #[data] #[derive(Debug)] pub struct Node { #[serde(default)] pub mark: bool, pub children: VecDeque<Node>, pub name: u8 }
        takes!(tree: Node);
    }
    write |store| {
        let leaf = old::Node { name: 2, children: Vec::new() };
        store.take(old::Node { name: 1, children: vec![leaf] }).wait().unwrap();
    }
    expect Silent(|shop| shop.seen == ["Node { mark: false, children: [Node { mark: false, children: [], name: 2 }], name: 1 }"]);

    fn map_of_another_kind = "`HashMap` becomes `BTreeMap`, with a wider key", Journal;
    old { takes!(n: HashMap<u8, u8>); }
    new { takes!(n: BTreeMap<u16, u8>); }
    write |store| { store.take(HashMap::from([(2, 1), (1, 1)])).wait().unwrap(); }
    expect Silent(|shop| shop.seen == ["{1: 1, 2: 1}"]);

    fn deep_inside = "a type is narrowed deep inside others", Journal;
    old {
        #[data] #[derive(Debug)] pub struct Line { pub amount: u64 }
        #[data] #[derive(Debug)] pub struct Order { pub lines: BTreeMap<String, Vec<Line>> }
        takes!(order: Order);
    }
    new {
        #[data] #[derive(Debug)] pub struct Line { pub amount: u16 }
        #[data] #[derive(Debug)] pub struct Order { pub lines: BTreeMap<String, Vec<Line>> }
        takes!(order: Order);
    }
    write |store| { store.take(old::Order { lines: BTreeMap::new() }).wait().unwrap(); }
    expect Refused(&["`order.lines[][].amount`: what was written as `u64`", "`u16`"]);

    fn made_opaque = "a type is put behind `#[serde(with = \"prevalent::opaque\")]`", Journal;
    old { takes!(n: u64); }
    new { takes!(#[serde(with = "prevalent::opaque")] n: u64); }
    write |store| { store.take(1).wait().unwrap(); }
    expect Refused(&["in `n`: what was written as `u64`", "opaque"]);

    fn made_unordered = "a set is marked by `#[serde(with = \"prevalent::unordered\")]`, or no more", Journal;
    old { takes!(#[serde(with = "prevalent::unordered")] a: HashSet<u8>, b: HashSet<u8>); }
    new { takes!(a: HashSet<u8>, #[serde(with = "prevalent::unordered")] b: HashSet<u8>); }
    write |store| { store.take(HashSet::from([1]), HashSet::from([2])).wait().unwrap(); }
    expect Silent(|shop| shop.seen == ["{1} {2}"]);

    fn unordered_widened = "the elements of a marked set are widened", Journal;
    old { takes!(#[serde(with = "prevalent::unordered")] a: HashSet<u8>); }
    new { takes!(#[serde(with = "prevalent::unordered")] a: HashSet<u16>); }
    write |store| { store.take(HashSet::from([1])).wait().unwrap(); }
    expect Silent(|shop| shop.seen == ["{1}"]);

    fn untraced_unchanged = "arguments that could not be traced stay as they are", Journal;
    old { luhn!(); takes!(luhn: Luhn, from: u32, to: u32); }
    new { luhn!(); takes!(luhn: Luhn, from: u32, to: u32); }
    write |store| { store.take(old::Luhn(9973 * 200 + 17), 1, 2).wait().unwrap(); }
    expect Silent(|shop| shop.seen == ["Luhn(1994617) 1 2"]);

    fn untraced_reordered = "of such arguments, two of the same type change places", Journal;
    old { luhn!(); takes!(luhn: Luhn, from: u32, to: u32); }
    new { luhn!(); takes!(luhn: Luhn, to: u32, from: u32); }
    write |store| { store.take(old::Luhn(9973 * 200 + 17), 1, 2).wait().unwrap(); }
    expect Refused(&["of which nothing more is known", "#[tx(rev = 2, upgrade(1 => function))]"]);

    fn untraced_upgraded = "the same, with `rev = 2, upgrade(1 => function)`", Journal;
    old { luhn!(); takes!(luhn: Luhn, from: u32, to: u32); }
    new {
        luhn!();
        #[prevalent(name = "shop")]
        #[derive(Debug, Default)]
        pub struct Shop { pub seen: Vec<String> }
        fn turned((luhn, from, to): (Luhn, u32, u32)) -> (Luhn, u32, u32) { (luhn, to, from) }
        #[prevalent]
        impl Shop {
            #[tx(rev = 2, upgrade(1 => turned))]
            pub fn take(&mut self, luhn: Luhn, to: u32, from: u32) {
                self.seen.push(format!("{luhn:?} {to} {from}"));
            }
        }
    }
    write |store| { store.take(old::Luhn(9973 * 200 + 17), 1, 2).wait().unwrap(); }
    expect Upgrade(|shop| shop.seen == ["Luhn(1994617) 2 1"]);
}
