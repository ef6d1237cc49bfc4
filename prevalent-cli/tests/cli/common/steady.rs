//! What the command says, without what is another thing each time.

/// `, 3 min ago` is left out.
pub fn without_ages(text: &str) -> String {
    let mut steady = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once(" ago") {
        steady.push_str(before.rsplit_once(", ").map_or(before, |(before, _)| before));
        rest = behind;
    }
    steady + rest
}

/// Ids of stores, times, and what is as long as they are: each becomes a word.
pub fn without_ids_and_times(text: &str) -> String {
    let text = without_ages(text);
    let mut steady = String::new();
    let mut rest = text.as_str();
    while let Some(first) = rest.chars().next() {
        let is_word = |char: char| char.is_ascii_alphanumeric() || "-:.".contains(char);
        let end = rest.find(|char| !is_word(char)).unwrap_or(rest.len());
        if end == 0 {
            steady.push(first);
            rest = &rest[first.len_utf8()..];
            continue;
        }
        let (word, behind) = rest.split_at(end);
        steady.push_str(&steady_word(word));
        rest = behind;
    }
    steady
}

fn steady_word(word: &str) -> String {
    if let Some(word) = word.strip_prefix(':') {
        return format!(":{}", steady_word(word));
    }
    if let Some((before, time)) = word.rsplit_once(".before-repair-")
        && is_like(time, "ddddddddTddddddZ")
    {
        return format!("{before}.before-repair-INSTANT");
    }
    let is_id = word.len() == 32 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    match word {
        _ if is_id => "ID",
        _ if is_like(word, "dddd-dd-dd") => "DAY",
        _ if is_like(word, "dd:dd:dd") => "TIME",
        _ if is_like(word, "dddd-dd-ddTdd:dd:dd.ddddddZ") => "INSTANT",
        _ if is_like(word, "dddddddddddddddd") => "MICROSECONDS",
        _ => word,
    }
    .to_owned()
}

fn is_like(word: &str, form: &str) -> bool {
    let fits =
        |(byte, form): (u8, u8)| if form == b'd' { byte.is_ascii_digit() } else { byte == form };
    word.len() == form.len() && word.bytes().zip(form.bytes()).all(fits)
}
