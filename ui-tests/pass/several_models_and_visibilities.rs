//! Several models in one module, with types of each visibility.
#![deny(warnings)]

mod models {
    use prevalent::prevalent;

    #[prevalent]
    #[derive(Debug, Default)]
    pub struct Open(u8);

    #[prevalent]
    impl Open {
        #[tx]
        pub fn add(&mut self, n: u8) {
            self.0 += n;
        }
    }

    #[prevalent]
    #[derive(Debug, Default)]
    pub struct Inner(u8);

    /// The model is public, what is generated is not.
    #[prevalent(vis = pub(crate), tx_derive(Debug, PartialEq))]
    impl Inner {
        #[tx]
        pub(crate) fn add(&mut self, n: u8) {
            self.0 += n;
        }

        #[tx]
        pub(super) fn reset(&mut self) -> u8 {
            std::mem::take(&mut self.0)
        }

        #[query]
        pub(in crate::models) fn n(&self) -> u8 {
            self.0
        }
    }

    #[prevalent]
    #[derive(Debug, Default)]
    pub(super) struct Named(u8);

    #[prevalent(store = Handle, tx = Change, reply = Answer, vis = pub(in crate::models))]
    impl Named {
        #[tx]
        fn add(&mut self, n: u8) {
            self.0 += n;
        }
    }

    /// Named like the parameter of its own handle.
    #[prevalent]
    #[derive(Debug, Default)]
    pub struct Engine(u8);

    #[prevalent]
    impl Engine {
        #[tx]
        pub fn start(&mut self, other: &Engine) -> Engine {
            Self(self.0 + other.0)
        }
    }

    pub(super) fn check() {
        EngineStore::in_memory().start(&Engine(1)).wait().unwrap();
        let store = InnerStore::in_memory();
        store.add(2).wait().unwrap();
        assert_eq!(store.n(), 2);
        let handle = Handle::in_memory();
        let Answer::Add(()) = handle.commit(Change::Add { n: 1 }).wait().unwrap();
    }
}

fn main() {
    models::OpenStore::in_memory().add(1).wait().unwrap();
    let store = models::InnerStore::in_memory();
    let models::InnerReply::Reset(n) = store.commit(models::InnerTx::Reset).wait().unwrap() else { panic!() };
    assert_eq!(n, 0);
    assert_eq!(models::InnerTx::Add { n: 1 }, models::InnerTx::Add { n: 1 });
    models::check();
}
