//! What a page says about itself: title, language, canonical address, robots directives, links.

use std::collections::HashSet;

use scraper::{Html, Node};
use url::Url;

use super::Document;
use super::tree::text_of;
use crate::address;
use crate::robots::Directives;

/// Links taken from one page.
const MAX_LINKS: usize = 2_000;

/// Reads everything but the blocks, in one pass over the tree.
pub(super) fn read(html: &Html, url: &Url) -> Document {
    let mut document = Document::default();
    let mut base = url.clone();
    let mut heading = None;
    let mut social_title = None;
    let mut hrefs = Vec::new();
    for node in html.tree.root().descendants() {
        let Node::Element(element) = node.value() else {
            continue;
        };
        match element.name() {
            "html" => document.language = element.attr("lang").or(element.attr("xml:lang")).map(str::to_owned),
            "title" if document.title.is_empty() && !in_image(node) => document.title = text_of(node),
            "h1" if heading.is_none() => heading = Some(text_of(node)),
            "base" => {
                if let Some(href) = element.attr("href").and_then(|href| url.join(href).ok()) {
                    base = href;
                }
            }
            "link" if has_token(element.attr("rel"), "canonical") => {
                document.canonical = element.attr("href").and_then(|href| address::resolve(url, href));
            }
            "meta" => {
                let content = element.attr("content").unwrap_or_default();
                let name = element.attr("name").or(element.attr("property")).unwrap_or_default().to_ascii_lowercase();
                match name.as_str() {
                    "robots" | "omniopsbot" => document.directives = document.directives.or(Directives::parse(content)),
                    "og:title" => social_title = Some(content.trim().to_owned()).filter(|title| !title.is_empty()),
                    _ => {}
                }
                let http_equiv = element.attr("http-equiv").unwrap_or_default();
                if document.language.is_none() && http_equiv.eq_ignore_ascii_case("content-language") {
                    document.language = Some(content.to_owned());
                }
            }
            "a" | "area" if hrefs.len() < MAX_LINKS && !has_token(element.attr("rel"), "nofollow") => {
                hrefs.extend(element.attr("href"));
            }
            _ => {}
        }
    }
    let mut seen = HashSet::new();
    document.links = hrefs.into_iter().filter_map(|href| address::resolve(&base, href)).collect();
    document.links.retain(|link| seen.insert(link.clone()));
    document.title = choose_title(&document.title, heading, social_title);
    document
}

/// `<title>` inside an inline image is the image's.
fn in_image(node: ego_tree::NodeRef<'_, Node>) -> bool {
    node.parent().and_then(|parent| parent.value().as_element().map(|element| element.name() == "svg")).unwrap_or(false)
}

fn has_token(value: Option<&str>, token: &str) -> bool {
    value.is_some_and(|value| value.split_ascii_whitespace().any(|word| word.eq_ignore_ascii_case(token)))
}

/// The title without the site's name behind it, where the page's own heading tells which part is which.
fn choose_title(title: &str, heading: Option<String>, social_title: Option<String>) -> String {
    let heading = heading.filter(|heading| !heading.is_empty());
    if let Some(heading) = &heading
        && let Some(rest) = title.strip_prefix(heading.as_str())
        && rest.trim_start().starts_with(['|', '-', '–', '—', '·', '•', ':', '«', '»', '/'])
    {
        return heading.clone();
    }
    if title.is_empty() { social_title.or(heading).unwrap_or_default() } else { title.to_owned() }
}
