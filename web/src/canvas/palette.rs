//! The colours and fonts of the page, as a canvas needs them.
//!
//! The style sheet writes every colour twice, for light and for dark, and the browser picks. A
//! canvas cannot say `var(--ink)`, and the raw text of a custom property still holds both values,
//! so a probe element wears each token once per theme change and reports what it became.

use leptos::prelude::*;
use wasm_bindgen::JsCast as _;
use web_sys::{CssStyleDeclaration, HtmlElement};

use super::{Color, Font, Ink};

/// The colours of one term.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct TermInk {
    /// The full colour.
    pub fill: Color,
    /// Text on it.
    pub text: Color,
    /// A line, 32 % darker on paper, as it is on dark.
    pub line: Color,
    /// A wash, 24 % on the surface.
    pub wash: Color,
}

/// The tokens of the style sheet under the current theme.
#[derive(Clone, Debug, PartialEq)]
pub struct Palette {
    /// The stage.
    pub page: Color,
    /// Bars, panels, the timeline.
    pub surface: Color,
    /// Quiet surfaces: empty tracks.
    pub quiet: Color,
    /// Hairlines.
    pub hairline: Color,
    /// Structure: links, future.
    pub structure: Color,
    /// Text.
    pub text: Color,
    /// Second text.
    pub second: Color,
    /// Captions.
    pub caption: Color,
    /// Selection, focus, now.
    pub accent: Color,
    /// Text on the accent.
    pub on_accent: Color,
    /// Warnings.
    pub warn: Color,
    /// Faults.
    pub bad: Color,
    terms: [TermInk; 8],
    fonts: [String; Font::COUNT],
}

impl Palette {
    /// Reads the tokens. `None` without a document to read them from.
    ///
    /// Costs one style recalculation and about thirty calls into the browser: once per theme.
    pub fn read() -> Option<Self> {
        let probe = Probe::new()?;
        let surface = probe.color("--surface");
        let on_dark = surface.lightness() < 0.5;
        let (dark_text, light_text) = (probe.color("--on-term"), probe.color("--on-term-7"));
        let text = probe.color("--ink");
        let terms = core::array::from_fn(|slot| {
            let fill = probe.color(&format!("--term-{slot}"));
            TermInk {
                fill,
                text: match slot {
                    0 => text,
                    7 => light_text,
                    _ => dark_text,
                },
                line: if on_dark {
                    fill
                } else {
                    fill.mix(Color::BLACK, 0.32)
                },
                wash: surface.mix(fill, 0.24),
            }
        });
        let (ui, mono) = (probe.family("--font-ui"), probe.family("--font-mono"));
        Some(Self {
            page: probe.color("--bg"),
            surface,
            quiet: probe.color("--surface-2"),
            hairline: probe.color("--line"),
            structure: probe.color("--line-2"),
            text,
            second: probe.color("--ink-2"),
            caption: probe.color("--ink-3"),
            accent: probe.color("--accent"),
            on_accent: probe.color("--accent-ink"),
            warn: probe.color("--warn"),
            bad: probe.color("--bad"),
            terms,
            fonts: Font::ALL.map(|font| font.css(&ui, &mono)),
        })
    }

    /// The colours of `term`; grey for term zero.
    pub fn term(&self, term: u64) -> &TermInk {
        &self.terms[term_slot(term)]
    }

    /// A font in the notation of a canvas.
    pub(crate) fn font(&self, font: Font) -> &str {
        &self.fonts[font as usize]
    }

    /// The colour an ink stands for on `paper`, in the colours of `term`.
    pub(crate) fn ink(&self, ink: Ink, term: u64, paper: Color) -> Option<Color> {
        let term = self.term(term);
        Some(match ink {
            Ink::None => return None,
            Ink::Term => term.fill,
            Ink::TermLine => term.line,
            Ink::TermWash => term.wash,
            Ink::Paper => paper,
            Ink::Quiet => self.quiet,
            Ink::Text => self.text,
            Ink::Second => self.second,
            Ink::Caption => self.caption,
            Ink::Hairline => self.hairline,
            Ink::Accent => self.accent,
            Ink::Warn => self.warn,
            Ink::Bad => self.bad,
        })
    }
}

/// The palette, read anew whenever `epoch` changes.
pub fn use_palette(epoch: RwSignal<u32>) -> Memo<Option<Palette>> {
    Memo::new(move |_| {
        epoch.track();
        Palette::read()
    })
}

/// Which of the seven colours a term takes: the colours come round, the printed number does not.
pub fn term_slot(term: u64) -> usize {
    match term.checked_sub(1) {
        None => 0,
        Some(past) => usize::from(u8::try_from(past % 7).unwrap_or(0)) + 1,
    }
}

/// An element that wears one token at a time.
struct Probe {
    element: HtmlElement,
    computed: CssStyleDeclaration,
}

impl Probe {
    fn new() -> Option<Self> {
        let document = document();
        let element: HtmlElement = document.create_element("span").ok()?.dyn_into().ok()?;
        element.set_hidden(true);
        document.body()?.append_child(&element).ok()?;
        let computed = web_sys::window()?.get_computed_style(&element).ok()??;
        Some(Self { element, computed })
    }

    fn wear(&self, property: &str, token: &str) -> String {
        // A refused value leaves the inherited one in place, which is still readable text.
        let _refused = self
            .element
            .style()
            .set_property(property, &format!("var({token})"));
        self.computed
            .get_property_value(property)
            .unwrap_or_default()
    }

    fn color(&self, token: &str) -> Color {
        Color::parse(&self.wear("color", token)).unwrap_or_default()
    }

    fn family(&self, token: &str) -> String {
        self.wear("font-family", token)
    }
}

impl Drop for Probe {
    fn drop(&mut self) {
        self.element.remove();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_take_seven_colours_in_turn() {
        assert_eq!(
            [0, 1, 2, 7, 8, 14, 15].map(term_slot),
            [0, 1, 2, 7, 1, 7, 1]
        );
    }
}
