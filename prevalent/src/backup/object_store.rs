//! Backups in an object store.

use std::fmt;
use std::io;
use std::sync::Arc;

use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt as _, PutPayload};
use tokio::runtime::{Builder, Runtime};

use super::target::BackupTarget;

/// A backup in an object store: S3, Google's, Azure's, or whatever else the crate `object_store` knows (feature
/// `object_store`).
///
/// It has an executor of its own, so that it works whichever one the program has. There must be no two backups to the same
/// place at the same time. What the store says is written is taken for durable: of `object_store`'s own, the local files
/// need `with_fsync(true)`, and the one in memory keeps nothing.
///
/// ```
/// # use std::sync::Arc;
/// # use prevalent::prevalent;
/// # #[prevalent] #[derive(Default)] struct Counter { count: u64 }
/// # #[prevalent] impl Counter { #[tx] fn add(&mut self) { self.count += 1; } }
/// use object_store::memory::InMemory;
/// use prevalent::ObjectStoreTarget;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let store = CounterStore::in_memory();
/// let objects = Arc::new(InMemory::new()); // or `AmazonS3Builder::from_env()…`
/// let target = Arc::new(ObjectStoreTarget::new(objects, "backups/counter")?);
/// store.backup(target.clone()).wait()?;
/// # let dir = tempfile::tempdir()?;
/// # let dir = dir.path().join("counter");
/// prevalent::restore(target).to(&dir).wait()?;
/// # Ok(()) }
/// ```
pub struct ObjectStoreTarget {
    objects: Arc<dyn ObjectStore>,
    prefix: Path,
    /// `None` only while it is dropped.
    runtime: Option<Runtime>,
}

impl ObjectStoreTarget {
    /// The backup whose objects have names that begin with `prefix` and a slash.
    ///
    /// # Errors
    ///
    /// Where the system refuses what an executor needs.
    pub fn new(objects: Arc<dyn ObjectStore>, prefix: impl AsRef<str>) -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        Ok(ObjectStoreTarget { objects, prefix: prefix.as_ref().into(), runtime: Some(runtime) })
    }

    fn path(&self, name: &str) -> Path {
        self.prefix.clone().join(name)
    }

    fn wait_for<T>(&self, work: impl Future<Output = object_store::Result<T>>) -> io::Result<T> {
        let runtime = self.runtime.as_ref().ok_or(io::ErrorKind::NotConnected)?;
        runtime.block_on(work).map_err(io::Error::from)
    }
}

impl BackupTarget for ObjectStoreTarget {
    fn put(&self, name: &str, content: &[u8]) -> io::Result<()> {
        let payload = PutPayload::from(content.to_vec());
        let path = self.path(name);
        self.wait_for(self.objects.put(&path, payload)).map(drop)
    }

    fn get(&self, name: &str) -> io::Result<Vec<u8>> {
        let path = self.path(name);
        let bytes = self.wait_for(async { self.objects.get(&path).await?.bytes().await })?;
        Ok(bytes.into())
    }

    fn describe(&self) -> String {
        format!("{}/{}", self.objects, self.prefix)
    }
}

impl Drop for ObjectStoreTarget {
    fn drop(&mut self) {
        // It may be dropped inside another executor, where nobody may wait.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl fmt::Debug for ObjectStoreTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ObjectStoreTarget").field(&self.describe()).finish()
    }
}
