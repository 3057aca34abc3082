//! The vocabulary of pictures: what every role, message and mark looks like.
//!
//! A role is a shape before it is a colour: hexagons lead, circles follow, diamonds campaign,
//! squares work. A reader who cannot tell two hues apart still reads the stage, and a term that
//! comes round to the same hue is not mistaken for the old one, because its number is printed.

use leptos::prelude::*;

use super::outline::{self, Segment};

/// Something that has a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GlyphKind {
    /// A node that leads its term.
    Leader,
    /// A node that follows.
    Follower,
    /// A node that asks for votes.
    Candidate,
    /// A node that asks whether it would get votes.
    PreCandidate,
    /// A node without a vote that serves load.
    Worker,
    /// A worker that boots.
    Starting,
    /// A worker that hands over what it has.
    Draining,
    /// A node that is down.
    Crashed,
    /// Entries for a follower.
    Append,
    /// A leader's sign of life.
    Heartbeat,
    /// An answer.
    Reply,
    /// A vote, asked for or granted.
    Vote,
    /// A pre-vote, asked for or granted.
    PreVote,
    /// A client's proposal on its way to the leader.
    Proposal,
    /// A delta of the replicated sets.
    SetDelta,
    /// An acknowledgement of set events.
    SetAck,
    /// Metrics, or an order to a worker.
    Control,
    /// A message that died.
    Lost,
    /// The election timer around a node.
    Timer,
    /// A link that lets nothing pass.
    CutLink,
    /// A link that loses messages.
    LossyLink,
    /// A mark: a leader was elected.
    Election,
    /// A mark: an election without a winner.
    SplitVote,
    /// A mark: an entry was committed.
    Commit,
    /// A mark: a replica merged.
    Merge,
    /// A mark: a replica pruned.
    Prune,
    /// A mark: nodes were ordered.
    ScaleOut,
    /// A mark: nodes were released.
    ScaleIn,
    /// A mark: an invariant broke.
    Violation,
    /// A mark: something was done to the cluster.
    Action,
}

/// A colour by what it means; the palette and the style sheet know its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ink {
    /// Nothing.
    None,
    /// The full colour of the term.
    Term,
    /// The term as a line, dark enough on paper.
    TermLine,
    /// The term as a wash.
    TermWash,
    /// What lies below.
    Paper,
    /// A quiet surface.
    Quiet,
    /// Text.
    Text,
    /// Second text.
    Second,
    /// Captions.
    Caption,
    /// Hairlines of some weight: tracks.
    Hairline,
    /// The accent.
    Accent,
    /// A warning.
    Warn,
    /// A fault.
    Bad,
}

/// How a line is broken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dash {
    /// Not at all.
    #[default]
    Solid,
    /// Pre-candidates and their lanes.
    Dashes,
    /// Nodes that are not there yet.
    Dots,
    /// Nodes that are down.
    Sparse,
    /// Small dashed shapes: pre-votes, entries in memory, set deltas in the diagram.
    Short,
    /// Links that are cut.
    Cut,
    /// Links that lose messages.
    Lossy,
    /// The line between the sides of a partition.
    Border,
}

impl Dash {
    /// Lengths of line and gap.
    pub const fn pattern(self) -> &'static [f64] {
        match self {
            Self::Solid => &[],
            Self::Dashes => &[4.0, 3.0],
            Self::Dots => &[2.0, 2.5],
            Self::Sparse => &[1.0, 4.0],
            Self::Short => &[2.5, 2.0],
            Self::Cut => &[2.0, 5.0],
            Self::Lossy => &[7.0, 4.0],
            Self::Border => &[9.0, 5.0],
        }
    }
}

/// One outline of a glyph and how it is painted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Layer {
    pub(crate) outline: &'static [Segment],
    pub(crate) fill: Ink,
    pub(crate) stroke: Ink,
    pub(crate) weight: f64,
    pub(crate) dash: Dash,
}

impl Layer {
    const fn new(outline: &'static [Segment], fill: Ink, stroke: Ink, weight: f64) -> Self {
        Self {
            outline,
            fill,
            stroke,
            weight,
            dash: Dash::Solid,
        }
    }

    const fn dashed(self, dash: Dash) -> Self {
        Self { dash, ..self }
    }
}

impl GlyphKind {
    /// Its outlines, lowest first.
    pub(crate) const fn layers(self) -> &'static [Layer] {
        match self {
            Self::Leader
            | Self::Follower
            | Self::Candidate
            | Self::PreCandidate
            | Self::Worker
            | Self::Starting
            | Self::Draining
            | Self::Crashed
            | Self::Timer => self.node_layers(),
            Self::Append
            | Self::Heartbeat
            | Self::Reply
            | Self::Vote
            | Self::PreVote
            | Self::Proposal
            | Self::SetDelta
            | Self::SetAck
            | Self::Control
            | Self::Lost => self.message_layers(),
            _ => self.mark_layers(),
        }
    }

    const fn node_layers(self) -> &'static [Layer] {
        use Ink::{Caption, Hairline, Quiet, Second, Term, TermLine, TermWash};
        const LEADER: &[Layer] = &[Layer::new(outline::HEXAGON, Term, TermLine, 1.75)];
        const FOLLOWER: &[Layer] = &[Layer::new(outline::CIRCLE, TermWash, TermLine, 1.75)];
        const CANDIDATE: &[Layer] = &[Layer::new(outline::DIAMOND, TermWash, TermLine, 1.75)];
        const PRE_CANDIDATE: &[Layer] =
            &[Layer::new(outline::DIAMOND, TermWash, TermLine, 1.75).dashed(Dash::Dashes)];
        const WORKER: &[Layer] = &[Layer::new(
            outline::ROUNDED_SQUARE,
            TermWash,
            TermLine,
            1.75,
        )];
        const STARTING: &[Layer] =
            &[Layer::new(outline::ROUNDED_SQUARE, TermWash, TermLine, 1.75).dashed(Dash::Dots)];
        const DRAINING: &[Layer] = &[Layer::new(
            outline::ROUNDED_SQUARE,
            Ink::Paper,
            TermLine,
            1.75,
        )];
        const CRASHED: &[Layer] = &[
            Layer::new(outline::CIRCLE, Quiet, Caption, 1.75).dashed(Dash::Sparse),
            Layer::new(outline::SMALL_CROSS, Ink::None, Ink::Bad, 1.75),
        ];
        const TIMER: &[Layer] = &[
            Layer::new(outline::CIRCLE, Ink::None, Hairline, 3.0),
            Layer::new(outline::TIMER, Ink::None, Second, 3.0),
        ];
        match self {
            Self::Leader => LEADER,
            Self::Candidate => CANDIDATE,
            Self::PreCandidate => PRE_CANDIDATE,
            Self::Worker => WORKER,
            Self::Starting => STARTING,
            Self::Draining => DRAINING,
            Self::Crashed => CRASHED,
            Self::Timer => TIMER,
            _ => FOLLOWER,
        }
    }

    const fn message_layers(self) -> &'static [Layer] {
        use Ink::{Bad, Paper, Second, Term, TermLine, Text};
        const APPEND: &[Layer] = &[Layer::new(outline::BAR, Term, TermLine, 1.25)];
        const HEARTBEAT: &[Layer] = &[Layer::new(outline::DOT, Term, TermLine, 1.25)];
        const REPLY: &[Layer] = &[Layer::new(outline::DOT, Paper, TermLine, 2.0)];
        const VOTE: &[Layer] = &[Layer::new(outline::TRIANGLE, Term, TermLine, 1.25)];
        const PRE_VOTE: &[Layer] =
            &[Layer::new(outline::TRIANGLE, Paper, TermLine, 1.75).dashed(Dash::Short)];
        const PROPOSAL: &[Layer] = &[Layer::new(outline::BAR, Paper, Second, 1.25)];
        const SET_DELTA: &[Layer] = &[Layer::new(outline::STAR, Text, Paper, 1.0)];
        const SET_ACK: &[Layer] = &[Layer::new(outline::SMALL_CIRCLE, Paper, Second, 1.5)];
        const CONTROL: &[Layer] = &[Layer::new(outline::SMALL_SQUARE, Second, Paper, 1.0)];
        const LOST: &[Layer] = &[Layer::new(outline::CROSS, Ink::None, Bad, 2.0)];
        match self {
            Self::Append => APPEND,
            Self::Heartbeat => HEARTBEAT,
            Self::Vote => VOTE,
            Self::PreVote => PRE_VOTE,
            Self::Proposal => PROPOSAL,
            Self::SetDelta => SET_DELTA,
            Self::SetAck => SET_ACK,
            Self::Control => CONTROL,
            Self::Lost => LOST,
            _ => REPLY,
        }
    }

    const fn mark_layers(self) -> &'static [Layer] {
        use Ink::{Accent, Bad, Caption, None, Paper, Second, Warn};
        const ELECTION: &[Layer] = &[Layer::new(outline::HEXAGON, Accent, None, 0.0)];
        const SPLIT_VOTE: &[Layer] = &[Layer::new(outline::DIAMOND, None, Second, 1.5)];
        const COMMIT: &[Layer] = &[Layer::new(outline::HAIRLINE, None, Caption, 1.25)];
        const MERGE: &[Layer] = &[Layer::new(outline::STAR, Second, None, 0.0)];
        const PRUNE: &[Layer] = &[Layer::new(outline::DOWN_TRIANGLE, None, Second, 1.5)];
        const SCALE_OUT: &[Layer] = &[Layer::new(outline::ARROW_UP, Second, None, 0.0)];
        const SCALE_IN: &[Layer] = &[Layer::new(outline::ARROW_DOWN, None, Second, 1.25)];
        const VIOLATION: &[Layer] = &[
            Layer::new(outline::OCTAGON, Bad, None, 0.0),
            Layer::new(outline::SMALL_CROSS, None, Paper, 1.5),
        ];
        const ACTION: &[Layer] = &[Layer::new(outline::SMALL_CIRCLE, None, Bad, 1.5)];
        const CUT_LINK: &[Layer] =
            &[Layer::new(outline::DASH, None, Second, 1.25).dashed(Dash::Cut)];
        const LOSSY_LINK: &[Layer] =
            &[Layer::new(outline::DASH, None, Warn, 1.5).dashed(Dash::Lossy)];
        match self {
            Self::Election => ELECTION,
            Self::SplitVote => SPLIT_VOTE,
            Self::Merge => MERGE,
            Self::Prune => PRUNE,
            Self::ScaleOut => SCALE_OUT,
            Self::ScaleIn => SCALE_IN,
            Self::Violation => VIOLATION,
            Self::Action => ACTION,
            Self::CutLink => CUT_LINK,
            Self::LossyLink => LOSSY_LINK,
            _ => COMMIT,
        }
    }

    /// The radius that makes it look right in a key of 18 by 18.
    const fn key_radius(self) -> f64 {
        match self {
            Self::Leader
            | Self::Follower
            | Self::Worker
            | Self::Starting
            | Self::Draining
            | Self::Crashed
            | Self::Timer
            | Self::Election
            | Self::Violation => 6.5,
            Self::Candidate | Self::PreCandidate | Self::SplitVote => 5.6,
            Self::Lost => 4.0,
            _ => 5.0,
        }
    }

    /// What it is called in a key.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Leader => "leader",
            Self::Follower => "follower",
            Self::Candidate => "candidate",
            Self::PreCandidate => "pre-candidate",
            Self::Worker => "worker",
            Self::Starting => "starting",
            Self::Draining => "draining",
            Self::Crashed => "crashed",
            Self::Append => "append",
            Self::Heartbeat => "heartbeat",
            Self::Reply => "reply",
            Self::Vote => "vote",
            Self::PreVote => "pre-vote",
            Self::Proposal => "proposal",
            Self::SetDelta => "set delta",
            Self::SetAck => "set ack",
            Self::Control => "control",
            Self::Lost => "lost",
            Self::Timer => "election timer",
            Self::CutLink => "cut link",
            Self::LossyLink => "lossy link",
            Self::Election => "election",
            Self::SplitVote => "split vote",
            Self::Commit => "commit",
            Self::Merge => "merge",
            Self::Prune => "prune",
            Self::ScaleOut => "scale out",
            Self::ScaleIn => "scale in",
            Self::Violation => "violation",
            Self::Action => "action",
        }
    }
}

impl Ink {
    /// The colour in the style sheet.
    const fn css(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Term => "var(--tc)",
            Self::TermLine => "var(--tl)",
            Self::TermWash => "var(--tw)",
            Self::Paper => "var(--bg)",
            Self::Quiet => "var(--surface-2)",
            Self::Text => "var(--ink)",
            Self::Second => "var(--ink-2)",
            Self::Caption => "var(--ink-3)",
            Self::Hairline => "var(--line)",
            Self::Accent => "var(--accent)",
            Self::Warn => "var(--warn)",
            Self::Bad => "var(--bad)",
        }
    }
}

/// The class that sets the colours of a term.
pub(crate) fn term_class(term: u64) -> &'static str {
    const CLASSES: [&str; 8] = ["t0", "t1", "t2", "t3", "t4", "t5", "t6", "t7"];
    CLASSES[super::palette::term_slot(term)]
}

/// The same picture as on the canvas, as a small SVG for keys, rows and legends.
///
/// It says nothing to a screen reader: the word stands beside it.
#[component]
pub fn Glyph(
    /// What it shows.
    #[prop(into)]
    kind: Signal<GlyphKind>,
    /// The term that colours it; zero for none.
    #[prop(into)]
    term: Signal<u64>,
) -> impl IntoView {
    let layers = move || {
        let kind = kind.get();
        let paths = kind
            .layers()
            .iter()
            .map(|layer| view_layer(layer, kind.key_radius()));
        paths.collect_view()
    };
    view! {
        <svg
            class=move || format!("glyph {}", term_class(term.get()))
            viewBox="-9 -9 18 18"
            aria-hidden="true"
            focusable="false"
        >
            {layers}
        </svg>
    }
}

fn view_layer(layer: &Layer, radius: f64) -> impl IntoView + use<> {
    let dash = layer
        .dash
        .pattern()
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(" ");
    view! {
        <path
            d=outline::path_data(layer.outline, radius)
            fill=layer.fill.css()
            stroke=layer.stroke.css()
            stroke-width=layer.weight.to_string()
            stroke-dasharray=(!dash.is_empty()).then_some(dash)
            stroke-linejoin="round"
            stroke-linecap=(layer.dash == Dash::Sparse || layer.outline == outline::CROSS)
                .then_some("round")
        />
    }
}
