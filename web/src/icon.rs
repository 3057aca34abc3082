//! The icons of buttons and badges: strokes on a 16 × 16 grid, in the colour of the text.

use leptos::prelude::*;

/// An icon by what it stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IconName {
    /// Run.
    Play,
    /// Pause.
    Pause,
    /// One event forward.
    Forward,
    /// One event back.
    Back,
    /// To the start.
    First,
    /// To the end.
    Last,
    /// A link.
    Share,
    /// Dark.
    Moon,
    /// Light.
    Sun,
    /// Help.
    Help,
    /// A table.
    Table,
    /// A cut through the network.
    Cut,
    /// A crash.
    Bolt,
    /// Time.
    Clock,
    /// A node alone.
    Isolate,
    /// Down.
    Down,
    /// Up.
    Up,
    /// Good.
    Check,
    /// Away, closed.
    Cross,
    /// Bad.
    Warn,
    /// Add, zoom in.
    Plus,
    /// Remove, zoom out.
    Minus,
    /// Everything.
    Fit,
    /// The one before.
    Prev,
    /// The one after.
    Next,
    /// A file.
    File,
    /// A filter.
    Search,
    /// More.
    Dots,
    /// Whole again.
    Mend,
    /// An election.
    Vote,
    /// A lossy link.
    Lossy,
}

impl IconName {
    const fn path(self) -> &'static str {
        match self {
            Self::Play => "M5 3.2v9.6L12.6 8z",
            Self::Pause => "M5.5 3.5v9M10.5 3.5v9",
            Self::Forward => "M4 3.8v8.4L9.8 8zM12.4 3.8v8.4",
            Self::Back => "M12 3.8v8.4L6.2 8zM3.6 3.8v8.4",
            Self::First => "M3 3.6v8.8M8.2 4 4.6 8l3.6 4M12.9 4 9.3 8l3.6 4",
            Self::Last => "M13 3.6v8.8M7.8 4l3.6 4-3.6 4M3.1 4l3.6 4-3.6 4",
            Self::Share => {
                "M6.3 9.7l3.4-3.4M7.2 4.6 8.6 3.2a2.9 2.9 0 0 1 4.2 4.2l-1.4 1.4M8.8 11.4l-1.4 1.4a2.9 2.9 0 0 1-4.2-4.2l1.4-1.4"
            }
            Self::Moon => "M13.2 9.6A5.6 5.6 0 1 1 6.4 2.8a4.5 4.5 0 0 0 6.8 6.8z",
            Self::Sun => {
                "M8 5.2a2.8 2.8 0 1 1 0 5.6 2.8 2.8 0 0 1 0-5.6zM8 1.6v1.2M8 13.2v1.2M1.6 8h1.2M13.2 8h1.2M3.5 3.5l.9.9M11.6 11.6l.9.9M12.5 3.5l-.9.9M4.4 11.6l-.9.9"
            }
            Self::Help => {
                "M8 2.2a5.8 5.8 0 1 1 0 11.6A5.8 5.8 0 0 1 8 2.2zM6.2 6.4c.1-1 .9-1.7 1.9-1.7s1.8.7 1.8 1.6c0 1.4-1.8 1.4-1.8 2.7M8.1 11.2v.1"
            }
            Self::Table => "M2.5 3.5h11v9h-11zM2.5 6.6h11M6.4 6.6v5.9",
            Self::Cut => "M8 1.8v2.6M8 6.7v2.6M8 11.6v2.6M2 8h3.2M10.8 8H14",
            Self::Bolt => "M9 1.8 3.9 9h3.7l-.7 5.2L12.1 7H8.4z",
            Self::Clock => "M8 2.2a5.8 5.8 0 1 1 0 11.6A5.8 5.8 0 0 1 8 2.2zM8 4.8V8l2.3 1.6",
            Self::Isolate => {
                "M8 5.8a2.2 2.2 0 1 1 0 4.4 2.2 2.2 0 0 1 0-4.4zM8 1.8v1.7M8 12.5v1.7M1.8 8h1.7M12.5 8h1.7M3.6 3.6l1.2 1.2M11.2 11.2l1.2 1.2M12.4 3.6l-1.2 1.2M4.8 11.2l-1.2 1.2"
            }
            Self::Down => "M8 2.6v7.6M4.8 7.1 8 10.3l3.2-3.2M3 13.2h10",
            Self::Up => "M8 10.4V2.8M4.8 5.9 8 2.7l3.2 3.2M3 13.2h10",
            Self::Check => "M3 8.6l3.3 3.3L13 4.7",
            Self::Cross => "M4 4l8 8M12 4l-8 8",
            Self::Warn => "M8 2.4 14.2 13H1.8zM8 6.4v3.2M8 11.2v.1",
            Self::Plus => "M8 3v10M3 8h10",
            Self::Minus => "M3 8h10",
            Self::Fit => "M2.6 6V2.6H6M10 2.6h3.4V6M13.4 10v3.4H10M6 13.4H2.6V10",
            Self::Prev => "M13 8H3.2M7.2 4l-4 4 4 4",
            Self::Next => "M3 8h9.8M8.8 4l4 4-4 4",
            Self::File => "M4 2h5.4l3.1 3.1V14H4zM9.4 2v3.1h3.1",
            Self::Search => "M7 2.8a4.2 4.2 0 1 1 0 8.4 4.2 4.2 0 0 1 0-8.4zM10.2 10.2l3.2 3.2",
            Self::Dots => "M3.5 7.9v.2M8 7.9v.2M12.5 7.9v.2",
            Self::Mend => "M2 8h3.5l1.4-2.4 2.2 4.8L10.5 8H14",
            Self::Vote => "M2.6 8.4h10.8v4.8H2.6zM5.2 8.4 6.4 2.8h3.2l1.2 5.6",
            Self::Lossy => "M2 8h2.2M6.2 8h.1M8.4 8h2M12.6 8H14",
        }
    }
}

/// An icon beside a word; the word says what it means.
#[component]
pub fn Icon(
    /// Which.
    #[prop(into)]
    name: Signal<IconName>,
) -> impl IntoView {
    view! {
        <svg class="i" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
            <path d=move || name.get().path() />
        </svg>
    }
}
