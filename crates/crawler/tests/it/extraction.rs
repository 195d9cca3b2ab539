//! What is kept of a page and what is not.

use omniops_crawler::{Block, BlockKind, Document, extract};
use url::Url;

fn read(html: &str) -> Document {
    extract(html, &Url::parse("https://shop.example/help/page").unwrap())
}

fn texts(document: &Document) -> Vec<&str> {
    document.blocks.iter().map(|block| block.text.as_str()).collect()
}

fn below<'a>(document: &'a Document, heading: &str) -> Vec<&'a Block> {
    document.blocks.iter().filter(|block| block.heading_path.last().is_some_and(|last| last == heading)).collect()
}

#[test]
fn the_main_element_is_read_and_its_surroundings_are_not() {
    let page = read(
        r#"<html lang="en-GB"><head><title>Returns | Shop</title><style>p{}</style></head><body>
        <header><a href="/">Shop</a><nav><ul><li>Home<li>Cart</ul></nav></header>
        <div class="cookie-banner"><p>We use cookies to improve your experience. Accept?</p></div>
        <main><h1>Returns</h1><p>Send it back within <b>30 days</b>,
          unworn.</p><aside class=note>Sale items too.</aside><aside>Subscribe!</aside>
          <h2>Refunds</h2><p>Refunds take 5&nbsp;days.</p><script>track()</script></main>
        <footer>© Shop</footer></body></html>"#,
    );
    assert_eq!(page.title, "Returns");
    assert_eq!(page.language.as_deref(), Some("en"));
    assert_eq!(texts(&page), ["Send it back within 30 days, unworn.", "Sale items too.", "Refunds take 5 days."]);
    assert_eq!(page.blocks[2].heading_path, ["Returns", "Refunds"]);
}

#[test]
fn a_page_without_main_is_read_without_its_menus() {
    let page = read(
        r##"<title>Isolation</title><div class=nosearch><div class="menu mainmenu"><ul><li><a href=a>Home</a><li><a href=b>About</a></ul></div></div>
        <h1>Isolation</h1><p>Changes of one connection are seen by another after the commit, and never before it.</p>
        <div class="fancy_toc"><a href="#1">1. Overview</a></div><h2>Overview</h2><p>One writer at a time.</p>"##,
    );
    assert_eq!(texts(&page)[1..], ["One writer at a time."]);
    assert_eq!(page.blocks.len(), 2);
}

#[test]
fn headings_nest_and_end_each_other() {
    let page = read("<h1>A</h1><h2>B</h2><h3>C</h3><p>c</p><h2>D</h2><p>d</p><h4>E</h4><p>e</p><h1>F</h1><p>f</p>");
    let paths: Vec<String> = page.blocks.iter().map(|block| block.heading_path.join(">")).collect();
    assert_eq!(paths, ["A>B>C", "A>D", "A>D>E", "F"]);
}

#[test]
fn lists_and_definitions_are_one_item_a_line() {
    let page = read(
        "<main><p>Before</p><ul><li>One<li>Two<ul><li>Two and a half</ul></ul>
         <dl><dt>Shipping</dt><dd>Free above 50.</dd><dt>Returns<dt>Exchanges<dd><p>30 days.</p><p>Unworn.</p><dt>Alone</dl></main>",
    );
    assert_eq!(page.blocks[1].kind, BlockKind::List);
    assert_eq!(page.blocks[1].text, "One\nTwo\nTwo and a half");
    assert_eq!(page.blocks[2].kind, BlockKind::Definitions);
    assert_eq!(page.blocks[2].text, "Shipping: Free above 50.\nReturns, Exchanges: 30 days.\nUnworn.\nAlone");
}

#[test]
fn table_rows_say_what_their_values_mean() {
    let page = read(
        "<main><table><thead><tr><th>Country<th>Days<th>Cost</thead><tr><td>Austria<td>2<td>€ 4<tr><td>Norway<td>5<td></table>
         <table><tr><th>Weight:</th><td>300 g</td></tr><tr><td>Colour</td><td>red</td></tr></table></main>",
    );
    assert_eq!(
        texts(&page),
        ["Country: Austria; Days: 2; Cost: € 4\nCountry: Norway; Days: 5", "Weight: 300 g\nColour: red"]
    );
    assert!(page.blocks.iter().all(|block| block.kind == BlockKind::Table));
}

#[test]
fn a_layout_table_is_read_like_the_page_that_it_is() {
    let page = read(
        "<table><tr><td><h2>Left</h2><p>One</p></td><td><h2>Right</h2><table><tr><td>a<td>b</table></td></tr></table>",
    );
    assert_eq!(below(&page, "Left")[0].text, "One");
    assert_eq!(below(&page, "Right")[0].text, "a: b");
}

#[test]
fn questions_of_an_accordion_head_their_answers() {
    let page = read(
        r"<main><h1>FAQ</h1><details><summary>Do you ship abroad?</summary><p>Yes, to 40 countries.</p></details>
        <details><summary>Can I pay later?</summary>Within 14 days.</details>
        <h3><button aria-expanded=false>Is there a shop?</button></h3><div hidden aria-hidden=true>In Graz.</div>
        <button>Buy now</button></main>",
    );
    assert_eq!(below(&page, "Do you ship abroad?")[0].text, "Yes, to 40 countries.");
    assert_eq!(below(&page, "Can I pay later?")[0].heading_path, ["FAQ", "Can I pay later?"]);
    assert_eq!(below(&page, "Is there a shop?")[0].text, "In Graz.");
    assert_eq!(page.blocks.len(), 3);
}

#[test]
fn code_keeps_its_lines() {
    let page = read("<main><p>Run</p><pre><code>BEGIN;\n  COMMIT;\n</code></pre><p>then</p></main>");
    assert_eq!(page.blocks[1], Block { heading_path: vec![], text: "BEGIN;\n  COMMIT;".into(), kind: BlockKind::Code });
}

#[test]
fn a_page_with_words_never_comes_out_empty() {
    for html in [
        "<body><nav><p>Our office is open from nine to five.</p></nav></body>",
        "<body><div class=sidebar>Our office is open from nine to five.</div></body>",
        "<body><main></main><div class=content>Our office is open from nine to five.</div></body>",
        "<body><footer>Our office is open from nine to five.</footer></body>",
        "Our office is open from nine to five.",
    ] {
        assert_eq!(texts(&read(html)), ["Our office is open from nine to five."], "{html}");
    }
}

#[test]
fn an_article_that_is_only_a_teaser_is_not_the_page() {
    let long = "Long text about everything that we sell and do. ".repeat(20);
    let page = read(&format!("<body><article>News!</article><div><p>{long}</p></div></body>"));
    assert!(texts(&page).contains(&long.trim()));
}

#[test]
fn links_are_resolved_against_the_base_and_kept_once() {
    let page = read(
        r#"<base href="https://shop.example/docs/"><link rel="canonical" href="/help/page">
        <a href="a#x">1</a><a href="a">2</a><a href="/b" rel="nofollow">3</a><nav><a href="../c">4</a></nav><a href="javascript:x">5</a>"#,
    );
    let links: Vec<&str> = page.links.iter().map(Url::as_str).collect();
    assert_eq!(links, ["https://shop.example/docs/a", "https://shop.example/c"]);
    assert_eq!(page.canonical.unwrap().as_str(), "https://shop.example/help/page");
}

#[test]
fn the_title_is_found_wherever_it_is() {
    assert_eq!(read("<title>Returns – Shop</title><h1>Returns</h1><p>x").title, "Returns");
    assert_eq!(read("<title>Shop – Returns</title><h1>Returns</h1><p>x").title, "Shop – Returns");
    assert_eq!(read("<meta property=og:title content='Social'><h1>Returns</h1><p>x").title, "Social");
    assert_eq!(read("<svg><title>icon</title></svg><h1>Returns</h1><p>x").title, "Returns");
    assert_eq!(read("<p>x").title, "https://shop.example/help/page");
}

#[test]
fn invisible_characters_and_line_breaks_are_evened_out() {
    assert_eq!(
        texts(&read("<p>soft\u{ad}ware\u{200b} is\n\t fine<br>Second line</p>")),
        ["software is fine\nSecond line"]
    );
}

#[test]
fn the_hash_follows_what_a_reader_sees() {
    let page = "<title>T</title><nav>Menu</nav><main><h1>H</h1><p>Text of the page.</p></main>";
    let hash = read(page).content_hash();
    assert_eq!(hash, read(&page.replace("Menu", "Other menu").replace("<p>", "<p class=x>")).content_hash());
    assert_ne!(hash, read(&page.replace("Text", "Words")).content_hash());
    assert_ne!(hash, read(&page.replace(">H<", ">G<")).content_hash());
}

/// Debian's `sqlite3-doc`, where it is installed: 766 pages of tables, definition lists, code and old-style markup.
#[test]
fn every_page_of_a_large_manual_is_read_with_its_headings_and_without_its_menu() {
    let Ok(folder) = std::fs::read_dir("/usr/share/doc/sqlite3") else {
        return;
    };
    let (mut pages, mut with_headings) = (0, 0);
    for file in folder.map(|file| file.unwrap().path()).filter(|path| path.extension().is_some_and(|end| end == "html"))
    {
        let page = read(&String::from_utf8_lossy(&std::fs::read(&file).unwrap()));
        let text = page.to_text();
        assert!(page.words() > 0, "{} is empty", file.display());
        assert!(!text.contains("Choose any three"), "{} holds the menu", file.display());
        pages += 1;
        with_headings += usize::from(page.blocks.iter().any(|block| !block.heading_path.is_empty()));
    }
    assert!(with_headings * 10 >= pages * 8, "{with_headings} of {pages} pages have headings");
}
