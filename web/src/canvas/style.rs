//! How things are drawn: fonts, lines, and the place of a glyph.

use super::{Color, Dash, Point};

/// The fonts of the drawings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Font {
    /// The name inside a node.
    Name,
    /// The name inside a node of a crowd.
    SmallName,
    /// A role outside a node.
    Role,
    /// Numbers under a role.
    Meta,
    /// Remarks and ticks: the smallest size.
    Small,
    /// What a message says.
    Mono,
    /// The name of a lane.
    Lane,
    /// Text inside a band.
    Inside,
}

impl Font {
    pub(super) const COUNT: usize = Self::ALL.len();
    pub(super) const ALL: [Self; 8] = [
        Self::Name,
        Self::SmallName,
        Self::Role,
        Self::Meta,
        Self::Small,
        Self::Mono,
        Self::Lane,
        Self::Inside,
    ];

    /// In the notation of a canvas, with sizes in units.
    pub(super) fn css(self, ui: &str, mono: &str) -> String {
        match self {
            Self::Name => format!("650 15px {ui}"),
            Self::SmallName => format!("650 12px {ui}"),
            Self::Role => format!("650 13px {ui}"),
            Self::Meta => format!("400 12px {ui}"),
            Self::Small => format!("400 11px {ui}"),
            Self::Mono => format!("500 11px {mono}"),
            Self::Lane => format!("600 12px {ui}"),
            Self::Inside => format!("600 11px {mono}"),
        }
    }
}

/// Which part of a text lies at its point.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Align {
    /// Its start.
    #[default]
    Start,
    /// Its middle.
    Middle,
    /// Its end.
    End,
}

/// How a line is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stroke {
    /// Its colour.
    pub color: Color,
    /// Its width.
    pub width: f64,
    /// Its dashes.
    pub dash: Dash,
}

impl Stroke {
    /// A solid line.
    pub const fn solid(color: Color, width: f64) -> Self {
        Self {
            color,
            width,
            dash: Dash::Solid,
        }
    }

    /// The same line, dashed.
    #[must_use]
    pub const fn dashed(self, dash: Dash) -> Self {
        Self { dash, ..self }
    }
}

/// Where and how a glyph is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mark {
    /// Its centre.
    pub at: Point,
    /// Its radius.
    pub radius: f64,
    /// The way it points, in radians.
    pub angle: f64,
    /// How much longer it is in that direction.
    pub stretch: f64,
    /// How much thicker its lines are than in a key.
    pub weight: f64,
    /// The term that colours it.
    pub term: u64,
}

impl Mark {
    /// An upright glyph in the colours of `term`.
    pub const fn new(at: Point, radius: f64, term: u64) -> Self {
        Self {
            at,
            radius,
            angle: 0.0,
            stretch: 1.0,
            weight: 1.0,
            term,
        }
    }
}
