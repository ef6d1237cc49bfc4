//! Which of very many are looked at.

/// Takes so many of all, evenly.
#[derive(Debug)]
pub(super) struct Sampler {
    all: u64,
    wanted: u64,
    /// How many came by so far.
    seen: u64,
}

impl Sampler {
    pub(super) fn new(all: u64, wanted: u64) -> Self {
        Sampler { all, wanted: wanted.min(all), seen: 0 }
    }

    /// Takes all.
    pub(super) fn all() -> Self {
        Sampler::new(u64::MAX, u64::MAX)
    }

    /// Whether the next one is taken.
    pub(super) fn takes(&mut self) -> bool {
        let before = self.taken();
        self.seen += 1;
        self.taken() > before
    }

    /// The first one is among them, if there are any.
    fn taken(&self) -> u128 {
        let (seen, wanted, all) =
            (u128::from(self.seen), u128::from(self.wanted), u128::from(self.all.max(1)));
        (seen * wanted).div_ceil(all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_takes_as_many_as_are_wanted_and_the_first_one() {
        for (all, wanted) in [(10, 3), (10, 10), (7, 100), (1000, 1), (5, 0), (0, 5)] {
            let mut sampler = Sampler::new(all, wanted);
            let taken: Vec<u64> = (0..all).filter(|_| sampler.takes()).collect();
            assert_eq!(taken.len() as u64, wanted.min(all), "{all} {wanted}");
            assert_eq!(taken.first(), (wanted.min(all) > 0).then_some(&0));
        }
        let mut sampler = Sampler::all();
        assert!((0..100).all(|_| sampler.takes()));
    }
}
