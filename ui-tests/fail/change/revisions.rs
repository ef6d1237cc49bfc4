//! Revisions count from 1, and upgrades are from earlier ones.
//! mistakes: 11
use prevalent::prevalent;

#[prevalent]
#[derive(Debug, Default)]
pub struct Sessions {
    n: u64,
}

#[prevalent]
impl Sessions {
    #[tx(rev = 0)]
    pub fn zero(&mut self) {}

    #[tx(rev = "2", upgrade(1 => Self::up))]
    pub fn text(&mut self) {}

    #[tx(rev)]
    pub fn no_value(&mut self) {}

    #[tx(rev = 4294967296)]
    pub fn large(&mut self) {}

    #[tx(upgrade(1 => Self::up))]
    pub fn no_revision(&mut self) {}

    #[tx(rev = 2, upgrade(2 => Self::up))]
    pub fn from_itself(&mut self) {}

    #[tx(rev = 3, upgrade(1 => Self::up, 0 => Self::up, 1 => Self::up))]
    pub fn from_nothing_and_twice(&mut self) {}

    #[tx(rev = 2, upgrade())]
    pub fn no_list(&mut self) {}

    #[tx(rev = 2, upgrade = Self::up)]
    pub fn no_revision_of_the_upgrade(&mut self) {}

    #[tx(rev = 2, upgrade(1 = Self::up))]
    pub fn no_arrow(&mut self) {}

    fn up((): ()) {}
}

fn main() {
    // They are no second error.
    let store = SessionsStore::in_memory();
    store.zero().detach();
    store.no_arrow().detach();
}
