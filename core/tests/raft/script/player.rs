//! Plays a script line by line.

use std::fmt;
use std::ops::ControlFlow;

use super::Stop;
use super::expectations::check;
use super::settings::BrokenRule;
use super::words::Words;
use super::world::World;

/// Everything in a script that was not as it should be.
#[derive(Debug)]
pub(crate) struct Failure {
    script: String,
    findings: Vec<String>,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for finding in &self.findings {
            writeln!(f, "{}:{finding}", self.script)?;
        }
        Ok(())
    }
}

/// Plays a script. Expectations that fail are collected, so that all are seen at once; anything
/// else ends the script.
pub(crate) fn play(name: &str, text: &str, broken: BrokenRule) -> Result<(), Failure> {
    let mut player = Player {
        world: World::new(broken),
        findings: Vec::new(),
        stopped: None,
    };
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.split('#').next().unwrap_or_default().trim();
        if !line.is_empty() && player.read(number, line).is_break() {
            break;
        }
    }
    let _ = player.blame();
    if player.findings.is_empty() {
        return Ok(());
    }
    Err(Failure {
        script: name.to_owned(),
        findings: player.findings,
    })
}

/// A script that is being played.
struct Player {
    world: World,
    /// Each begins with the number of its line.
    findings: Vec<String>,
    /// What became of the last command, if it came to nothing, and its line.
    stopped: Option<(usize, Stop)>,
}

impl Player {
    /// Does what the line says, or looks whether it is so.
    fn read(&mut self, number: usize, line: &str) -> ControlFlow<()> {
        if line.starts_with("> refused:") || line.starts_with("> violates:") {
            return self.compare(number, line);
        }
        self.blame()?;
        let outcome = match line.strip_prefix('>') {
            Some(expected) => check(&self.world, expected).map(|found| {
                let found = found.map(|found| difference(number, line, &found));
                self.findings.extend(found);
            }),
            None => self.world.command(&mut Words::of(line)),
        };
        self.stopped = outcome.err().map(|stop| (number, stop));
        ControlFlow::Continue(())
    }

    /// The last command should have come to nothing. After a violation there is nothing to see.
    fn compare(&mut self, number: usize, line: &str) -> ControlFlow<()> {
        let stop = self.stopped.take().map(|(_, stop)| stop);
        let actual = stop
            .as_ref()
            .map_or("> nothing of the sort".to_owned(), tell);
        if !is_part(line, &actual) {
            self.findings.push(difference(number, line, &actual));
        }
        match stop {
            Some(Stop::Refused(_)) | None => ControlFlow::Continue(()),
            Some(_) => ControlFlow::Break(()),
        }
    }

    /// The last command came to nothing, and the script did not say so.
    fn blame(&mut self) -> ControlFlow<()> {
        let Some((number, stop)) = self.stopped.take() else {
            return ControlFlow::Continue(());
        };
        self.findings.push(format!("{number}: {}", tell(&stop)));
        match stop {
            Stop::Refused(_) => ControlFlow::Continue(()),
            Stop::Violated(_) | Stop::Senseless(_) => ControlFlow::Break(()),
        }
    }
}

/// The line that a script would have to have.
fn tell(stop: &Stop) -> String {
    match stop {
        Stop::Refused(text) => format!("> refused: {text}"),
        Stop::Violated(text) => format!("> violates: {text}"),
        Stop::Senseless(text) => format!("senseless: {text}"),
    }
}

/// Whether the actual line is of the expected kind and contains what is expected.
fn is_part(expected: &str, actual: &str) -> bool {
    match (expected.split_once(':'), actual.split_once(':')) {
        (Some((kind, expected)), Some((actual_kind, actual))) => {
            kind == actual_kind && actual.contains(expected.trim())
        }
        _ => false,
    }
}

fn difference(number: usize, expected: &str, actual: &str) -> String {
    format!("{number}:\n    expected {expected}\n    actual   {actual}")
}
