//! What people write for the options about changes.
//! mistakes: 14
use prevalent::prevalent;

#[prevalent(rev = 2, upgrade(Old => Self::up), sample("1"), removed("x"))]
#[derive(Debug, Default)]
pub struct Sessions;

#[prevalent(vesion = 2, form(Old => Self::up))]
#[derive(Debug, Default)]
pub struct Board;

#[prevalent(remove("x"), schema_lock = "x.schema.json", samples("1"), version = 2)]
impl Sessions {
    #[tx(revision = 2, upgrades(1 => Self::up))]
    pub fn create(&mut self) {}

    #[tx(version = 2)]
    pub fn delete(&mut self) {}

    #[tx(deprecated)]
    pub fn clear(&mut self) {}
}

fn main() {}
