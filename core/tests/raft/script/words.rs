//! A line of a script, word by word.

use quorate::NodeId;

use super::Stop;

/// What is left of a line.
#[derive(Clone, Debug)]
pub(super) struct Words<'a>(Vec<&'a str>);

impl<'a> Words<'a> {
    pub(super) fn of(line: &'a str) -> Self {
        Self(line.split_whitespace().rev().collect())
    }

    /// The next word, which stays.
    pub(super) fn peek(&self) -> Option<&'a str> {
        self.0.last().copied()
    }

    pub(super) fn next(&mut self) -> Option<&'a str> {
        self.0.pop()
    }

    /// The next word, if it is this one.
    pub(super) fn takes(&mut self, word: &str) -> bool {
        let is_there = self.peek() == Some(word);
        if is_there {
            self.0.pop();
        }
        is_there
    }

    pub(super) fn word(&mut self, what: &str) -> Result<&'a str, Stop> {
        self.next().ok_or_else(|| senseless(what, "nothing"))
    }

    pub(super) fn number(&mut self, what: &str) -> Result<u64, Stop> {
        let word = self.word(what)?;
        word.parse().map_err(|_| senseless(what, word))
    }

    pub(super) fn node(&mut self) -> Result<NodeId, Stop> {
        let word = self.word("a node")?;
        node(word).ok_or_else(|| senseless("a node", word))
    }

    /// All nodes that come next.
    pub(super) fn nodes(&mut self) -> Vec<NodeId> {
        let mut nodes = Vec::new();
        while let Some(node) = self.peek().and_then(node) {
            nodes.push(node);
            self.0.pop();
        }
        nodes
    }

    /// A log position, `index@term`.
    pub(super) fn position(&mut self) -> Result<(u64, u64), Stop> {
        let word = self.word("a position")?;
        let parts = word.split_once('@');
        let parsed =
            parts.and_then(|(index, term)| Some((index.parse().ok()?, term.parse().ok()?)));
        parsed.ok_or_else(|| senseless("a position such as 3@2", word))
    }

    /// All the words that are left.
    pub(super) fn rest(&mut self) -> Vec<&'a str> {
        let mut rest = std::mem::take(&mut self.0);
        rest.reverse();
        rest
    }

    pub(super) fn end(&self) -> Result<(), Stop> {
        match self.peek() {
            None => Ok(()),
            Some(word) => Err(senseless("the end of the line", word)),
        }
    }
}

/// The node of that name: `n3`.
pub(super) fn node(word: &str) -> Option<NodeId> {
    word.strip_prefix('n')?.parse().ok().map(NodeId)
}

/// The script says something that cannot be understood.
pub(super) fn senseless(expected: &str, found: &str) -> Stop {
    Stop::Senseless(format!("expected {expected}, found {found}"))
}
