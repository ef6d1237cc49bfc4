//! Methods that come, go and change their names.

changes! {
    fn methods_reordered = "the methods stand in another order", Journal;
    old {
        #[prevalent(name = "shop")]
        #[derive(Debug, Default)]
        pub struct Shop { pub total: i64 }
        #[prevalent]
        impl Shop {
            #[tx] pub fn buy(&mut self, n: i64) { self.total += n; }
            #[tx] pub fn sell(&mut self, n: i64) { self.total -= n; }
        }
    }
    new {
        #[prevalent(name = "shop")]
        #[derive(Debug, Default)]
        pub struct Shop { pub total: i64 }
        #[prevalent]
        impl Shop {
            #[tx] pub fn sell(&mut self, n: i64) { self.total -= n; }
            #[tx] pub fn buy(&mut self, n: i64) { self.total += n; }
        }
    }
    write |store| {
        store.buy(5).wait().unwrap();
        store.sell(2).wait().unwrap();
    }
    expect Silent(|shop| shop.total == 3);

    fn method_added = "a method is added", Journal;
    old {
        #[prevalent(name = "shop")]
        #[derive(Debug, Default)]
        pub struct Shop { pub total: i64 }
        #[prevalent]
        impl Shop {
            #[tx] pub fn sell(&mut self, n: i64) { self.total -= n; }
        }
    }
    new {
        #[prevalent(name = "shop")]
        #[derive(Debug, Default)]
        pub struct Shop { pub total: i64 }
        #[prevalent]
        impl Shop {
            #[tx] pub fn buy(&mut self, n: i64) { self.total += n; }
            #[tx] pub fn sell(&mut self, n: i64) { self.total -= n; }
        }
    }
    write |store| { store.sell(2).wait().unwrap(); }
    expect Silent(|shop| shop.total == -2);

    fn method_renamed_with_its_name_kept = "a method is renamed, with `#[tx(name = \"old_name\")]`", Journal;
    old {
        #[prevalent(name = "shop")]
        #[derive(Debug, Default)]
        pub struct Shop { pub total: i64 }
        #[prevalent]
        impl Shop {
            #[tx] pub fn buy(&mut self, n: i64) { self.total += n; }
        }
    }
    new {
        #[prevalent(name = "shop")]
        #[derive(Debug, Default)]
        pub struct Shop { pub total: i64 }
        #[prevalent]
        impl Shop {
            #[tx(name = "buy")] pub fn purchase(&mut self, n: i64) { self.total += n; }
        }
    }
    write |store| { store.buy(2).wait().unwrap(); }
    expect Silent(|shop| shop.total == 2);

    fn method_renamed = "a method is renamed, without", Journal;
    old {
        #[prevalent(name = "shop")]
        #[derive(Debug, Default)]
        pub struct Shop { pub total: i64 }
        #[prevalent]
        impl Shop {
            #[tx] pub fn buy(&mut self, n: i64) { self.total += n; }
        }
    }
    new {
        #[prevalent(name = "shop")]
        #[derive(Debug, Default)]
        pub struct Shop { pub total: i64 }
        #[prevalent]
        impl Shop {
            #[tx] pub fn purchase(&mut self, n: i64) { self.total += n; }
        }
    }
    write |store| { store.buy(2).wait().unwrap(); }
    expect Refused(&["holds the transaction `buy`", "#[tx(name = \"buy\")]"]);

    fn method_removed_that_is_needed = "a method is removed, and the journal holds its transactions", Journal;
    old {
        #[prevalent(name = "shop")]
        #[derive(Debug, Default)]
        pub struct Shop { pub total: i64 }
        #[prevalent]
        impl Shop {
            #[tx] pub fn buy(&mut self, n: i64) { self.total += n; }
            #[tx] pub fn double(&mut self) { self.total *= 2; }
        }
    }
    new {
        #[prevalent(name = "shop")]
        #[derive(Debug, Default)]
        pub struct Shop { pub total: i64 }
        #[prevalent]
        impl Shop {
            #[tx] pub fn buy(&mut self, n: i64) { self.total += n; }
        }
    }
    write |store| {
        store.buy(2).wait().unwrap();
        store.double().wait().unwrap();
    }
    expect Refused(&["holds the transaction `double`", "open the store with the old code and close it"]);

    fn method_removed_behind_a_snapshot = "a method is removed, and a snapshot covers its transactions", Snapshot;
    old {
        #[prevalent(name = "shop")]
        #[derive(Debug, Default)]
        pub struct Shop { pub total: i64 }
        #[prevalent]
        impl Shop {
            #[tx] pub fn buy(&mut self, n: i64) { self.total += n; }
            #[tx] pub fn double(&mut self) { self.total *= 2; }
        }
    }
    new {
        #[prevalent(name = "shop")]
        #[derive(Debug, Default)]
        pub struct Shop { pub total: i64 }
        #[prevalent(removed("double"))]
        impl Shop {
            #[tx] pub fn buy(&mut self, n: i64) { self.total += n; }
        }
    }
    write |store| {
        store.buy(2).wait().unwrap();
        store.double().wait().unwrap();
    }
    expect Silent(|shop| shop.total == 4);

    fn method_removed_for_ever_that_is_needed = "a method is removed and its name listed in `removed(\"name\")`, and the journal holds its transactions", Journal;
    old {
        #[prevalent(name = "shop")]
        #[derive(Debug, Default)]
        pub struct Shop { pub total: i64 }
        #[prevalent]
        impl Shop {
            #[tx] pub fn double(&mut self) { self.total *= 2; }
        }
    }
    new {
        #[prevalent(name = "shop")]
        #[derive(Debug, Default)]
        pub struct Shop { pub total: i64 }
        #[prevalent(removed("double"))]
        impl Shop {
            #[tx] pub fn buy(&mut self, n: i64) { self.total += n; }
        }
    }
    write |store| { store.double().wait().unwrap(); }
    expect Refused(&["holds the transaction `double`", "lists in `removed`", "#[tx(retired)]"]);

    fn method_switched_off = "a method is switched off by `#[cfg]`, and the journal holds its transactions", Journal;
    old {
        #[prevalent(name = "shop")]
        #[derive(Debug, Default)]
        pub struct Shop { pub total: i64 }
        #[prevalent]
        impl Shop {
            #[tx] pub fn double(&mut self) { self.total *= 2; }
        }
    }
    new {
        #[prevalent(name = "shop")]
        #[derive(Debug, Default)]
        pub struct Shop { pub total: i64 }
        #[prevalent]
        impl Shop {
            #[cfg(any())]
            #[tx] pub fn double(&mut self) { self.total *= 2; }
            #[tx] pub fn buy(&mut self, n: i64) { self.total += n; }
        }
    }
    write |store| { store.double().wait().unwrap(); }
    expect Refused(&["holds the transaction `double`"]);

    fn method_retired = "a method is retired, with `#[tx(retired)]`", Journal;
    old {
        #[prevalent(name = "shop")]
        #[derive(Debug, Default)]
        pub struct Shop { pub total: i64 }
        #[prevalent]
        impl Shop {
            #[tx] pub fn buy(&mut self, n: i64) { self.total += n; }
            #[tx] pub fn double(&mut self) { self.total *= 2; }
        }
    }
    new {
        #[prevalent(name = "shop")]
        #[derive(Debug, Default)]
        pub struct Shop { pub total: i64 }
        #[prevalent]
        impl Shop {
            #[tx] pub fn buy(&mut self, n: i64) { self.total += n; }
            #[tx(retired)] pub fn double(&mut self) { self.total *= 2; }
        }
    }
    write |store| {
        store.buy(2).wait().unwrap();
        store.double().wait().unwrap();
    }
    expect Silent(|shop| shop.total == 4);

    fn upgraded = "a transaction gets other arguments, with `rev = 2, upgrade(1 => function)`", Journal;
    old {
        #[prevalent(name = "shop")]
        #[derive(Debug, Default)]
        pub struct Shop { pub names: Vec<String> }
        #[prevalent]
        impl Shop {
            #[tx] pub fn hire(&mut self, name: &str, level: u32) { self.names.push(format!("{name} {level}")); }
        }
    }
    new {
        #[prevalent(name = "shop")]
        #[derive(Debug, Default)]
        pub struct Shop { pub names: Vec<String> }
        fn split((name, level): (String, u32)) -> (String, String, u64) {
            let (first, last) = name.split_once(' ').unwrap_or((&name, ""));
            (first.to_owned(), last.to_owned(), u64::from(level))
        }
        #[prevalent]
        impl Shop {
            #[tx(rev = 2, upgrade(1 => split))]
            pub fn hire(&mut self, first: &str, last: &str, level: u64) { self.names.push(format!("{last}, {first} {level}")); }
        }
    }
    write |store| { store.hire("Ada Lovelace", 7).wait().unwrap(); }
    expect Upgrade(|shop| shop.names == ["Lovelace, Ada 7"]);

    fn upgraded_twice = "the same, two revisions later, with `rev = 3, upgrade(1 => .., 2 => ..)`", Journal;
    old {
        #[prevalent(name = "shop")]
        #[derive(Debug, Default)]
        pub struct Shop { pub total: i64 }
        #[prevalent]
        impl Shop {
            #[tx(rev = 2)] pub fn buy(&mut self, price: f64) { self.total += price as i64; }
        }
    }
    new {
        #[prevalent(name = "shop")]
        #[derive(Debug, Default)]
        pub struct Shop { pub total: i64 }
        fn from_cents((cents,): (i64,)) -> (i64, String) { (cents, String::new()) }
        fn from_float((price,): (f64,)) -> (i64, String) { ((price * 100.0).round() as i64, String::new()) }
        #[prevalent]
        impl Shop {
            #[tx(rev = 3, upgrade(1 => from_cents, 2 => from_float))]
            pub fn buy(&mut self, cents: i64, _what: String) { self.total += cents; }
        }
    }
    write |store| { store.buy(2.5).wait().unwrap(); }
    expect Upgrade(|shop| shop.total == 250);

    fn revised_without_an_upgrade = "the revision is raised without an upgrade, and the journal holds the old one", Journal;
    old {
        #[prevalent(name = "shop")]
        #[derive(Debug, Default)]
        pub struct Shop { pub total: i64 }
        #[prevalent]
        impl Shop {
            #[tx] pub fn buy(&mut self, n: i64) { self.total += n; }
        }
    }
    new {
        #[prevalent(name = "shop")]
        #[derive(Debug, Default)]
        pub struct Shop { pub total: i64 }
        #[prevalent]
        impl Shop {
            #[tx(rev = 2)] pub fn buy(&mut self, n: i64) { self.total += n; }
        }
    }
    write |store| { store.buy(2).wait().unwrap(); }
    expect Refused(&["revision 1 of the transaction `buy`", "#[tx(rev = 2, upgrade(1 => function))]"]);

    fn newer_revision = "an older program opens what a newer revision wrote", Journal;
    old {
        #[prevalent(name = "shop")]
        #[derive(Debug, Default)]
        pub struct Shop { pub total: i64 }
        #[prevalent]
        impl Shop {
            #[tx(rev = 2)] pub fn buy(&mut self, n: i64) { self.total += n; }
        }
    }
    new {
        #[prevalent(name = "shop")]
        #[derive(Debug, Default)]
        pub struct Shop { pub total: i64 }
        #[prevalent]
        impl Shop {
            #[tx] pub fn buy(&mut self, n: i64) { self.total += n; }
        }
    }
    write |store| { store.buy(2).wait().unwrap(); }
    expect Refused(&["revision 2 of the transaction `buy`", "a newer version of the program wrote it"]);

    fn upgrade_of_other_types = "the upgrade takes other arguments than are stored", Journal;
    old {
        #[prevalent(name = "shop")]
        #[derive(Debug, Default)]
        pub struct Shop { pub total: i64 }
        #[prevalent]
        impl Shop {
            #[tx] pub fn buy(&mut self, n: i64) { self.total += n; }
        }
    }
    new {
        #[prevalent(name = "shop")]
        #[derive(Debug, Default)]
        pub struct Shop { pub total: i64 }
        fn from_text((n,): (String,)) -> (i64,) { (n.len() as i64,) }
        #[prevalent]
        impl Shop {
            #[tx(rev = 2, upgrade(1 => from_text))] pub fn buy(&mut self, n: i64) { self.total += n; }
        }
    }
    write |store| { store.buy(2).wait().unwrap(); }
    expect Refused(&["transaction `buy`", "`i64`", "String"]);
}
