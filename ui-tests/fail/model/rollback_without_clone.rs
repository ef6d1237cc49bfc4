//! What is rolled back is cloned.

use prevalent::prevalent;

#[prevalent(rollback)]
#[derive(Debug, Default)]
pub struct Sessions {
    n: u64,
}

#[prevalent]
impl Sessions {
    #[tx]
    pub fn add(&mut self, n: u64) -> Result<(), String> {
        self.n = self.n.checked_add(n).ok_or("too many")?;
        Ok(())
    }
}

fn main() {}
