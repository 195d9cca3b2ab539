//! Initials on a colour that is always the same for the same name.

use leptos::prelude::*;

/// Dark enough for white letters in both themes (each ≥ 4.5:1).
const COLOURS: [&str; 8] = ["#4d58c9", "#7a4bb8", "#a83b7d", "#b0413e", "#96580b", "#4c7022", "#13735f", "#20699c"];

/// Decoration beside a name that is written out, so hidden from screen readers. The letters come from the style sheet:
/// as text they would count as the visible label of a button around them, which is not its name.
#[component]
pub fn Avatar(#[prop(into)] name: String, #[prop(default = "size-8 text-xs")] class: &'static str) -> impl IntoView {
    view! {
        <span
            class=format!("inline-flex shrink-0 items-center justify-center rounded-full font-semibold text-white select-none before:content-[attr(data-initials)] {class}")
            style:background-color=colour(&name)
            aria-hidden="true"
            data-initials=initials(&name)
        ></span>
    }
}

/// The first letters of the first and the last word, at most two.
fn initials(name: &str) -> String {
    let mut letters = name.split_whitespace().filter_map(|word| word.chars().find(|c| c.is_alphanumeric()));
    let first = letters.next();
    let last = letters.next_back();
    first.into_iter().chain(last).flat_map(char::to_uppercase).collect()
}

/// FNV-1a over the name picks the colour.
fn colour(name: &str) -> &'static str {
    let hash = name.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    COLOURS.get(hash as usize % COLOURS.len()).copied().unwrap_or(COLOURS[0])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_are_the_first_and_the_last_word() {
        assert_eq!(initials("Ana María Sousa"), "AS");
        assert_eq!(initials("ömer"), "Ö");
        assert_eq!(initials("  "), "");
        assert_eq!(initials("Visitor 7F3A"), "V7");
    }

    #[test]
    fn white_letters_can_be_read_on_every_colour() {
        for colour in COLOURS {
            assert!(contrast_with_white(colour) >= 4.5, "{colour}: {}", contrast_with_white(colour));
        }
    }

    /// WCAG 2.1, relative luminance and contrast ratio.
    fn contrast_with_white(hex: &str) -> f64 {
        let channel = |at: usize| {
            let value = f64::from(u8::from_str_radix(&hex[at..at + 2], 16).unwrap()) / 255.0;
            if value <= 0.03928 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        let luminance = 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
        1.05 / (luminance + 0.05)
    }
}
