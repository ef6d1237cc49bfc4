//! What a child tells its parent: a line each. The last one may have been cut by the kill, and counts only with its end.

use std::io::{self, BufWriter, Write};
use std::str::SplitAsciiWhitespace;
use std::sync::mpsc;
use std::thread;

/// Something that a child says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Word {
    /// It has opened the store: the last sequence number in it, and how far each task had come.
    Opened { seq: u64, next: Vec<u64> },
    /// A task's step was acknowledged, with this sequence number.
    Acknowledged { task: u16, number: u64, seq: u64 },
    /// Everything up to this sequence number is on stable storage.
    Flushed { seq: u64 },
    /// A snapshot was taken.
    Snapshot,
    /// A transaction has panicked, and is void.
    Stumbled,
    /// The store was not opened, because an earlier kill had hit a replay: the next open tries again.
    Refused,
    /// Something is wrong.
    Wrong(String),
}

impl Word {
    fn to_line(&self) -> String {
        match self {
            Word::Opened { seq, next } => {
                let next = next.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
                format!("opened {seq} {next}\n")
            }
            Word::Acknowledged { task, number, seq } => format!("step {task} {number} {seq}\n"),
            Word::Flushed { seq } => format!("flushed {seq}\n"),
            Word::Snapshot => "snapshot\n".to_owned(),
            Word::Stumbled => "stumbled\n".to_owned(),
            Word::Refused => "refused\n".to_owned(),
            Word::Wrong(what) => format!("wrong {}\n", what.replace('\n', " ")),
        }
    }

    fn from_line(line: &str) -> Option<Self> {
        let line = line.strip_suffix('\n')?;
        if let Some(what) = line.strip_prefix("wrong ") {
            return Some(Word::Wrong(what.to_owned()));
        }
        let mut words = line.split_ascii_whitespace();
        let kind = words.next()?;
        let mut numbers = numbers(words)?.into_iter();
        Some(match kind {
            "opened" => Word::Opened { seq: numbers.next()?, next: numbers.collect() },
            "step" => Word::Acknowledged {
                task: u16::try_from(numbers.next()?).ok()?,
                number: numbers.next()?,
                seq: numbers.next()?,
            },
            "flushed" => Word::Flushed { seq: numbers.next()? },
            "snapshot" => Word::Snapshot,
            "stumbled" => Word::Stumbled,
            "refused" => Word::Refused,
            _ => return None,
        })
    }
}

fn numbers(words: SplitAsciiWhitespace<'_>) -> Option<Vec<u64>> {
    words.map(|word| word.parse().ok()).collect()
}

/// All that a child has said, and the rest of a word that the kill has cut.
pub fn hear(told: &str) -> Result<Vec<Word>, String> {
    let whole = told.split_inclusive('\n').filter(|line| line.ends_with('\n'));
    whole
        .map(|line| Word::from_line(line).ok_or(format!("the child made no sense: {line}")))
        .collect()
}

/// The child's voice.
#[derive(Clone, Debug)]
pub struct Voice(mpsc::Sender<Word>);

impl Voice {
    /// Speaks on stdout, from a thread of its own, so that nobody waits for the parent.
    pub fn start() -> Self {
        let (sender, words) = mpsc::channel();
        thread::spawn(move || speak(&words));
        Voice(sender)
    }

    /// Says a word. Who says it need not wait, and where the parent has gone, there is nobody to tell.
    pub fn say(&self, word: Word) {
        let _ = self.0.send(word);
    }
}

/// Writes what there is, and when it is written, what there is by then.
fn speak(words: &mpsc::Receiver<Word>) -> io::Result<()> {
    let mut stdout = BufWriter::new(io::stdout().lock());
    while let Ok(first) = words.recv() {
        for word in [first].into_iter().chain(words.try_iter()) {
            stdout.write_all(word.to_line().as_bytes())?;
        }
        stdout.flush()?;
    }
    Ok(())
}

/// Says one word, and sees that it is said.
pub fn say_at_once(word: &Word) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(word.to_line().as_bytes())?;
    stdout.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_is_heard() {
        let words = [
            Word::Opened { seq: 7, next: vec![1, 2, 3] },
            Word::Acknowledged { task: 65_535, number: 3, seq: 9 },
            Word::Flushed { seq: 8 },
            Word::Snapshot,
            Word::Stumbled,
            Word::Refused,
            Word::Wrong("a b".to_owned()),
        ];
        let told: String = words.iter().map(Word::to_line).collect();
        assert_eq!(hear(&told), Ok(words.to_vec()));
        assert_eq!(hear(&told[..told.len() - 1]).map(|heard| heard.len()), Ok(words.len() - 1));
        assert!(hear("nonsense\n").is_err());
    }
}
