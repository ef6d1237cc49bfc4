//! Models that begin, or cease, to be rolled back.

/// A model whose transaction counts, and then refuses.
macro_rules! refuses {
    ($($rollback:ident)?) => {
        #[prevalent(name = "shop" $(, $rollback)?)]
        #[derive(Clone, Debug, Default)]
        pub struct Shop {
            pub tries: u64,
        }
        #[prevalent]
        impl Shop {
            #[tx]
            pub fn buy(&mut self) -> Result<(), String> {
                self.tries += 1;
                Err("sold out".to_owned())
            }
        }
    };
}

changes! {
    fn added = "`rollback` is added: what there is, is replayed without it", Journal;
    old { refuses!(); }
    new { refuses!(rollback); }
    write |store| { store.buy().wait().unwrap().unwrap_err(); }
    expect Silent(|shop| shop.tries == 1);

    fn removed = "`rollback` is taken away", Journal;
    old { refuses!(rollback); }
    new { refuses!(); }
    write |store| { store.buy().wait().unwrap().unwrap_err(); }
    expect Refused(&["committed with `rollback`, which the model `shop` doesn't have any more"]);

    fn removed_behind_a_snapshot = "the same, and the store was closed with a snapshot", Snapshot;
    old { refuses!(rollback); }
    new { refuses!(); }
    write |store| { store.buy().wait().unwrap().unwrap_err(); }
    expect Silent(|shop| shop.tries == 0);
}
