//! Compares what a script expects with what is there.

use quorate::NodeId;

use super::Stop;
use super::facts::{self, Facts, KEYS};
use super::wire::{Selector, link};
use super::words::{Words, senseless};
use super::world::{Host, World};

/// What is otherwise than expected; `None` if nothing is.
pub(super) fn check(world: &World, expected: &str) -> Result<Option<String>, Stop> {
    let mut words = Words::of(expected);
    if words.takes("wire") {
        return check_wire(world, &mut words);
    }
    let nodes = if words.takes("all") {
        world.ids()
    } else {
        words.nodes()
    };
    if nodes.is_empty() {
        return Err(senseless("nodes, `all` or `wire`", expected));
    }
    let mut differences = Vec::new();
    for id in nodes {
        let host = world.host(id)?;
        let difference = check_node(host, words.clone())?;
        differences.extend(difference.map(|actual| format!("{id} {actual}")));
    }
    Ok((!differences.is_empty()).then(|| differences.join("\n             ")))
}

fn check_node(host: &Host, mut words: Words<'_>) -> Result<Option<String>, Stop> {
    if words.takes("disk") {
        return compare(&facts::of_disk(&host.disk), &words.rest());
    }
    let is_about_membership = words.takes("membership");
    if !is_about_membership && !words.takes("peers") {
        return compare(&facts::of_host(host), &words.rest());
    }
    let Some(raft) = &host.raft else {
        return Ok(Some("down".to_owned()));
    };
    if is_about_membership {
        return compare(&facts::of_membership(raft.membership()), &words.rest());
    }
    let mut differences = Vec::new();
    for clause in words.rest().join(" ").split(',') {
        let mut words = Words::of(clause);
        let peer = words.node()?;
        let difference = match raft.progress(peer) {
            Some(progress) => compare(&facts::of_progress(progress), &words.rest())?,
            None => (words.peek() != Some("nothing")).then(|| "nothing".to_owned()),
        };
        differences.extend(difference.map(|actual| format!("{peer} {actual}")));
    }
    Ok((!differences.is_empty()).then(|| format!("peers {}", differences.join(", "))))
}

/// `n1->n2 append commit 3, heartbeat` is all there is on that link, in this order; `empty` is the
/// whole wire.
fn check_wire(world: &World, words: &mut Words<'_>) -> Result<Option<String>, Stop> {
    let messages = if words.takes("empty") {
        words.end()?;
        world.wire.messages.iter().cloned().collect()
    } else {
        let ends = words.word("a link")?;
        link(ends)?;
        world.wire.of(&Selector::parse(&mut Words::of(ends))?)
    };
    let actual: Vec<Facts> = messages.iter().map(facts::of_message).collect();
    let expected = words.rest().join(" ");
    let expected: Vec<&str> = match expected.as_str() {
        "" | "nothing" => Vec::new(),
        some => some.split(',').collect(),
    };
    let mut is_equal = expected.len() == actual.len();
    for (facts, expected) in actual.iter().zip(&expected) {
        let words: Vec<&str> = expected.split_whitespace().collect();
        is_equal &= compare(facts, &words)?.is_none();
    }
    let shown = messages
        .iter()
        .zip(&actual)
        .map(|(message, facts)| format!("{}->{} {}", message.from, message.to, facts.join(" ")));
    Ok((!is_equal).then(|| shown.collect::<Vec<_>>().join(", ")))
}

/// The facts of the keys that are expected, if one of them is not as expected. `?` alone shows
/// everything.
fn compare(facts: &Facts, expected: &[&str]) -> Result<Option<String>, Stop> {
    if expected == ["?"] {
        return Ok(Some(facts.join(" ")));
    }
    let mut clauses: Vec<Vec<&str>> = Vec::new();
    for word in expected {
        let is_value = clauses
            .last()
            .is_some_and(|clause| !takes_key(clause, word));
        match clauses.last_mut() {
            Some(clause) if is_value => clause.push(word),
            _ if KEYS.contains(word) => clauses.push(vec![word]),
            _ => return Err(senseless("something that can be seen", word)),
        }
    }
    let is_there = |clause: &Vec<&str>| facts.contains(&clause.join(" "));
    if clauses.iter().all(is_there) {
        return Ok(None);
    }
    Ok(Some(facts.join(" ")))
}

/// Whether `word` begins a new fact after what there is of `clause`.
fn takes_key(clause: &[&str], word: &str) -> bool {
    KEYS.contains(&word) && !matches!(clause, ["command" | "change", ..])
}

impl World {
    /// The node of that name.
    pub(super) fn host(&self, id: NodeId) -> Result<&Host, Stop> {
        self.hosts
            .get(&id)
            .ok_or_else(|| senseless("a node of the group", &id.to_string()))
    }
}
