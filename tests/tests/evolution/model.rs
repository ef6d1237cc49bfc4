//! The model itself.

changes! {
    fn field_added_with_a_default = "the model gets a field, with `#[serde(default)]`", Snapshot;
    old { holds!(users: u32 = 5); }
    new { holds!(#[serde(default)] names: Vec<String>, users: u32); }
    write |store| { store.touch().wait().unwrap(); }
    expect Silent(|shop| shop.users == 5 && shop.names.is_empty());

    fn field_added_without_a_default = "the model gets a field, without a default", Snapshot;
    old { holds!(users: u32 = 5); }
    new { holds!(users: u32, names: Vec<String>); }
    write |store| { store.touch().wait().unwrap(); }
    expect Refused(&["holds the model `shop`", "missing field `names`", "#[prevalent(version = 2, from(OldModel => function))]"]);

    fn field_removed = "the model loses a field", Snapshot;
    old { holds!(cache: HashMap<String, u8> = HashMap::from([("a".to_owned(), 1)]), users: u32 = 5); }
    new { holds!(users: u32); }
    write |store| { store.touch().wait().unwrap(); }
    expect Silent(|shop| shop.users == 5);

    fn field_renamed_with_an_alias = "a field of the model is renamed, with `#[serde(alias = \"old_name\")]`", Snapshot;
    old { holds!(users: u32 = 5); }
    new { holds!(#[serde(alias = "users")] accounts: u32); }
    write |store| { store.touch().wait().unwrap(); }
    expect Silent(|shop| shop.accounts == 5);

    fn fields_reordered = "the fields of the model change places", Journal;
    old { holds!(a: u32 = 1, b: u32 = 2); }
    new { holds!(b: u32, a: u32); }
    write |store| { store.touch().wait().unwrap(); }
    expect Silent(|shop| shop.a == 1 && shop.b == 2);

    fn map_of_another_kind = "a `HashMap` in the model becomes a `BTreeMap`", Snapshot;
    old { holds!(users: HashMap<String, u64> = HashMap::from([("ann".to_owned(), 1)])); }
    new { holds!(users: BTreeMap<String, u64>); }
    write |store| { store.touch().wait().unwrap(); }
    expect Silent(|shop| shop.users["ann"] == 1);

    fn narrowed = "a field of the model is narrowed, whatever it holds", Snapshot;
    old { holds!(users: HashMap<String, u64>); }
    new { holds!(users: HashMap<String, u32>); }
    write |store| { store.touch().wait().unwrap(); }
    expect Refused(&["holds the model `shop`", "in `users[]`: what was written as `u64`", "`u32`"]);

    fn no_longer_stored = "a field of the model is no longer stored, with `#[serde(skip)]`", Snapshot;
    old { holds!(index: u32 = 7, users: u32 = 5); }
    new { holds!(#[serde(skip)] index: u32, users: u32); }
    write |store| { store.touch().wait().unwrap(); }
    expect Silent(|shop| shop.users == 5 && shop.index == 0);

    fn renamed_with_its_name_kept = "the struct of the model is renamed, with `#[prevalent(name = \"OldName\")]`", Snapshot;
    old {
        #[prevalent]
        #[derive(Debug, Default)]
        pub struct Shop { pub total: i64 }
        #[prevalent]
        impl Shop { #[tx] pub fn buy(&mut self, n: i64) { self.total += n; } }
    }
    new {
        #[prevalent(name = "Shop")]
        #[derive(Debug, Default)]
        pub struct Market { pub total: i64 }
        #[prevalent(store = ShopStore)]
        impl Market { #[tx] pub fn buy(&mut self, n: i64) { self.total += n; } }
    }
    write |store| { store.buy(2).wait().unwrap(); }
    expect Silent(|shop| shop.total == 2);

    fn renamed = "the struct of the model is renamed, without", Snapshot;
    old {
        #[prevalent]
        #[derive(Debug, Default)]
        pub struct Shop { pub total: i64 }
        #[prevalent]
        impl Shop { #[tx] pub fn buy(&mut self, n: i64) { self.total += n; } }
    }
    new {
        #[prevalent]
        #[derive(Debug, Default)]
        pub struct Market { pub total: i64 }
        #[prevalent(store = ShopStore)]
        impl Market { #[tx] pub fn buy(&mut self, n: i64) { self.total += n; } }
    }
    write |store| { store.buy(2).wait().unwrap(); }
    expect Refused(&["holds the model `Shop`, not `Market`", "#[prevalent(name = \"Shop\")]"]);

    fn next_version = "the model becomes another one, with `version = 2, from(OldModel => function)`", Journal;
    old { holds!(names: Vec<String> = vec!["ann".to_owned(), "bob".to_owned()]); }
    new {
        #[data]
        pub struct ShopV1 { names: Vec<String> }
        #[prevalent(name = "shop", version = 2, from(ShopV1 => Self::from_v1))]
        #[derive(Debug, Default)]
        pub struct Shop { pub ids: BTreeMap<String, u64> }
        impl Shop {
            fn from_v1(old: ShopV1) -> Self {
                Shop { ids: old.names.into_iter().zip(1..).collect() }
            }
        }
        #[prevalent]
        impl Shop { #[tx] pub fn touch(&mut self) {} }
    }
    write |store| { store.touch().wait().unwrap(); }
    expect Upgrade(|shop| shop.ids["bob"] == 2);

    fn next_but_one_version = "the same, two versions later, with `version = 3, from(V1 => .., V2 => ..)`", Snapshot;
    old { holds!(count: u32 = 5); }
    new {
        #[data]
        pub struct ShopV1 { count: u32 }
        #[data]
        pub struct ShopV2 { total: u64 }
        #[prevalent(name = "shop", version = 3, from(ShopV1 => from_v1, ShopV2 => from_v2))]
        #[derive(Debug, Default)]
        pub struct Shop { pub totals: Vec<u64> }
        fn from_v1(old: ShopV1) -> Shop { Shop { totals: vec![u64::from(old.count)] } }
        fn from_v2(old: ShopV2) -> Shop { Shop { totals: vec![old.total] } }
        #[prevalent]
        impl Shop { #[tx] pub fn touch(&mut self) {} }
    }
    write |store| { store.touch().wait().unwrap(); }
    expect Upgrade(|shop| shop.totals == [5]);

    fn version_without_a_way = "the version is raised, and nothing says what becomes of the old one", Snapshot;
    old { holds!(count: u32 = 5); }
    new {
        #[prevalent(name = "shop", version = 2)]
        #[derive(Debug, Default)]
        pub struct Shop { pub count: u32 }
        #[prevalent]
        impl Shop { #[tx] pub fn touch(&mut self) {} }
    }
    write |store| { store.touch().wait().unwrap(); }
    expect Refused(&["holds version 1 of the model `shop`", "#[prevalent(version = 2, from(..))]"]);

    fn newer_version = "an older program opens what a newer version wrote", Snapshot;
    old {
        #[prevalent(name = "shop", version = 2)]
        #[derive(Debug, Default)]
        pub struct Shop { pub count: u32 }
        #[prevalent]
        impl Shop { #[tx] pub fn touch(&mut self) {} }
    }
    new { holds!(count: u32); }
    write |store| { store.touch().wait().unwrap(); }
    expect Refused(&["holds version 2 of the model `shop`", "a newer version of the program wrote it"]);

    fn untraced_changed = "the model could not be traced, and a field gets another type", Snapshot;
    old { luhn!(); holds!(luhns: Vec<Luhn>, numbers: Vec<u32> = vec![3, 1]); }
    new { luhn!(); holds!(luhns: Vec<Luhn>, numbers: Vec<i32>); }
    write |store| { store.touch().wait().unwrap(); }
    expect Refused(&["of which nothing more is known", "#[prevalent(version = 2, from(OldModel => function))]"]);

    fn untraced_of_old_version = "the same, with `version = 2, from(OldModel => function)`", Snapshot;
    old { luhn!(); holds!(luhns: Vec<Luhn>, numbers: Vec<u32> = vec![3, 1]); }
    new {
        luhn!();
        #[data]
        pub struct ShopV1 { luhns: Vec<Luhn>, numbers: Vec<u32> }
        #[prevalent(name = "shop", version = 2, from(ShopV1 => from_v1))]
        #[derive(Debug, Default)]
        pub struct Shop { pub luhns: Vec<Luhn>, pub numbers: Vec<i64> }
        fn from_v1(old: ShopV1) -> Shop {
            Shop { luhns: old.luhns, numbers: old.numbers.into_iter().map(i64::from).collect() }
        }
        #[prevalent]
        impl Shop { #[tx] pub fn touch(&mut self) {} }
    }
    write |store| { store.touch().wait().unwrap(); }
    expect Upgrade(|shop| shop.numbers == [3, 1]);

    fn traced_by_samples = "the model could not be traced, and gets `samples(..)`", Snapshot;
    old {
        luhn!();
        #[prevalent(name = "shop")]
        #[derive(Debug, Default)]
        pub struct Shop { pub luhns: Vec<Luhn>, pub count: u32 }
        #[prevalent]
        impl Shop { #[tx] pub fn touch(&mut self) { self.count += 1; } }
    }
    new {
        luhn!();
        #[prevalent(name = "shop", samples("1994617"))]
        #[derive(Debug, Default)]
        pub struct Shop { pub luhns: Vec<Luhn>, pub count: u32 }
        #[prevalent]
        impl Shop { #[tx] pub fn touch(&mut self) { self.count += 1; } }
    }
    write |store| { store.touch().wait().unwrap(); }
    expect Silent(|shop| shop.count == 1);
}
