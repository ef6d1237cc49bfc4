//! The crate under another name, as a re-export has it.

mod framework {
    pub mod store {
        pub use prevalent::*;
    }
}

// There is something else that is called `prevalent` here.
#[allow(dead_code)]
mod prevalent_is_hidden {
    pub mod prevalent {}

    use crate::framework::store as p;

    #[p::prevalent(crate = crate::framework::store)]
    #[derive(Debug, Default)]
    pub struct Sessions {
        kinds: Vec<Kind>,
    }

    #[p::data(crate = crate::framework::store)]
    #[derive(Debug)]
    pub struct Kind(pub u8);

    #[p::prevalent(crate = crate::framework::store)]
    impl Sessions {
        #[p::tx]
        pub fn add(&mut self, kind: &Kind) {
            self.kinds.push(Kind(kind.0));
        }

        #[p::query]
        pub fn count(&self) -> usize {
            self.kinds.len()
        }
    }
}

fn main() {
    let store = prevalent_is_hidden::SessionsStore::in_memory();
    store.add(&prevalent_is_hidden::Kind(1)).wait().unwrap();
    assert_eq!(store.count(), 1);
}
