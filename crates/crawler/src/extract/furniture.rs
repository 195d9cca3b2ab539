//! Furniture: what stands around the content of a page, and is told by its name, its role or its links.

use ego_tree::NodeRef;
use scraper::Node;
use scraper::node::Element;

use super::root::{Size, TextSizes};

/// What looks like furniture by its name but holds more than this share of the content is content.
const FURNITURE_SHARE: usize = 3;

/// Words in class names and ids that mark what is around the content.
const FURNITURE: &[&str] = &[
    "nav",
    "navbar",
    "navigation",
    "menu",
    "mainmenu",
    "submenu",
    "searchmenu",
    "megamenu",
    "breadcrumb",
    "breadcrumbs",
    "sidebar",
    "footer",
    "masthead",
    "topbar",
    "cookie",
    "cookies",
    "consent",
    "gdpr",
    "ccpa",
    "onetrust",
    "cookiebot",
    "toc",
    "tableofcontents",
    "pagination",
    "pager",
    "share",
    "sharing",
    "social",
    "newsletter",
    "popup",
    "advert",
    "advertisement",
    "ads",
    "nosearch",
    "minicart",
    "searchform",
    "searchbox",
    "skiplink",
    "prevnext",
    "headerlink",
];

/// How much is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Strictness {
    /// Navigation, banners and the like are left out.
    MainContent,
    /// The same, but lists of links stay: they are all that an index page has.
    WithLinkLists,
    /// Only what no reader sees is left out.
    Everything,
}

impl Strictness {
    /// Whether the element is left out of a root that holds `whole` characters of text.
    pub(super) fn leaves_out(
        self,
        node: NodeRef<'_, Node>,
        element: &Element,
        sizes: &TextSizes,
        whole: usize,
    ) -> bool {
        match self {
            Self::MainContent => {
                is_furniture(node, element, sizes, whole) || is_link_list(element.name(), sizes.of(node))
            }
            Self::WithLinkLists => is_furniture(node, element, sizes, whole),
            Self::Everything => false,
        }
    }
}

fn is_furniture(node: NodeRef<'_, Node>, element: &Element, sizes: &TextSizes, whole: usize) -> bool {
    let size = sizes.of(node);
    let name = element.name();
    if matches!(name, "nav" | "footer") {
        return true;
    }
    if let Some(role) = element.attr("role")
        && matches!(
            role,
            "navigation" | "contentinfo" | "search" | "dialog" | "alertdialog" | "menu" | "menubar" | "tooltip"
        )
    {
        return true;
    }
    // The rest may be content under a misleading name, unless it is mostly links: a short page has a large menu.
    let is_mostly_links = size.link_text * 2 >= size.text;
    if matches!(name, "html" | "body" | "main" | "article" | "h1" | "h2" | "h3")
        || (size.text * FURNITURE_SHARE > whole && !is_mostly_links)
    {
        return false;
    }
    if name == "header" || element.attr("role") == Some("banner") {
        // A page's header may hold its title.
        return size.titles == 0;
    }
    if name == "aside" {
        return !names_of(element)
            .any(|word| matches!(word.as_str(), "note" | "admonition" | "warning" | "tip" | "callout" | "info"));
    }
    names_of(element).any(|word| FURNITURE.contains(&word.as_str()))
}

/// Many short links and nothing else: a menu without a name.
fn is_link_list(name: &str, size: Size) -> bool {
    matches!(name, "ul" | "ol")
        && size.links >= 6
        && size.link_text * 10 >= size.text * 9
        && size.text < size.links * 18
}

/// The words that class and id are made of: `site-nav`, `mainMenu` and `cookie_bar` hold nav, menu and cookie.
fn names_of(element: &Element) -> impl Iterator<Item = String> {
    const MAX_NAME: usize = 500;
    let mut words = Vec::new();
    for value in
        [element.attr("class"), element.attr("id")].into_iter().flatten().filter(|value| value.len() <= MAX_NAME)
    {
        let mut word = String::new();
        let mut after_lower = false;
        for character in value.chars() {
            if !character.is_alphanumeric() || (after_lower && character.is_uppercase()) {
                words.push(std::mem::take(&mut word));
            }
            if character.is_alphanumeric() {
                word.extend(character.to_lowercase());
            }
            after_lower = character.is_lowercase();
        }
        words.push(word);
    }
    words.into_iter().filter(|word| !word.is_empty())
}
