//! Colours as numbers.
//!
//! The style sheet owns the colours, but a canvas needs more of them than it names: the line and
//! the wash of every term are mixed from two others. CSS mixes them in `OKLab` with `color-mix`,
//! which a canvas cannot ask for, so the same mix is computed here. Mixing in sRGB instead would
//! turn the washes grey and break the likeness between the canvas and the page around it.

use core::fmt::{self, Write as _};

/// An opaque or translucent sRGB colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Color {
    red: u8,
    green: u8,
    blue: u8,
    alpha: u8,
}

impl Color {
    /// Black, which line colours of terms are mixed with on paper.
    pub const BLACK: Self = Self::opaque(0, 0, 0);

    /// An opaque colour.
    pub const fn opaque(red: u8, green: u8, blue: u8) -> Self {
        Self {
            red,
            green,
            blue,
            alpha: 255,
        }
    }

    /// Reads what a browser reports as a computed colour (`rgb(1, 2, 3)`, `rgba(1, 2, 3, 0.5)`)
    /// or what a style sheet writes (`#123`, `#112233`). `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        match text.strip_prefix('#') {
            Some(digits) => Self::parse_hex(digits),
            None => Self::parse_function(text),
        }
    }

    fn parse_hex(digits: &str) -> Option<Self> {
        let value = u32::from_str_radix(digits, 16).ok()?;
        let nibble = |shift: u32| -> Option<u8> { u8::try_from((value >> shift & 0xf) * 17).ok() };
        let byte = |shift: u32| -> Option<u8> { u8::try_from(value >> shift & 0xff).ok() };
        match digits.len() {
            3 => Some(Self::opaque(nibble(8)?, nibble(4)?, nibble(0)?)),
            6 => Some(Self::opaque(byte(16)?, byte(8)?, byte(0)?)),
            _ => None,
        }
    }

    fn parse_function(text: &str) -> Option<Self> {
        let arguments = text
            .strip_prefix("rgba(")
            .or_else(|| text.strip_prefix("rgb("))?
            .strip_suffix(')')?;
        let mut numbers = arguments
            .split([',', ' ', '/'])
            .filter(|part| !part.is_empty())
            .map(|part| part.parse::<f64>().ok());
        let (red, green, blue) = (numbers.next()??, numbers.next()??, numbers.next()??);
        let alpha = numbers.next().unwrap_or(Some(1.0))?;
        Some(Self {
            red: channel(red / 255.0),
            green: channel(green / 255.0),
            blue: channel(blue / 255.0),
            alpha: channel(alpha),
        })
    }

    /// The same colour with another opacity, from 0 to 1.
    #[must_use]
    pub fn fade(self, alpha: f64) -> Self {
        Self {
            alpha: channel(alpha),
            ..self
        }
    }

    /// A mix of this colour and a `share` of `other` in `OKLab` (Ottosson 2020), as `color-mix(in
    /// oklab, …)` does. The result is opaque.
    #[must_use]
    pub fn mix(self, other: Self, share: f64) -> Self {
        let (here, there) = (self.oklab(), other.oklab());
        let at = |i: usize| here[i] + (there[i] - here[i]) * share;
        Self::from_oklab([at(0), at(1), at(2)])
    }

    /// Perceived lightness, from 0 to 1.
    pub fn lightness(self) -> f64 {
        self.oklab()[0]
    }

    fn oklab(self) -> [f64; 3] {
        let [r, g, b] = [self.red, self.green, self.blue].map(|c| linear(f64::from(c) / 255.0));
        let long = (0.412_221_470_8 * r + 0.536_332_536_3 * g + 0.051_445_992_9 * b).cbrt();
        let medium = (0.211_903_498_2 * r + 0.680_699_545_1 * g + 0.107_396_956_6 * b).cbrt();
        let short = (0.088_302_461_9 * r + 0.281_718_837_6 * g + 0.629_978_700_5 * b).cbrt();
        [
            0.210_454_255_3 * long + 0.793_617_785_0 * medium - 0.004_072_046_8 * short,
            1.977_998_495_1 * long - 2.428_592_205_0 * medium + 0.450_593_709_9 * short,
            0.025_904_037_1 * long + 0.782_771_766_2 * medium - 0.808_675_766_0 * short,
        ]
    }

    fn from_oklab([lightness, a, b]: [f64; 3]) -> Self {
        let long = (lightness + 0.396_337_777_4 * a + 0.215_803_757_3 * b).powi(3);
        let medium = (lightness - 0.105_561_345_8 * a - 0.063_854_172_8 * b).powi(3);
        let short = (lightness - 0.089_484_177_5 * a - 1.291_485_548_0 * b).powi(3);
        let red = 4.076_741_662_1 * long - 3.307_711_591_3 * medium + 0.230_969_929_2 * short;
        let green = -1.268_438_004_6 * long + 2.609_757_401_1 * medium - 0.341_319_396_5 * short;
        let blue = -0.004_196_086_3 * long - 0.703_418_614_7 * medium + 1.707_614_701_0 * short;
        Self::opaque(
            channel(gamma(red)),
            channel(gamma(green)),
            channel(gamma(blue)),
        )
    }
}

impl fmt::Display for Color {
    /// As CSS: `#rrggbbaa`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "#{:02x}{:02x}{:02x}{:02x}",
            self.red, self.green, self.blue, self.alpha
        )
    }
}

/// A colour in the notation of CSS, without an allocation: a drawing changes colour often.
pub(super) struct Css {
    bytes: [u8; 9],
    length: usize,
}

impl Css {
    pub(super) fn new(color: Color) -> Self {
        let mut css = Self {
            bytes: [0; 9],
            length: 0,
        };
        let written = write!(css, "{color}");
        debug_assert!(written.is_ok(), "a colour takes nine characters");
        css
    }

    pub(super) fn as_str(&self) -> &str {
        core::str::from_utf8(&self.bytes[..self.length]).unwrap_or("#000")
    }
}

impl fmt::Write for Css {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = self.length + text.len();
        self.bytes
            .get_mut(self.length..end)
            .ok_or(fmt::Error)?
            .copy_from_slice(text.as_bytes());
        self.length = end;
        Ok(())
    }
}

/// sRGB to linear light.
fn linear(value: f64) -> f64 {
    if value <= 0.040_45 {
        value / 12.92
    } else {
        ((value + 0.055) / 1.055).powf(2.4)
    }
}

/// Linear light to sRGB.
fn gamma(value: f64) -> f64 {
    if value <= 0.003_130_8 {
        value * 12.92
    } else {
        1.055 * value.powf(1.0 / 2.4) - 0.055
    }
}

/// A channel from 0 to 1 as a byte.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to 0..=255"
)]
fn channel(value: f64) -> u8 {
    (value * 255.0).round().clamp(0.0, 255.0) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_computed_and_written_colours() {
        assert_eq!(
            Color::parse("rgb(242, 242, 238)"),
            Some(Color::opaque(242, 242, 238))
        );
        assert_eq!(
            Color::parse("rgb(242 242 238 / 0.5)").unwrap().to_string(),
            "#f2f2ee80"
        );
        assert_eq!(
            Color::parse("rgba(1, 2, 3, 0)").unwrap().to_string(),
            "#01020300"
        );
        assert_eq!(Color::parse(" #0d0f12 "), Some(Color::opaque(13, 15, 18)));
        assert_eq!(Color::parse("#fa0"), Some(Color::opaque(255, 170, 0)));
        for bad in [
            "",
            "red",
            "#12",
            "rgb(1, 2)",
            "rgb(1, 2, x)",
            "light-dark(#fff, #000)",
        ] {
            assert_eq!(Color::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn oklab_gives_back_what_it_was_given() {
        for (r, g, b) in [
            (0, 0, 0),
            (255, 255, 255),
            (86, 180, 233),
            (240, 228, 66),
            (213, 94, 0),
        ] {
            let color = Color::opaque(r, g, b);
            assert_eq!(Color::from_oklab(color.oklab()), color);
        }
    }

    /// The values are what a browser computes for `color-mix(in oklab, …)`.
    #[test]
    fn mixes_as_css_does() {
        let yellow = Color::opaque(0xf0, 0xe4, 0x42);
        let wash = Color::opaque(0xfb, 0xfb, 0xf9).mix(yellow, 0.24);
        assert_eq!(wash.to_string(), "#f8f6d5ff");
        assert_eq!(yellow.mix(Color::BLACK, 0.32).to_string(), "#8f8723ff");
    }

    #[test]
    fn a_dark_page_is_told_from_a_light_one() {
        assert!(Color::opaque(0x0d, 0x0f, 0x12).lightness() < 0.5);
        assert!(Color::opaque(0xf2, 0xf2, 0xee).lightness() > 0.5);
    }

    #[test]
    fn a_colour_fits_its_buffer() {
        assert_eq!(Css::new(Color::opaque(1, 2, 255)).as_str(), "#0102ffff");
    }
}
