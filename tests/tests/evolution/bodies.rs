//! Methods that do something else than before.

changes! {
    fn body_changed = "a method's body is changed, and the journal holds its transactions", Journal;
    old {
        #[prevalent(name = "shop")]
        #[derive(Debug, Default)]
        pub struct Shop { pub total: i64 }
        #[prevalent]
        impl Shop { #[tx] pub fn buy(&mut self, n: i64) { self.total += n; } }
    }
    new {
        #[prevalent(name = "shop")]
        #[derive(Debug, Default)]
        pub struct Shop { pub total: i64 }
        #[prevalent]
        impl Shop { #[tx] pub fn buy(&mut self, n: i64) { self.total += n.max(0); } }
    }
    write |store| { store.buy(-2).wait().unwrap(); }
    expect Warned(|shop| shop.total == 0);

    fn body_changed_behind_a_snapshot = "the same, and the store was closed with a snapshot", Snapshot;
    old {
        #[prevalent(name = "shop")]
        #[derive(Debug, Default)]
        pub struct Shop { pub total: i64 }
        #[prevalent]
        impl Shop { #[tx] pub fn buy(&mut self, n: i64) { self.total += n; } }
    }
    new {
        #[prevalent(name = "shop")]
        #[derive(Debug, Default)]
        pub struct Shop { pub total: i64 }
        #[prevalent]
        impl Shop { #[tx] pub fn buy(&mut self, n: i64) { self.total += n.max(0); } }
    }
    write |store| { store.buy(-2).wait().unwrap(); }
    expect Silent(|shop| shop.total == -2);

    fn body_reformatted = "a method's body gets comments and another layout", Journal;
    old {
        #[prevalent(name = "shop")]
        #[derive(Debug, Default)]
        pub struct Shop { pub total: i64 }
        #[prevalent]
        impl Shop { #[tx] pub fn buy(&mut self, n: i64) { self.total = self.total.max(n) } }
    }
    new {
        #[prevalent(name = "shop")]
        #[derive(Debug, Default)]
        pub struct Shop { pub total: i64 }
        #[prevalent]
        impl Shop {
            #[tx]
            pub fn buy(&mut self, n: i64) {
                // The dearest.
                self.total = self.total.max(
                    n,
                )
            }
        }
    }
    write |store| { store.buy(2).wait().unwrap(); }
    expect Silent(|shop| shop.total == 2);

    fn helper_changed = "what a method calls is changed: that can't be seen", Journal;
    old {
        #[prevalent(name = "shop")]
        #[derive(Debug, Default)]
        pub struct Shop { pub total: i64 }
        fn price(n: i64) -> i64 { n }
        #[prevalent]
        impl Shop { #[tx] pub fn buy(&mut self, n: i64) { self.total += price(n); } }
    }
    new {
        #[prevalent(name = "shop")]
        #[derive(Debug, Default)]
        pub struct Shop { pub total: i64 }
        fn price(n: i64) -> i64 { 2 * n }
        #[prevalent]
        impl Shop { #[tx] pub fn buy(&mut self, n: i64) { self.total += price(n); } }
    }
    write |store| { store.buy(2).wait().unwrap(); }
    expect Silent(|shop| shop.total == 4);
}
