//! Which images of a crash are made.

use std::collections::BTreeSet;

use super::crash::{Crash, Loss, OpenFile, Outlook};

/// Up to this many images of a crash are made one and all; of more, a sample.
const IMAGES_ALL_MAX: usize = 4096;

/// Random images in a sample, beside those that are always in it.
const IMAGES_RANDOM: usize = 256;

/// What becomes of everything that is left to chance.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Plan {
    /// Which of the outlooks, and so how many changes of the directory are kept.
    pub(super) outlook: usize,
    /// Those of all open files, one file after the other.
    pub(super) digits: Vec<usize>,
}

/// All images of a crash, or a sample that depends on nothing but the crash.
pub(super) fn plans(crash: &Crash) -> Vec<Plan> {
    let count = crash.outlooks.iter().fold(0_usize, |sum, outlook| {
        let images = bases(outlook, crash.loss).fold(1, usize::saturating_mul);
        sum.saturating_add(images)
    });
    let outlooks = crash.outlooks.iter().enumerate();
    if count <= IMAGES_ALL_MAX {
        outlooks.flat_map(|(number, outlook)| all(number, outlook, crash.loss)).collect()
    } else {
        let mut plans: BTreeSet<Plan> = outlooks.flat_map(|(n, o)| extremes(n, o)).collect();
        if let Some(outlook) = crash.outlooks.last() {
            plans.extend(singles(crash.outlooks.len() - 1, outlook, crash.loss));
        }
        let mut random = Random::new(crash.point as u64);
        plans.extend((0..IMAGES_RANDOM).map(|_| random_plan(crash, &mut random)));
        plans.into_iter().collect()
    }
}

/// One image out of all.
pub(super) fn random_plan(crash: &Crash, random: &mut Random) -> Plan {
    let outlook = random.below(crash.outlooks.len());
    // A fair coin for each of a hundred sectors never shows the crash that lost one, or all but one.
    let kept_of_8 = [1, 4, 7][random.below(3)];
    let digits = bases(&crash.outlooks[outlook], crash.loss)
        .map(|base| {
            let kept = base > 1 && random.below(8) < kept_of_8;
            if kept { 1 + random.below(base - 1) } else { 0 }
        })
        .collect();
    canonical(outlook, digits, &crash.outlooks[outlook])
}

/// Every plan there is, each once: counts through all digits.
fn all(number: usize, outlook: &Outlook, loss: Loss) -> Vec<Plan> {
    let bases: Vec<usize> = bases(outlook, loss).collect();
    let mut digits = vec![0; bases.len()];
    let mut plans = Vec::new();
    loop {
        let plan = canonical(number, digits.clone(), outlook);
        if plan.digits == digits {
            plans.push(plan);
        }
        let Some(place) = (0..bases.len()).find(|&place| digits[place] + 1 < bases[place]) else {
            return plans;
        };
        digits[place] += 1;
        digits[..place].fill(0);
    }
}

/// Everything kept, and nothing.
fn extremes(number: usize, outlook: &Outlook) -> [Plan; 2] {
    let kept: Vec<usize> = all_kept(outlook).collect();
    let dropped = vec![0; kept.len()];
    [canonical(number, dropped, outlook), canonical(number, kept, outlook)]
}

/// Each thing dropped alone, kept alone, and garbage alone.
fn singles(number: usize, outlook: &Outlook, loss: Loss) -> Vec<Plan> {
    let kept: Vec<usize> = all_kept(outlook).collect();
    let nothing: Vec<usize> = outlook.open.iter().flat_map(OpenFile::none_kept).collect();
    let mut plans = Vec::new();
    for (place, base) in bases(outlook, loss).enumerate() {
        let mut with = |start: &[usize], digit| {
            let mut digits = start.to_vec();
            digits[place] = digit;
            plans.push(canonical(number, digits, outlook));
        };
        with(&kept, 0);
        with(&nothing, kept[place]);
        if loss == Loss::KeepDropOrGarbage {
            with(&kept, base - 1);
        }
    }
    plans
}

fn canonical(number: usize, mut digits: Vec<usize>, outlook: &Outlook) -> Plan {
    let mut rest = &mut digits[..];
    for file in &outlook.open {
        let own;
        (own, rest) = rest.split_at_mut(file.all_kept().count());
        file.make_canonical(own);
    }
    Plan { outlook: number, digits }
}

fn bases(outlook: &Outlook, loss: Loss) -> impl Iterator<Item = usize> {
    outlook.open.iter().flat_map(move |file| file.bases(loss))
}

fn all_kept(outlook: &Outlook) -> impl Iterator<Item = usize> {
    outlook.open.iter().flat_map(OpenFile::all_kept)
}

/// `SplitMix64`: the same numbers for the same seed, on every machine and for ever.
#[derive(Debug)]
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub(super) fn byte(&mut self) -> u8 {
        self.next().to_le_bytes()[0]
    }

    /// A number below `limit`, which is not 0. The remainder's slight bias harms nobody here.
    #[expect(clippy::cast_possible_truncation, reason = "smaller than `limit`, a usize")]
    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }
}
