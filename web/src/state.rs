//! What every part of the page shares: the published picture, the selection, the run's controls.
//!
//! The run itself is a plain value outside the reactive graph, because a signal per simulated
//! fact would cost more than the simulation. Once per animation frame the driver publishes one
//! immutable snapshot, and everything on the page is derived from it.

use std::sync::Arc;

use leptos::prelude::*;
use quorate::{Micros, NodeId};
use quorate_sim::{Action, Focus, Lab, MarkKind, Snapshot};

use crate::driver::{Cadence, Driver, Mode, Stop, Turn};
use crate::notice::{Notice, Offer};
use crate::panel::Tab;
use crate::speed::Speed;
use crate::url;

/// While the run moves, text follows it this often at most: faster is unreadable, and laying out
/// text is the most expensive thing the page does.
const READING_INTERVAL_MS: f64 = 100.0;

/// The one thing that is selected, shared by the stage, the panels and the timeline.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Selection {
    /// Nothing.
    #[default]
    None,
    /// A node.
    Node(NodeId),
    /// The link between two nodes, the smaller first.
    Link(NodeId, NodeId),
    /// A log index.
    Entry(u64),
    /// An event of the history.
    Event(u64),
}

/// Handles to everything shared. Copy it into closures freely; it is provided as a context.
#[derive(Clone, Copy, Debug)]
pub struct LabState {
    /// The picture, published at most once per animation frame: what canvases draw.
    pub frame: RwSignal<Arc<Snapshot>>,
    /// The same picture, at most ten times a second while the run moves: what text shows.
    pub reading: RwSignal<Arc<Snapshot>>,
    /// What is selected.
    pub selection: RwSignal<Selection>,
    /// Whether the run moves by itself.
    pub running: RwSignal<bool>,
    /// How fast it moves.
    pub speed: RwSignal<Speed>,
    /// How far a seek has come, in thousandths, while one is under way.
    pub seeking: RwSignal<Option<u32>>,
    /// Bumped when the theme or the root font size changes: canvases take a new palette.
    pub theme_epoch: RwSignal<u32>,
    /// What the page has to say outside the simulation.
    pub notice: RwSignal<Option<Notice>>,
    /// The open panel.
    pub tab: RwSignal<Tab>,
    /// Bumped when another run was opened: its name, seed and load are read anew.
    pub run_epoch: RwSignal<u32>,
    driver: StoredValue<Driver, LocalStorage>,
    last_reading_ms: StoredValue<f64>,
}

impl LabState {
    /// The state of a page that shows `lab`.
    pub fn new(lab: Lab) -> Self {
        let mut driver = Driver::new(lab, Speed::INITIAL, Focus::default());
        let first = driver.snapshot();
        Self {
            frame: RwSignal::new(first.clone()),
            reading: RwSignal::new(first),
            selection: RwSignal::new(Selection::None),
            running: RwSignal::new(false),
            speed: RwSignal::new(Speed::INITIAL),
            seeking: RwSignal::new(None),
            theme_epoch: RwSignal::new(0),
            notice: RwSignal::new(None),
            tab: RwSignal::new(Tab::Raft),
            run_epoch: RwSignal::new(0),
            driver: StoredValue::new_local(driver),
            last_reading_ms: StoredValue::new(f64::NEG_INFINITY),
        }
    }

    /// Reads the run. Nothing read here is tracked: pair it with a signal that is.
    pub fn with_lab<T>(&self, f: impl FnOnce(&Lab) -> T) -> T {
        self.driver.with_value(|driver| f(driver.lab()))
    }

    /// Something derived from the picture at reading pace; it changes only when its value does.
    pub fn view<T>(&self, derive: impl Fn(&Snapshot) -> T + Send + Sync + 'static) -> Memo<T>
    where
        T: PartialEq + Send + Sync + 'static,
    {
        let reading = self.reading;
        Memo::new(move |_| derive(&reading.read()))
    }

    /// Shows another run from its beginning, moving if the last one moved.
    pub fn open(&self, lab: Lab) {
        self.driver.update_value(|driver| {
            let mode = driver.mode();
            *driver = Driver::new(lab, self.speed.get_untracked(), driver.focus().clone());
            driver.set_mode(mode);
        });
        self.selection.set(Selection::None);
        self.seeking.set(None);
        self.follow_mode();
        self.run_epoch.update(|epoch| *epoch += 1);
        self.write_url();
    }

    /// Acts on the cluster by hand, now. What is refused is shown as a notice.
    pub fn act(&self, action: Action) {
        if self.seeking.get_untracked().is_some() {
            let detail = "Wait until the run has arrived where it is going.";
            self.notice
                .set(Some(Notice::info("Still on the way.", detail)));
            return;
        }
        let words = format!("Not possible: {action}.");
        match self.update_driver(|driver| driver.act(action)) {
            Ok(()) => self.write_url(),
            Err(error) => self
                .notice
                .set(Some(Notice::error(words, error.to_string()))),
        }
    }

    /// Goes to a moment; it may take several frames.
    pub fn seek(&self, to: Micros) {
        self.update_driver(|driver| driver.seek(to));
    }

    /// Pauses and processes one event.
    pub fn step_forward(&self) {
        let stop = self.update_driver(Driver::step_forward);
        self.report(stop);
    }

    /// Pauses and goes one event back.
    pub fn step_back(&self) {
        self.update_driver(Driver::step_back);
    }

    /// Goes to the beginning.
    pub fn to_the_start(&self) {
        self.seek(Micros::ZERO);
    }

    /// Goes to the end of what has happened, or from there to the end of the scenario.
    pub fn to_the_end(&self) {
        self.update_driver(Driver::to_the_end);
    }

    /// Runs, if it does not already.
    pub fn run(&self) {
        if !self.running.get_untracked() {
            self.toggle_running();
        }
    }

    /// Runs or pauses.
    pub fn toggle_running(&self) {
        self.update_driver(|driver| {
            driver.set_mode(match driver.mode() {
                Mode::Paused => Mode::Running,
                Mode::Running | Mode::FlatOut => Mode::Paused,
            });
        });
    }

    /// Pauses and goes to the nearest mark on one side of now, commits left out.
    pub fn seek_mark(&self, direction: Direction) {
        let to = self.with_lab(|lab| {
            let now = lab.now();
            let mut marks = lab
                .history()
                .marks()
                .iter()
                .filter(|mark| mark.kind != MarkKind::Commit);
            match direction {
                Direction::Back => marks.rfind(|mark| mark.at < now).map(|mark| mark.at),
                Direction::Forward => marks.find(|mark| mark.at > now).map(|mark| mark.at),
            }
        });
        if let Some(to) = to {
            self.visit(to);
        }
    }

    /// Pauses and goes to a moment, to look at it.
    pub fn visit(&self, at: Micros) {
        self.update_driver(|driver| {
            driver.set_mode(Mode::Paused);
            driver.seek(at);
        });
    }

    /// Changes the speed.
    pub fn set_speed(&self, speed: Speed) {
        self.speed.set(speed);
        self.update_driver(|driver| driver.set_speed(speed));
    }

    /// Changes which part of the log is shown.
    pub fn set_focus(&self, focus: Focus) {
        self.update_driver(|driver| driver.set_focus(focus));
    }

    /// One turn of the driver, and its publication. True if a new picture was published.
    pub fn turn(&self, cadence: Cadence, wall_ms: f64, clock: &dyn Fn() -> f64) -> bool {
        let Turn {
            changed,
            seeking,
            stop,
        } = self.update_driver(|driver| driver.turn(cadence, wall_ms, clock));
        if self.seeking.get_untracked() != seeking {
            self.seeking.set(seeking);
        }
        if changed {
            self.publish();
        }
        self.publish_reading(wall_ms, seeking.is_some());
        self.report(stop);
        changed
    }

    fn publish(&self) -> Arc<Snapshot> {
        let picture = self.update_driver(Driver::snapshot);
        self.frame.set(picture.clone());
        picture
    }

    fn publish_reading(&self, wall_ms: f64, seeking: bool) {
        let picture = self.frame.get_untracked();
        if Arc::ptr_eq(&picture, &self.reading.read_untracked()) {
            return;
        }
        let moving = seeking || self.running.get_untracked();
        if !moving || wall_ms - self.last_reading_ms.get_value() >= READING_INTERVAL_MS {
            self.last_reading_ms.set_value(wall_ms);
            self.reading.set(picture);
        }
    }

    /// Says why the run stopped by itself.
    fn report(&self, stop: Option<Stop>) {
        let notice = match stop {
            None => return,
            Some(Stop::Finished) => {
                let detail = "Go back in time and change something, or choose another scenario.";
                Notice::info("The run is over.", detail)
            }
            Some(Stop::Violated) => {
                let picture = self.publish();
                let rows = picture.invariants.iter();
                let mut broken = rows.filter_map(|row| Some((row.name, row.witness.as_ref()?)));
                let Some((name, witness)) = broken.next() else {
                    return;
                };
                Notice::error(format!("Violated: {name}."), witness).offering(Offer::ShowInvariants)
            }
        };
        self.notice.set(Some(notice));
    }

    /// Puts the run, actions by hand included, into the address bar.
    pub fn write_url(&self) {
        url::write_fragment(&self.with_lab(|lab| lab.scenario().to_fragment()));
    }

    fn follow_mode(&self) {
        let running = self
            .driver
            .with_value(|driver| driver.mode() != Mode::Paused);
        if self.running.get_untracked() != running {
            self.running.set(running);
        }
    }

    /// Changes the driver and brings the signals that mirror it up to date.
    fn update_driver<T>(&self, change: impl FnOnce(&mut Driver) -> T) -> T {
        let result = self
            .driver
            .try_update_value(change)
            .expect("lives as long as the page");
        self.follow_mode();
        result
    }
}

/// One side of now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Earlier.
    Back,
    /// Later.
    Forward,
}
