//! Who moves the run forward, and by how much.
//!
//! The naive way is to simulate `wall time × speed` in every animation frame. It fails twice: a
//! busy run takes longer to simulate than it is allowed to last, so the page freezes; and after a
//! second in a background tab one frame would have to swallow minutes. The driver therefore works
//! in small chunks of events until its budget of wall time is spent, never counts more than a
//! bounded step of wall time at once, and carries no debt over: a run that cannot keep its speed
//! is simply slower, never late.
//!
//! It knows no browser: the wall clock comes in as a function, so all of this is tested natively.

use std::sync::Arc;

use quorate::Micros;
use quorate_sim::{Action, ActionError, Focus, Lab, Progress, Snapshot};

use crate::speed::Speed;

/// Events between two looks at the clock: a fraction of a millisecond of work.
const EVENTS_PER_CHUNK: u64 = 64;

/// One run, and what it is doing.
#[derive(Debug)]
pub struct Driver {
    lab: Lab,
    mode: Mode,
    speed: Speed,
    focus: Focus,
    /// When the last turn began; `None` before the first.
    last_turn_ms: Option<f64>,
    /// Something happened that no published snapshot shows yet.
    unseen: bool,
}

/// What the run does between two turns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Nothing.
    Paused,
    /// It follows the wall clock at the chosen speed.
    Running,
    /// It goes to its end as fast as the budget allows.
    FlatOut,
}

/// How often turns come, which decides how long one may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cadence {
    /// Once per animation frame: the rest of the frame is needed for drawing.
    Frame,
    /// A few times a second, while the tab is hidden and nothing is drawn.
    Background,
}

impl Cadence {
    /// Wall time one turn may work, in milliseconds.
    const fn budget_ms(self) -> f64 {
        match self {
            Self::Frame => 6.0,
            Self::Background => 60.0,
        }
    }

    /// The longest step of wall time that is believed, in milliseconds.
    const fn longest_step_ms(self) -> f64 {
        match self {
            Self::Frame => 100.0,
            Self::Background => 1_000.0,
        }
    }
}

/// What came of a turn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Turn {
    /// The picture is not the one that was published last.
    pub changed: bool,
    /// How far a seek has come, in thousandths, while one is under way.
    pub seeking: Option<u32>,
    /// Why the run stopped by itself, if it did.
    pub stop: Option<Stop>,
}

/// Why a run stopped by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// An invariant broke.
    Violated,
    /// It reached the end of the scenario.
    Finished,
}

impl Driver {
    /// Takes charge of a fresh run, paused.
    pub fn new(lab: Lab, speed: Speed, focus: Focus) -> Self {
        Self { lab, mode: Mode::Paused, speed, focus, last_turn_ms: None, unseen: true }
    }

    /// The run.
    pub const fn lab(&self) -> &Lab {
        &self.lab
    }

    /// What the run does.
    pub const fn mode(&self) -> Mode {
        self.mode
    }

    /// Changes what the run does.
    pub fn set_mode(&mut self, mode: Mode) {
        self.mode = mode;
        self.unseen = true;
    }

    /// Changes the speed from the next turn on.
    pub const fn set_speed(&mut self, speed: Speed) {
        self.speed = speed;
    }

    /// Changes which part of the log snapshots show.
    pub fn set_focus(&mut self, focus: Focus) {
        self.unseen |= self.focus != focus;
        self.focus = focus;
    }

    /// Which part of the log snapshots show.
    pub const fn focus(&self) -> &Focus {
        &self.focus
    }

    /// The picture now.
    pub fn snapshot(&mut self) -> Arc<Snapshot> {
        self.unseen = false;
        Arc::new(self.lab.snapshot(&self.focus))
    }

    /// Acts on the cluster now. A refused action changes nothing.
    pub fn act(&mut self, action: Action) -> Result<(), ActionError> {
        self.lab.act(action)?;
        self.unseen = true;
        Ok(())
    }

    /// Starts a seek; the following turns carry it out.
    pub fn seek(&mut self, to: Micros) {
        self.lab.seek(to);
        self.unseen = true;
    }

    /// Pauses and processes one event.
    pub fn step_forward(&mut self) -> Option<Stop> {
        self.set_mode(Mode::Paused);
        stop_of(self.lab.step_forward())
    }

    /// Pauses and starts a seek to one event back.
    pub fn step_back(&mut self) {
        self.set_mode(Mode::Paused);
        self.lab.step_back();
    }

    /// Goes to the end: first of what has happened already, then of the scenario.
    pub fn to_the_end(&mut self) {
        let seen = self.lab.history().end();
        if self.lab.now() < seen {
            self.seek(seen);
        } else {
            self.set_mode(Mode::FlatOut);
        }
    }

    /// One turn at wall time `wall_ms`, which rises from turn to turn. `clock` reads the same
    /// wall clock while the turn works.
    pub fn turn(&mut self, cadence: Cadence, wall_ms: f64, clock: &dyn Fn() -> f64) -> Turn {
        let elapsed_ms = self.last_turn_ms.map_or(0.0, |last| wall_ms - last);
        self.last_turn_ms = Some(wall_ms);
        let deadline_ms = clock() + cadence.budget_ms();
        let in_time = || clock() < deadline_ms;

        let stop = if self.lab.seeking().is_some() {
            self.continue_seek(&in_time)
        } else {
            let step = wall_micros(elapsed_ms.min(cadence.longest_step_ms()));
            match self.mode {
                Mode::Paused => None,
                Mode::Running => {
                    let until = self.lab.now() + self.speed.simulated(step);
                    self.advance(until.min(self.lab.end()), &in_time)
                }
                Mode::FlatOut => self.advance(self.lab.end(), &in_time),
            }
        };
        if stop.is_some() {
            self.mode = Mode::Paused;
            self.unseen = true;
        }
        Turn { changed: self.unseen, seeking: self.lab.seeking(), stop }
    }

    fn advance(&mut self, until: Micros, in_time: &dyn Fn() -> bool) -> Option<Stop> {
        let before = (self.lab.now(), self.lab.events());
        let mut progress = self.lab.advance(until, EVENTS_PER_CHUNK);
        while progress == Progress::Paused && in_time() {
            progress = self.lab.advance(until, EVENTS_PER_CHUNK);
        }
        self.unseen |= before != (self.lab.now(), self.lab.events());
        stop_of(progress)
    }

    fn continue_seek(&mut self, in_time: &dyn Fn() -> bool) -> Option<Stop> {
        self.unseen = true;
        let mut progress = self.lab.continue_seek(EVENTS_PER_CHUNK);
        while progress == Progress::Paused && in_time() {
            progress = self.lab.continue_seek(EVENTS_PER_CHUNK);
        }
        // A seek that ends where the run ends has arrived; only a running run finishes.
        stop_of(progress).filter(|stop| *stop == Stop::Violated)
    }
}

const fn stop_of(progress: Progress) -> Option<Stop> {
    match progress {
        Progress::Reached | Progress::Paused => None,
        Progress::Violated => Some(Stop::Violated),
        Progress::Finished => Some(Stop::Finished),
    }
}

/// Milliseconds of the browser's clock as whole microseconds.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the cast saturates: a clock that went backwards counts as no time"
)]
fn wall_micros(ms: f64) -> Micros {
    Micros((ms * 1_000.0) as u64)
}
