//! A model may have transactions named like methods of the engine or of std.
#![deny(warnings)]

use prevalent::prevalent;

#[prevalent]
#[derive(Debug, Default)]
pub struct Door {
    open: bool,
}

/// A trait whose methods have the same names must not be meant.
trait Shadow {
    fn close(&mut self) -> u8;
    fn state(&self) -> u8;
}

impl Shadow for Door {
    fn close(&mut self) -> u8 {
        unreachable!()
    }
    fn state(&self) -> u8 {
        unreachable!()
    }
}

#[prevalent]
impl Door {
    #[tx]
    pub fn close(&mut self) -> bool {
        std::mem::replace(&mut self.open, false)
    }

    #[tx(method = "open_it")]
    pub fn open(&mut self) -> bool {
        std::mem::replace(&mut self.open, true)
    }

    #[tx(method = "build")]
    pub fn builder(&mut self) {}

    #[tx]
    pub fn read(&mut self, tx: u8, cx: u8, reply: u8, value: u8, model: u8, engine: u8) -> u32 {
        [tx, cx, reply, value, model, engine].into_iter().map(u32::from).sum()
    }

    #[tx]
    pub fn clone(&mut self) {}

    #[tx]
    pub fn drop(&mut self) {}

    #[tx]
    pub fn apply(&mut self) {}

    #[tx]
    pub fn submit(&mut self, args: &str) -> usize {
        args.len()
    }

    #[tx]
    pub fn submit_args(&mut self) {}

    #[tx]
    pub fn commit(&mut self) {}

    #[tx]
    pub fn flush(&mut self) {}

    #[tx]
    pub fn snapshot(&mut self) {}

    #[tx]
    pub fn deref(&mut self) {}

    #[tx]
    pub fn from_store(&mut self) {}

    #[query]
    pub fn state(&self) -> bool {
        self.open
    }

    #[query]
    pub fn fmt(&self) {}
}

fn main() {
    let store = DoorStore::in_memory();
    assert!(!store.open_it().wait().unwrap());
    assert!(store.close().wait().unwrap());
    assert!(!store.state());
    assert_eq!(store.read(1, 2, 3, 4, 5, 6).wait().unwrap(), 21);
    assert_eq!(store.submit("four").wait().unwrap(), 4);
    assert!(!prevalent::Store::read(&store, |door| door.open));
    prevalent::Store::close(&store).wait().unwrap();
}
