//! What has changed between two texts, by lines.

/// The lines of both: `−` before those that are gone, `+` before the new ones.
pub(crate) fn diff(old: &str, new: &str) -> String {
    let (old, new): (Vec<_>, Vec<_>) = (old.lines().collect(), new.lines().collect());
    let common = common_lines(&old, &new);
    let mut text = String::new();
    let mut put = |sign: &str, line: &str| {
        text.push_str(sign);
        text.push_str(line);
        text.push('\n');
    };
    let (mut i, mut j) = (0, 0);
    loop {
        match (old.get(i), new.get(j)) {
            (Some(line), Some(other)) if line == other => {
                put("  ", line);
                (i, j) = (i + 1, j + 1);
            }
            (Some(line), None) => {
                put("− ", line);
                i += 1;
            }
            (Some(line), Some(_)) if common(i + 1, j) >= common(i, j + 1) => {
                put("− ", line);
                i += 1;
            }
            (_, Some(other)) => {
                put("+ ", other);
                j += 1;
            }
            (None, None) => return text,
        }
    }
}

/// How many lines the rests of both texts can have in common, from two places on.
fn common_lines(old: &[&str], new: &[&str]) -> impl Fn(usize, usize) -> u32 + use<> {
    let width = new.len() + 1;
    let mut table = vec![0_u32; (old.len() + 1) * width];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            table[i * width + j] = if old[i] == new[j] {
                table[(i + 1) * width + j + 1] + 1
            } else {
                table[(i + 1) * width + j].max(table[i * width + j + 1])
            };
        }
    }
    move |i, j| table.get(i * width + j).copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_are_gone_come_before_those_that_took_their_place() {
        let (old, new) = ("a\nb\nc\nd\n", "a\nx\nc\nd\ne\n");
        assert_eq!(diff(old, new), "  a\n− b\n+ x\n  c\n  d\n+ e\n");
        assert_eq!(diff("", "a"), "+ a\n");
        assert_eq!(diff("a", ""), "− a\n");
        assert_eq!(diff(old, old), "  a\n  b\n  c\n  d\n");
    }
}
