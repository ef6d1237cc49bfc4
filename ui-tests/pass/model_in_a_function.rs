//! A model inside a function's body.
#![deny(warnings)]

fn main() {
    use prevalent::prevalent;

    #[prevalent::data]
    struct Local(u8);

    #[prevalent]
    #[derive(Default)]
    struct Sessions {
        n: u8,
    }

    #[prevalent(vis = pub(crate))]
    impl Sessions {
        #[tx]
        fn add(&mut self, local: &Local) -> Local {
            self.n += local.0;
            Local(self.n)
        }

        #[query]
        fn n(&self) -> u8 {
            self.n
        }
    }

    let store = SessionsStore::in_memory();
    assert_eq!(store.add(&Local(2)).wait().unwrap().0, 2);
    assert_eq!(store.n(), 2);
    let _ = SessionsTx::Add { local: Local(1) };
}
