use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use proptest::prelude::*;
use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};
use twox_hash::XxHash3_128;

use super::*;

fn of<T: Serialize + ?Sized>(value: &T) -> Digest {
    Digest::of(value).unwrap()
}

/// A map whose entries come in this order.
struct Ordered<'a, K, V>(&'a [(K, V)]);

impl<K: Serialize, V: Serialize> Serialize for Ordered<'_, K, V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (key, value) in self.0 {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}

#[derive(Serialize)]
struct Marked<T: Serialize>(#[serde(with = "crate::unordered")] T);

/// Which of these are the same, by letters.
fn classes(digests: &[Digest]) -> String {
    let mut seen: Vec<Digest> = Vec::new();
    let letter = |digest: &Digest| {
        let place = seen.iter().position(|known| known == digest).unwrap_or_else(|| {
            seen.push(*digest);
            seen.len() - 1
        });
        char::from(b'a' + u8::try_from(place).unwrap())
    };
    digests.iter().map(letter).collect()
}

#[test]
fn the_order_of_a_map_makes_no_difference_and_its_entries_do() {
    let digests = [
        of(&Ordered(&[(1, 'a'), (2, 'b'), (3, 'c')])),
        of(&Ordered(&[(3, 'c'), (1, 'a'), (2, 'b')])),
        of(&BTreeMap::from([(1, 'a'), (2, 'b'), (3, 'c')])),
        of(&HashMap::from([(1, 'a'), (2, 'b'), (3, 'c')])),
        of(&Ordered(&[(1, 'b'), (2, 'a'), (3, 'c')])),
        of(&Ordered(&[(1, 'a'), (2, 'b')])),
        of(&Ordered(&[(1, 'a'), (2, 'b'), (2, 'b')])),
    ];
    assert_eq!(classes(&digests), "aaaabcd");
}

#[test]
fn maps_in_maps_have_no_order_either() {
    let (a, b) = (&[(1, "x"), (2, "y")][..], &[(2, "y"), (1, "x")][..]);
    let c = &[(1, "y"), (2, "x")][..];
    let both = |first, second| of(&Ordered(&[("p", Ordered(first)), ("q", Ordered(second))]));
    let digests = [both(a, a), both(b, a), both(b, b), both(a, c), both(c, a), both(c, c)];
    assert_eq!(classes(&digests), "aaabcd");
}

#[test]
fn only_a_marked_sequence_has_no_order() {
    let digests = [
        of(&vec![1, 2, 3]),
        of(&vec![3, 2, 1]),
        of(&Marked(vec![1, 2, 3])),
        of(&Marked(vec![3, 2, 1])),
        of(&Marked(vec![3, 2, 1, 1])),
        of(&Marked(vec![3, 2, 2, 1])),
        of(&Marked(vec![1, 3, 2, 1])),
    ];
    assert_eq!(classes(&digests), "abccded");
    assert_eq!(of(&Marked(HashSet::from([1, 2, 3]))), of(&Marked(BTreeSet::from([1, 2, 3]))));
}

#[test]
fn the_mark_counts_for_the_outermost_sequence_only() {
    let digests = [
        of(&Marked(vec![vec![1, 2], vec![3]])),
        of(&Marked(vec![vec![3], vec![1, 2]])),
        of(&Marked(vec![vec![3], vec![2, 1]])),
        of(&Marked(vec![Marked(vec![1, 2]), Marked(vec![3])])),
        of(&Marked(vec![Marked(vec![3]), Marked(vec![2, 1])])),
    ];
    assert_eq!(classes(&digests), "aabcc");
    let behind = |tail: [u8; 2]| of(&(Marked(vec![1, 2]), tail.to_vec()));
    assert_ne!(behind([1, 2]), behind([2, 1]), "the mark ends with its field");
}

#[test]
fn an_option_of_a_set_can_be_marked() {
    let digests = [
        of(&Marked(Some(vec![1, 2]))),
        of(&Marked(Some(vec![2, 1]))),
        of(&Marked(None::<Vec<i32>>)),
        of(&(Marked(None::<Vec<i32>>), vec![1, 2])),
        of(&(Marked(None::<Vec<i32>>), vec![2, 1])),
    ];
    assert_eq!(classes(&digests), "aabcd");
}

#[test]
fn a_mark_on_what_is_no_sequence_is_refused() {
    #[derive(Serialize)]
    struct Article {
        #[serde(with = "crate::unordered")]
        tags: HashMap<u64, HashSet<u64>>,
    }
    let error = Digest::of(&Article { tags: HashMap::new() }).unwrap_err().to_string();
    assert!(error.contains("in field `tags`: `prevalent::unordered` stands on"), "{error}");
    assert!(Digest::of(&Marked((1, 2))).is_err());
    assert!(Digest::of(&Marked([1, 2])).is_err());
}

#[test]
fn where_one_text_ends_makes_a_difference() {
    #[derive(Serialize)]
    enum Choice {
        A(u8),
        B(u8),
        C,
    }
    let digests = [
        of(&["ab", "c"]),
        of(&["a", "bc"]),
        of(&vec![vec![1_u8, 2], vec![3]]),
        of(&vec![vec![1_u8], vec![2, 3]]),
        of(&[Some(1), None]),
        of(&[None, Some(1)]),
        of(&Choice::A(1)),
        of(&Choice::B(1)),
        of(&Choice::C),
        of(&0.0),
        of(&-0.0),
    ];
    assert_eq!(classes(&digests), "abcdefghijk");
}

#[test]
fn an_opaque_value_is_looked_into() {
    #[derive(Serialize)]
    struct Around<T: Serialize> {
        #[serde(with = "crate::opaque")]
        inside: T,
        after: Vec<u8>,
    }
    let around = |entries: &[(u8, u8)], after: [u8; 2]| {
        let inside = Marked(entries.iter().map(|entry| Marked(vec![entry.0, entry.1])).collect());
        of(&Around::<Marked<Vec<_>>> { inside, after: after.to_vec() })
    };
    let digests = [
        around(&[(1, 2), (3, 4)], [5, 6]),
        around(&[(4, 3), (2, 1)], [5, 6]),
        around(&[(1, 2), (3, 4)], [6, 5]),
        around(&[(1, 3), (2, 4)], [5, 6]),
    ];
    assert_eq!(classes(&digests), "aabc");
}

#[test]
fn a_newtype_named_like_an_opaque_one_reveals_nothing_behind_it() {
    #[derive(Serialize)]
    #[serde(rename = "prevalent::opaque")]
    struct Impostor(u8);
    #[derive(Serialize)]
    struct Opaque(#[serde(with = "crate::opaque")] u16);

    of(&Impostor(1));
    assert_eq!(serde_json::to_string(&Opaque(300)).unwrap(), "[172,2]");
}

#[test]
fn what_is_larger_than_what_is_gathered_is_hashed_as_one() {
    // Whether a value is hashed piece by piece or at once may depend on its length, and on nothing else.
    let max = sink::GATHERED_BYTES_MAX;
    for len in [0, 1, 1000, max - 3, max - 2, max, max + 1, 3 * max, 5 * max + 7] {
        let text = "x".repeat(len);
        let expected = XxHash3_128::oneshot(&postcard::to_stdvec(&text).unwrap());
        assert_eq!(of(&text), Digest(expected), "{len}");
        let pieces = vec![7_u8; len];
        let expected = XxHash3_128::oneshot(&postcard::to_stdvec(&pieces).unwrap());
        assert_eq!(of(&pieces), Digest(expected), "{len}");
    }
}

#[test]
fn large_entries_in_large_maps_have_no_order() {
    let long = |c: &str, len: usize| c.repeat(len);
    let inner = [("k", long("a", 40_000)), ("l", long("b", 20_000))];
    let turned = [("l", long("b", 20_000)), ("k", long("a", 40_000))];
    let other = [("k", long("a", 40_000)), ("l", long("b", 20_001))];
    let pad = "p".repeat(17_000);
    let digests = [
        of(&(&pad, Ordered(&[(1, Ordered(&inner)), (2, Ordered(&turned))]), 1)),
        of(&(&pad, Ordered(&[(2, Ordered(&inner)), (1, Ordered(&turned))]), 1)),
        of(&(&pad, Ordered(&[(2, Ordered(&inner)), (1, Ordered(&other))]), 1)),
        of(&(&pad, Ordered(&[(2, Ordered(&inner)), (1, Ordered(&turned))]), 2)),
    ];
    assert_eq!(classes(&digests), "aabc");
}

#[test]
fn what_can_not_be_stored_has_no_digest() {
    #[derive(Serialize)]
    struct Skips {
        #[serde(skip_serializing_if = "Option::is_none")]
        text: Option<u8>,
    }
    struct Panics;
    impl Serialize for Panics {
        fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            panic!("not today")
        }
    }
    let error = Digest::of(&Skips { text: None }).unwrap_err().to_string();
    assert!(error.contains("Skips") && error.contains("`skip_serializing_if`"), "{error}");
    let error = Digest::of(&Marked(vec![Panics])).unwrap_err().to_string();
    assert!(error.contains("not today"), "{error}");
}

#[test]
fn a_digest_is_written_as_32_digits() {
    assert_eq!(Digest(0xab).to_string(), "000000000000000000000000000000ab");
    assert_eq!(format!("{:?}", Digest(1)), "Digest(00000000000000000000000000000001)");
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Shop {
    prices: BTreeMap<String, f64>,
    stock: HashMap<u16, HashMap<u8, Vec<i64>>>,
    #[serde(with = "crate::unordered")]
    open: HashSet<u32>,
    log: Vec<Option<String>>,
}

fn shop() -> impl Strategy<Value = Shop> {
    use proptest::collection::{btree_map, hash_map, hash_set, vec};
    let numbers = vec(any::<i64>(), 0..4);
    let stock = hash_map(0_u16..9, hash_map(0_u8..9, numbers, 0..4), 0..6);
    let prices = btree_map("[a-c]{0,2}", any::<f64>(), 0..5);
    let log = vec(any::<Option<String>>(), 0..5);
    (prices, stock, hash_set(0_u32..9, 0..6), log).prop_map(|(prices, stock, open, log)| Shop {
        prices,
        stock,
        open,
        log,
    })
}

proptest! {
    #[test]
    fn a_value_that_was_stored_and_read_has_the_same_digest(shop in shop()) {
        let mut bytes = Vec::new();
        crate::encoding::encode_value(&shop, &mut bytes, None).unwrap();
        // Its maps have hash seeds of their own.
        let back: Shop = crate::encoding::decode_value(&bytes).unwrap();
        prop_assert_eq!(of(&back), of(&shop));
    }

    #[test]
    fn values_are_equal_when_their_digests_are(a in shop(), b in shop()) {
        let encoded = |shop: &Shop| serde_json::to_value(shop).unwrap().to_string();
        if of(&a) == of(&b) {
            let sorted = |shop: &Shop| {
                let mut open: Vec<u32> = shop.open.iter().copied().collect();
                open.sort_unstable();
                (encoded(&Shop { open: HashSet::new(), ..shop.clone() }), open)
            };
            prop_assert_eq!(sorted(&a), sorted(&b));
        }
    }
}
