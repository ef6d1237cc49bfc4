//! The model: notes on a board.

use prevalent::prevalent;

/// A board with notes.
#[prevalent]
#[derive(Debug, Default)]
pub struct Board {
    notes: Vec<String>,
}

#[prevalent(tx_derive(Debug))]
impl Board {
    /// Puts up a note.
    #[tx]
    pub fn put_up(&mut self, note: String) {
        self.notes.push(note);
    }

    /// Takes all notes down: not what anybody should do by mistake.
    #[tx]
    pub fn clear(&mut self) {
        self.notes.clear();
    }

    /// How many notes there are.
    #[query]
    pub fn count(&self) -> usize {
        self.notes.len()
    }
}
