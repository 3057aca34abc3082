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
        Self {
            lab,
            mode: Mode::Paused,
            speed,
            focus,
            last_turn_ms: None,
            unseen: true,
        }
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
        Turn {
            changed: self.unseen,
            seeking: self.lab.seeking(),
            stop,
        }
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

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use quorate_sim::{Scenario, presets};

    use super::*;

    fn driver(until: Micros) -> Driver {
        let preset = presets::find("three-carts").expect("a preset of this name");
        let scenario = Scenario {
            until,
            actions: Vec::new(),
            ..preset.scenario
        };
        let lab = Lab::new(scenario, None).expect("presets are valid");
        Driver::new(lab, Speed::REAL_TIME, Focus::default())
    }

    /// A clock that never moves: turns have all the time they want.
    fn stopped() -> f64 {
        0.0
    }

    fn turns(driver: &mut Driver, wall_ms: impl IntoIterator<Item = f64>) -> Turn {
        let turn = |wall_ms| driver.turn(Cadence::Frame, wall_ms, &stopped);
        wall_ms.into_iter().map(turn).last().unwrap_or_default()
    }

    #[test]
    fn time_passes_only_while_it_runs_and_at_its_speed() {
        let mut driver = driver(Micros::from_secs(60));
        turns(&mut driver, [0.0, 50.0]);
        assert_eq!(driver.lab().now(), Micros::ZERO);
        driver.set_mode(Mode::Running);
        turns(&mut driver, [100.0, 150.0]);
        assert_eq!(driver.lab().now(), Micros::from_millis(100));
        driver.set_speed(Speed::REAL_TIME.slower());
        turns(&mut driver, [200.0]);
        assert_eq!(driver.lab().now(), Micros::from_millis(125));
    }

    #[test]
    fn a_long_sleep_counts_as_one_step_and_a_backward_clock_as_none() {
        let mut driver = driver(Micros::from_secs(60));
        driver.set_mode(Mode::Running);
        turns(&mut driver, [0.0, 3_600_000.0]);
        assert_eq!(driver.lab().now(), Micros::from_millis(100));
        turns(&mut driver, [1_000.0]);
        assert_eq!(driver.lab().now(), Micros::from_millis(100));
    }

    #[test]
    fn a_turn_ends_when_its_budget_is_spent_and_leaves_no_debt() {
        let mut driver = driver(Micros::from_secs(600));
        driver.set_mode(Mode::FlatOut);
        // Every look at the clock costs a millisecond.
        let clock = Cell::new(0.0);
        let tick = || clock.replace(clock.get() + 1.0);
        driver.turn(Cadence::Frame, 0.0, &tick);
        assert!(clock.get() <= 10.0, "{}", clock.get());
        assert!((1..=10 * EVENTS_PER_CHUNK).contains(&driver.lab().events()));
        assert_eq!(driver.mode(), Mode::FlatOut);
    }

    #[test]
    fn the_end_of_the_scenario_stops_the_run() {
        let mut driver = driver(Micros::from_millis(120));
        driver.set_mode(Mode::Running);
        let turn = turns(&mut driver, [0.0, 100.0, 200.0]);
        assert_eq!(turn.stop, Some(Stop::Finished));
        assert_eq!(
            (driver.mode(), driver.lab().now()),
            (Mode::Paused, Micros::from_millis(120))
        );
    }

    #[test]
    fn the_end_key_goes_first_to_what_was_seen_and_then_on() {
        let mut driver = driver(Micros::from_secs(2));
        driver.set_mode(Mode::Running);
        turns(&mut driver, (0..=10).map(|turn| f64::from(turn) * 100.0));
        let (seen, digest) = (driver.lab().now(), driver.lab().digest());
        driver.set_mode(Mode::Paused);
        driver.seek(Micros::from_millis(300));
        turns(&mut driver, [1_100.0]);
        assert_eq!(driver.lab().now(), Micros::from_millis(300));
        driver.to_the_end();
        turns(&mut driver, [1_200.0]);
        assert_eq!((driver.lab().now(), driver.lab().digest()), (seen, digest));
        driver.to_the_end();
        assert_eq!(turns(&mut driver, [1_300.0]).stop, Some(Stop::Finished));
        assert_eq!(driver.lab().now(), Micros::from_secs(2));
    }

    #[test]
    fn one_event_back_and_one_forward_is_the_same_run() {
        let mut driver = driver(Micros::from_secs(60));
        driver.set_mode(Mode::Running);
        turns(&mut driver, (0..=20).map(|turn| f64::from(turn) * 100.0));
        let (events, digest) = (driver.lab().events(), driver.lab().digest());
        driver.step_back();
        turns(&mut driver, [2_100.0]);
        assert_eq!(driver.lab().events(), events - 1);
        driver.step_forward();
        assert_eq!(
            (driver.lab().events(), driver.lab().digest()),
            (events, digest)
        );
        assert_eq!(driver.mode(), Mode::Paused);
    }

    #[test]
    fn a_turn_in_which_nothing_happens_changes_nothing() {
        let mut driver = driver(Micros::from_secs(60));
        assert!(turns(&mut driver, [0.0]).changed);
        driver.snapshot();
        assert!(!turns(&mut driver, [100.0]).changed);
        driver.set_focus(Focus {
            selected_index: Some(3),
            ..Focus::default()
        });
        assert!(turns(&mut driver, [200.0]).changed);
    }

    #[test]
    fn a_refused_action_changes_nothing() {
        let mut driver = driver(Micros::from_secs(60));
        driver.snapshot();
        let before = driver.lab().scenario().clone();
        assert!(
            driver
                .act(Action::Crash {
                    node: quorate::NodeId(99)
                })
                .is_err()
        );
        assert_eq!(driver.lab().scenario(), &before);
        assert!(!turns(&mut driver, [0.0]).changed);
    }
}
