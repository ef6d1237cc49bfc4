//! How much of the processors others took while something was measured.

use crate::failure::Result;

/// What has been used since the machine was started, in ticks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Usage {
    /// Of all processors, busy or not.
    all: u64,
    /// By everybody.
    busy: u64,
    /// By this process, and by the children that it has waited for.
    own: u64,
}

impl Usage {
    /// # Errors
    ///
    /// Where the system doesn't tell.
    pub(crate) fn look() -> Result<Usage> {
        let stat = std::fs::read_to_string("/proc/stat")?;
        let all = numbers(stat.lines().next().unwrap_or_default(), 1)?;
        let own_stat = std::fs::read_to_string("/proc/self/stat")?;
        // Its name may hold anything, and ends with the last bracket.
        let (_, behind_name) = own_stat.rsplit_once(')').ok_or("no name in /proc/self/stat")?;
        let own = numbers(behind_name, 1)?;
        // user, nice, system, idle, iowait, irq, softirq, steal; what comes then is counted in the first two.
        let [user, nice, system, idle, waiting, irq, soft_irq, steal, ..] = all[..] else {
            return Err("/proc/stat is too short".into());
        };
        let busy = user + nice + system + irq + soft_irq + steal;
        // The 14th to 17th of all: user and system, its own and its children's.
        let own = own.get(10..14).ok_or("/proc/self/stat is too short")?.iter().sum();
        Ok(Usage { all: busy + idle + waiting, busy, own })
    }

    /// Which part of the processors others have taken since then, or somebody beyond this machine that it is a guest of.
    ///
    /// # Errors
    ///
    /// Where the system doesn't tell.
    pub(crate) fn others_since(&self) -> Result<f64> {
        let now = Usage::look()?;
        let others = (now.busy - self.busy).saturating_sub(now.own - self.own);
        Ok(others as f64 / (now.all - self.all).max(1) as f64)
    }
}

/// Of a line, from its so-and-so-many-th word on.
fn numbers(line: &str, skip: usize) -> Result<Vec<u64>> {
    let words = line.split_whitespace().skip(skip);
    // Some are negative; none that counts.
    words.map(|word| Ok(word.parse::<i128>()?.try_into().unwrap_or(0))).collect()
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    #[test]
    fn what_this_process_burns_is_its_own() {
        let before = Usage::look().unwrap();
        // As much as twenty ticks, of a hundred a second, whatever else runs.
        let deadline = Instant::now() + Duration::from_secs(30);
        while Usage::look().unwrap().own < before.own + 20 {
            assert!(Instant::now() < deadline, "this process burns and isn't seen to");
        }
        let now = Usage::look().unwrap();
        assert!(now.busy - before.busy >= now.own - before.own - 1, "{before:?} {now:?}");
        assert!(now.all > before.all, "{before:?} {now:?}");
        assert!((0.0..=1.0).contains(&before.others_since().unwrap()));
    }
}
