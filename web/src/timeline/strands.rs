//! The messages of the space-time diagram, gathered by how they look.
//!
//! A window holds hundreds of messages. Stroking each by itself would set the same few colours
//! and dashes hundreds of times, so they are gathered first and drawn as one path per look.

use quorate::{Micros, NodeId};
use quorate_sim::{FlightKind, History, MessageTrace};

use super::scale::Scale;
use super::thin::Sieve;
use crate::canvas::{Dash, Palette, Pen, Point, Stroke, progress, real, term_slot};

/// How a message looks in the diagram, apart from its term.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Look {
    Plain,
    Reply,
    Vote,
    PreVote,
    Delta,
    Aside,
}

impl Look {
    const ALL: [Self; 6] = [
        Self::Plain,
        Self::Reply,
        Self::Vote,
        Self::PreVote,
        Self::Delta,
        Self::Aside,
    ];

    const fn of(kind: FlightKind) -> Self {
        match kind {
            FlightKind::Append { .. } | FlightKind::Heartbeat | FlightKind::Proposal => Self::Plain,
            FlightKind::Reply => Self::Reply,
            FlightKind::Vote => Self::Vote,
            FlightKind::PreVote => Self::PreVote,
            FlightKind::SetDelta => Self::Delta,
            FlightKind::SetAck | FlightKind::Control => Self::Aside,
        }
    }

    /// Elections are what the reader looks for: unless they never end, their messages are all
    /// drawn.
    const fn is_electoral(self) -> bool {
        matches!(self, Self::Vote | Self::PreVote)
    }

    fn stroke(self, palette: &Palette, term: u64) -> Stroke {
        let line = palette.term(term).line;
        match self {
            Self::Plain => Stroke::solid(line.fade(0.8), 1.0),
            Self::Reply => Stroke::solid(line.fade(0.42), 1.0),
            Self::Vote => Stroke::solid(line, 1.5),
            Self::PreVote => Stroke::solid(line, 1.0).dashed(Dash::Short),
            Self::Delta => Stroke::solid(palette.second.fade(0.9), 1.0).dashed(Dash::Short),
            Self::Aside => Stroke::solid(palette.caption.fade(0.4), 1.0).dashed(Dash::Short),
        }
    }
}

/// Terms share seven colours; zero is the eighth.
const SLOTS: usize = 8;
/// As many messages are looked at for one drawing.
const MOST_LOOKED_AT: usize = 6_000;
/// With more messages of elections than this, they are thinned like all others.
const MOST_ELECTORAL: usize = 300;

/// The lines of one drawing. Kept from drawing to drawing, so that its buffers are.
#[derive(Clone, Debug, Default)]
pub(super) struct Strands {
    lines: Vec<Vec<(Point, Point)>>,
    crosses: Vec<Point>,
    sieve: Sieve,
    keeps_elections: bool,
}

/// What the strands are drawn against.
#[derive(Clone, Copy, Debug)]
pub(super) struct Loom<'a> {
    /// Time to the right.
    pub(super) scale: &'a Scale,
    /// The nodes, from top to bottom.
    pub(super) lanes: &'a [NodeId],
    /// The height of the first lane.
    pub(super) top: f64,
    /// The distance from lane to lane.
    pub(super) pitch: f64,
    /// The present: what has not happened yet is not drawn.
    pub(super) now: Micros,
}

impl Loom<'_> {
    /// The height of the lane with this index.
    pub(super) fn y(&self, lane: usize) -> f64 {
        self.top + self.pitch * (real(lane as u64) + 0.5)
    }

    /// The lane of a node.
    pub(super) fn lane(&self, node: NodeId) -> Option<usize> {
        self.lanes.iter().position(|other| *other == node)
    }

    /// A number for sender, receiver and look together.
    fn route(&self, message: &MessageTrace) -> Option<usize> {
        let (from, to) = (self.lane(message.from)?, self.lane(message.to)?);
        let look = Look::of(message.kind) as usize;
        Some((from * self.lanes.len() + to) * Look::ALL.len() + look)
    }
}

impl Strands {
    /// Gathers the messages of `history` that cross the window of `loom`.
    pub(super) fn gather(&mut self, history: &History, loom: &Loom<'_>) {
        self.lines.resize(SLOTS * Look::ALL.len(), Vec::new());
        self.lines.iter_mut().for_each(Vec::clear);
        self.crosses.clear();
        let in_window = || history.messages_between(loom.scale.from, loom.scale.to.min(loom.now));
        // Where there are so many that few can be seen, looking at each would cost more than
        // drawing does.
        let stride = in_window().count().div_ceil(MOST_LOOKED_AT).max(1);
        let messages = || in_window().step_by(stride);
        let campaigning = messages().filter(|message| Look::of(message.kind).is_electoral());
        self.keeps_elections = campaigning.count() <= MOST_ELECTORAL;
        self.sieve
            .clear(loom.lanes.len() * loom.lanes.len() * Look::ALL.len());
        for route in messages().filter_map(|message| loom.route(message)) {
            self.sieve.announce(route);
        }
        self.sieve.open(loom.scale.width());
        for message in messages() {
            self.add(message, loom);
        }
    }

    fn add(&mut self, message: &MessageTrace, loom: &Loom<'_>) {
        let (Some(route), Some(from), Some(to)) = (
            loom.route(message),
            loom.lane(message.from),
            loom.lane(message.to),
        ) else {
            return;
        };
        let tail = Point::new(loom.scale.x(message.sent), loom.y(from));
        let kind = Look::of(message.kind);
        let is_kept = self.keeps_elections && kind.is_electoral();
        if !is_kept && !self.sieve.lets_through(route, tail.x) {
            return;
        }
        let end = Point::new(loom.scale.x(message.arrives), loom.y(to));
        let so_far = progress(message.sent, message.arrives, loom.now);
        let shown = if message.lost {
            so_far.min(0.5)
        } else {
            so_far
        };
        if shown <= 0.0 {
            return;
        }
        let tip = tail.towards(end, shown);
        self.lines[term_slot(message.term) * Look::ALL.len() + kind as usize].push((tail, tip));
        if message.lost && so_far >= 0.5 {
            self.crosses.push(tip);
        }
    }

    /// Draws what was gathered, quiet messages first.
    pub(super) fn draw(&self, pen: &mut Pen<'_>) {
        let palette = pen.palette();
        for look in [
            Look::Aside,
            Look::Reply,
            Look::Plain,
            Look::Delta,
            Look::PreVote,
            Look::Vote,
        ] {
            for slot in 0..SLOTS {
                let lines = &self.lines[slot * Look::ALL.len() + look as usize];
                if lines.is_empty() {
                    continue;
                }
                pen.lines(look.stroke(palette, slot as u64), |path| {
                    for (from, to) in lines {
                        path.add(*from, *to);
                    }
                });
            }
        }
        pen.lines(Stroke::solid(palette.bad, 1.25), |path| {
            for at in &self.crosses {
                path.add_cross(*at, 2.5);
            }
        });
    }
}
