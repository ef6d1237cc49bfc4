//! A `Path` has no size.
//! mistakes: 2
use prevalent::prevalent;

#[prevalent]
#[derive(Debug, Default)]
pub struct Sessions {
    n: u64,
}

#[prevalent]
impl Sessions {
    #[tx]
    pub fn add(&mut self, path: &std::path::Path, name: Option<&std::ffi::OsStr>) {
        let _ = (path, name);
        self.n += 1;
    }
}

fn main() {}
