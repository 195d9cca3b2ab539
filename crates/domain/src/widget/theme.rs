//! Colours that can be read. Contrast as WCAG 2.2 defines it (relative luminance, success criterion 1.4.3).

use omniops_types::{LauncherPosition, WidgetTheme};

/// Ordinary text needs this much.
const LEGIBLE: f64 = 4.5;
const WHITE: Rgb = Rgb(255, 255, 255);
const INK: Rgb = Rgb(17, 17, 17);
/// The lightest surface of the dark panel on which the accent stands as text.
const DARK_SURFACE: Rgb = Rgb(38, 42, 51);
pub(super) const DEFAULT_ACCENT: &str = "#4338ca";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Rgb(u8, u8, u8);

impl Rgb {
    fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6 && digits.is_ascii())?;
        let channel = |from: usize| u8::from_str_radix(digits.get(from..from + 2)?, 16).ok();
        Some(Self(channel(0)?, channel(2)?, channel(4)?))
    }

    fn hex(self) -> String {
        let Self(red, green, blue) = self;
        format!("#{red:02x}{green:02x}{blue:02x}")
    }

    fn luminance(self) -> f64 {
        let linear = |channel: u8| {
            let value = f64::from(channel) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(self.0) + 0.7152 * linear(self.1) + 0.0722 * linear(self.2)
    }

    fn contrast(self, other: Self) -> f64 {
        let (one, two) = (self.luminance(), other.luminance());
        (one.max(two) + 0.05) / (one.min(two) + 0.05)
    }

    /// One step of fifty towards another colour, and at least one unit a channel, so that it arrives.
    fn towards(self, target: Self) -> Self {
        let step = |from: u8, to: u8| {
            let width = (f64::from(from.abs_diff(to)) / 50.0).ceil() as u8;
            if from < to { from.saturating_add(width) } else { from.saturating_sub(width) }
        };
        Self(step(self.0, target.0), step(self.1, target.1), step(self.2, target.2))
    }

    /// The nearest colour on the way to `target` that satisfies `enough`.
    fn until(mut self, target: Self, enough: impl Fn(Self) -> bool) -> Self {
        while !enough(self) && self != target {
            self = self.towards(target);
        }
        self
    }

    /// Text on this colour, if plain white or ink can be read on it.
    fn text_on(self) -> Option<Self> {
        [WHITE, INK].into_iter().find(|text| self.contrast(*text) >= LEGIBLE)
    }
}

/// Whether the text is a colour that [`theme`] takes.
pub(super) fn is_colour(text: &str) -> bool {
    Rgb::parse(text).is_some()
}

/// A theme around the accent. An accent between white and ink, on which neither can be read, is darkened a little;
/// for the dark panel it is lightened until it can be read there.
pub(super) fn theme(accent: &str, position: LauncherPosition, color_scheme: &str) -> WidgetTheme {
    let chosen = Rgb::parse(accent).unwrap_or(Rgb(67, 56, 202));
    let accent = chosen.until(Rgb(0, 0, 0), |colour| colour.text_on().is_some());
    let accent_dark =
        chosen.until(WHITE, |colour| colour.contrast(DARK_SURFACE) >= LEGIBLE && colour.text_on().is_some());
    WidgetTheme {
        accent: accent.hex(),
        on_accent: accent.text_on().unwrap_or(WHITE).hex(),
        accent_dark: accent_dark.hex(),
        on_accent_dark: accent_dark.text_on().unwrap_or(INK).hex(),
        position,
        color_scheme: color_scheme.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn contrast(one: &str, two: &str) -> f64 {
        Rgb::parse(one).unwrap().contrast(Rgb::parse(two).unwrap())
    }

    #[test]
    fn black_on_white_is_twenty_one_to_one() {
        assert!((contrast("#000000", "#ffffff") - 21.0).abs() < 1e-9);
        assert!((contrast("#777777", "#ffffff") - 4.48).abs() < 0.01);
    }

    #[test]
    fn an_accent_that_can_be_read_stays_as_it_is() {
        let theme = theme("#4338CA", LauncherPosition::BottomRight, "auto");
        assert_eq!((theme.accent.as_str(), theme.on_accent.as_str()), ("#4338ca", "#ffffff"));
    }

    proptest! {
        #[test]
        fn every_accent_can_be_read(red: u8, green: u8, blue: u8) {
            let theme = theme(&Rgb(red, green, blue).hex(), LauncherPosition::BottomRight, "auto");
            prop_assert!(contrast(&theme.accent, &theme.on_accent) >= LEGIBLE);
            prop_assert!(contrast(&theme.accent_dark, &theme.on_accent_dark) >= LEGIBLE);
            prop_assert!(contrast(&theme.accent_dark, &DARK_SURFACE.hex()) >= LEGIBLE);
        }
    }
}
