//! What a store's editors typed as HTML, as plain text.

use std::cell::RefCell;

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts};

/// Bytes of HTML that are read; a longer text is cut. Far more than any description that a person wrote.
const MAX_HTML: usize = 64 * 1024;

/// Several lines: blocks and `<br>` end a line, markup is gone, entities are characters.
pub fn paragraphs(html: &str) -> String {
    let text = if is_plain(html) { html.to_owned() } else { walk(html, Reading::Prose) };
    let lines: Vec<String> = text.lines().map(squeeze).filter(|line| !line.is_empty()).collect();
    lines.join("\n")
}

/// One line: a name, a label.
pub fn line(html: &str) -> String {
    if is_plain(html) { squeeze(html) } else { squeeze(&walk(html, Reading::Prose)) }
}

/// A price as the shop's page words it.
pub struct WordedPrice {
    /// `318,49 € (was 360,50 €)` or `19,00 € – 24,00 €`.
    pub text: String,
    /// What WooCommerce marks up as an amount: `318,49 €`.
    pub amounts: Vec<String>,
    /// Those that are struck out.
    pub former: Vec<String>,
}

/// Reads the HTML in which a shop's page shows a price.
pub fn price(html: &str) -> WordedPrice {
    let Read { text, struck, amounts, former, .. } = read(html, Reading::Price);
    let all = |amounts: Vec<String>| amounts.iter().map(|amount| squeeze(amount)).collect();
    WordedPrice { text: squeeze(&with_struck(text, &struck)), amounts: all(amounts), former: all(former) }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Reading {
    Prose,
    Price,
}

fn is_plain(text: &str) -> bool {
    !text.contains(['<', '&'])
}

/// Tags and entities are told from text as a browser does; no tree is built, so that no nesting can cost more than its
/// length.
fn walk(html: &str, reading: Reading) -> String {
    let Read { text, struck, .. } = read(html, reading);
    with_struck(text, &struck)
}

fn with_struck(mut text: String, struck: &str) -> String {
    let struck = squeeze(struck);
    if !struck.is_empty() {
        text.push_str(&format!(" (was {struck})"));
    }
    text
}

fn read(html: &str, reading: Reading) -> Read {
    let html = html.get(..html.floor_char_boundary(MAX_HTML)).unwrap_or_default();
    let input = BufferQueue::default();
    input.push_back(StrTendril::from_slice(html));
    let tokenizer = Tokenizer::new(Reader { reading, read: RefCell::default() }, TokenizerOpts::default());
    // It stops early for scripts that must run first, and the reader names none.
    let _ = tokenizer.feed(&input);
    tokenizer.end();
    tokenizer.sink.read.into_inner()
}

struct Reader {
    reading: Reading,
    read: RefCell<Read>,
}

#[derive(Default)]
struct Read {
    text: String,
    /// The price before the sale.
    struck: String,
    /// The element whose content is not shown, and how many of its name are open.
    hidden: Option<(String, usize)>,
    in_struck: bool,
    /// Amounts of a price, and those of the price before the sale.
    amounts: Vec<String>,
    former: Vec<String>,
    in_amount: bool,
}

impl TokenSink for Reader {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut read = self.read.borrow_mut();
        match token {
            Token::CharacterTokens(_) if read.hidden.is_some() => {}
            Token::CharacterTokens(text) => read.take(&text),
            Token::TagToken(tag) => return read.tag(&tag, self.reading),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

impl Read {
    fn take(&mut self, text: &str) {
        if self.in_amount
            && let Some(amount) = self.amounts_here().last_mut()
        {
            amount.push_str(text);
        }
        if self.in_struck {
            self.struck.push_str(text);
        } else {
            self.text.extend(text.chars().map(flat));
        }
    }

    fn amounts_here(&mut self) -> &mut Vec<String> {
        if self.in_struck { &mut self.former } else { &mut self.amounts }
    }

    fn tag(&mut self, tag: &Tag, reading: Reading) -> TokenSinkResult<()> {
        let name: &str = &tag.name;
        let opens = tag.kind == TagKind::StartTag;
        if let Some((hidden, depth)) = &mut self.hidden {
            if hidden.as_str() == name {
                *depth = if opens { depth.saturating_add(1) } else { depth.saturating_sub(1) };
                if *depth == 0 {
                    self.hidden = None;
                }
            }
            return TokenSinkResult::Continue;
        }
        if ends_line(name) {
            self.text.push('\n');
        }
        if reading == Reading::Price && name == "del" {
            self.in_struck = opens;
        }
        if reading == Reading::Price && name == "bdi" {
            self.in_amount = opens;
            if opens {
                self.amounts_here().push(String::new());
            }
        }
        if !opens {
            return TokenSinkResult::Continue;
        }
        if reading == Reading::Price && is_for_screen_readers(tag) {
            self.hidden = Some((name.to_owned(), 1));
        }
        let Some(raw) = unshown(name) else { return TokenSinkResult::Continue };
        self.hidden = Some((name.to_owned(), 1));
        TokenSinkResult::RawData(raw)
    }
}

/// A line break in the source is a space on the page.
const fn flat(character: char) -> char {
    if matches!(character, '\n' | '\r') { ' ' } else { character }
}

/// A price repeats itself in words for screen readers.
fn is_for_screen_readers(tag: &Tag) -> bool {
    tag.attrs.iter().any(|attribute| {
        &*attribute.name.local == "class"
            && attribute.value.split_ascii_whitespace().any(|class| class == "screen-reader-text")
    })
}

/// Elements whose content is not text on the page; it runs to their end tag, whatever it holds.
fn unshown(name: &str) -> Option<RawKind> {
    match name {
        "script" => Some(RawKind::ScriptData),
        "style" | "noscript" | "noembed" | "noframes" | "iframe" | "xmp" => Some(RawKind::Rawtext),
        "title" | "textarea" => Some(RawKind::Rcdata),
        _ => None,
    }
}

fn ends_line(name: &str) -> bool {
    matches!(
        name,
        "address"
            | "article"
            | "blockquote"
            | "br"
            | "dd"
            | "div"
            | "dl"
            | "dt"
            | "figure"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "hr"
            | "li"
            | "ol"
            | "p"
            | "pre"
            | "section"
            | "table"
            | "td"
            | "th"
            | "tr"
            | "ul"
    )
}

/// Single spaces, none at the ends, and no characters that cannot be seen.
fn squeeze(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for word in text.split(|character: char| character.is_whitespace() || character.is_control()) {
        let seen = word.chars().filter(|character| !is_invisible(*character));
        let start = line.len();
        line.extend(seen);
        if line.len() > start && start > 0 {
            line.insert(start, ' ');
        }
    }
    line
}

/// Characters that hide text from a reader or turn its direction. The joiners stay: scripts and emoji need them.
const fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{00ad}'
            | '\u{200b}'
            | '\u{2060}'
            | '\u{feff}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}'
            | '\u{e0000}'..='\u{e007f}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entities_become_characters() {
        assert_eq!(line("Tents &amp; Shelters"), "Tents & Shelters");
        assert_eq!(line("Cap &#8222;Vindst&oslash;d&#8220;&nbsp;帽子"), "Cap „Vindstød“ 帽子");
        assert_eq!(line("Espresso Maker \"Moka\""), "Espresso Maker \"Moka\"");
        assert_eq!(line("below 5 < 6 &lt; 7"), "below 5 < 6 < 7");
    }

    #[test]
    fn markup_goes_and_blocks_become_lines() {
        let html = "<p>Two\npersons,<br>three <b>seasons</b></p>\n<ul><li>2.35&nbsp;kg</li><li>210 cm</li></ul>";
        assert_eq!(paragraphs(html), "Two persons,\nthree seasons\n2.35 kg\n210 cm");
    }

    #[test]
    fn what_a_browser_hides_is_not_text() {
        let html = "<style>p{color:red}</style><p>Warm<script>alert('x')</script></p><!-- ignore all of this -->";
        assert_eq!(paragraphs(html), "Warm");
        assert_eq!(line("Te\u{200b}nt\u{202e}\u{e0041}\u{7} 2"), "Tent 2");
    }

    #[test]
    fn a_price_is_worded_as_the_shop_words_it() {
        let sale = concat!(
            "<del aria-hidden=\"true\"><bdi>360,50&nbsp;<span>&euro;</span></bdi></del> ",
            "<span class=\"screen-reader-text\">Original price was: 360,50&nbsp;&euro;.</span>",
            "<ins aria-hidden=\"true\"><bdi>318,49&nbsp;<span>&euro;</span></bdi></ins>",
            "<span class=\"screen-reader-text\">Current price is: 318,49&nbsp;&euro;.</span>"
        );
        let worded = price(sale);
        assert_eq!(worded.text, "318,49 € (was 360,50 €)");
        assert_eq!((worded.amounts, worded.former), (vec!["318,49 €".to_owned()], vec!["360,50 €".to_owned()]));
        let range = price("<bdi>19,00&nbsp;&euro;</bdi> &ndash; <bdi>24,00&nbsp;&euro;</bdi>");
        assert_eq!((range.text.as_str(), range.amounts.len()), ("19,00 € – 24,00 €", 2));
        assert_eq!(price("").text, "");
    }

    #[test]
    fn deep_nesting_and_unclosed_tags_are_read() {
        let html = format!("{}deep{}", "<div>".repeat(10_000), "</div>".repeat(50_000));
        assert_eq!(paragraphs(&html), "deep");
        assert_eq!(paragraphs("a<script>if (1 < 2) {"), "a");
        assert_eq!(paragraphs("a <b"), "a");
    }
}
