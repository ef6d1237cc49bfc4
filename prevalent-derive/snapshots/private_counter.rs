// With `vis` and names of the user's own; rolled back, and at most once.

#[prevalent(rollback)]
#[derive(Clone, Debug, Default)]
struct Counter(u64);

#[prevalent(vis = pub(crate), store = Counting, tx = Count, reply = Counted, reply_derive(Debug))]
impl Counter {
    #[tx(method = "add", idempotent)]
    fn plus(&mut self, by: u64, key: &Key) -> u64 {
        self.0 += by;
        self.0
    }
}
