//! Sitemaps: XML, an index of further ones, plain text, each perhaps gzipped.

use std::io::Read;

use flate2::read::MultiGzDecoder;
use quick_xml::Reader;
use quick_xml::events::Event;
use url::Url;

/// Decompressed size that is read of one sitemap; the protocol's own limit is 50 MB.
pub const MAX_BYTES: usize = 50 * 1024 * 1024;
/// The protocol's own limit for one file.
const MAX_URLS: usize = 50_000;

/// What one sitemap file lists.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sitemap {
    pub pages: Vec<Url>,
    /// Further sitemaps.
    pub sitemaps: Vec<Url>,
}

/// Reads a sitemap as far as it can be read; what is broken ends it, and what came before counts.
pub fn parse(body: &[u8]) -> Sitemap {
    let inflated;
    let body = if body.starts_with(&[0x1f, 0x8b]) {
        inflated = gunzip(body);
        inflated.as_slice()
    } else {
        body
    };
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    if body.trim_ascii_start().starts_with(b"<") { parse_xml(body) } else { parse_text(body) }
}

fn gunzip(body: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    // A file that breaks off keeps what could be read.
    let _ = MultiGzDecoder::new(body).take(MAX_BYTES as u64).read_to_end(&mut out);
    out
}

fn parse_text(body: &[u8]) -> Sitemap {
    let pages = String::from_utf8_lossy(body).lines().filter_map(page_url).take(MAX_URLS).collect();
    Sitemap { pages, sitemaps: Vec::new() }
}

fn parse_xml(body: &[u8]) -> Sitemap {
    let mut found = Sitemap::default();
    let mut reader = Reader::from_reader(body);
    let mut buffer = Vec::new();
    // `<sitemap><loc>` is a further sitemap, `<url><loc>` a page; `<image:loc>` is neither.
    let mut in_index_entry = false;
    let mut location: Option<String> = None;
    while found.pages.len() + found.sitemaps.len() < MAX_URLS {
        buffer.clear();
        match reader.read_event_into(&mut buffer) {
            Ok(Event::Start(tag)) => match tag.name().as_ref() {
                b"sitemap" => in_index_entry = true,
                b"url" => in_index_entry = false,
                b"loc" => location = Some(String::new()),
                _ => {}
            },
            Ok(Event::Text(text)) => append(&mut location, &text.decode().unwrap_or_default()),
            Ok(Event::CData(text)) => append(&mut location, &text.decode().unwrap_or_default()),
            Ok(Event::GeneralRef(entity)) => append(&mut location, &entity_text(&entity)),
            Ok(Event::End(tag)) if tag.name().as_ref() == b"loc" => {
                if let Some(url) = location.take().and_then(|text| page_url(&text)) {
                    if in_index_entry { found.sitemaps.push(url) } else { found.pages.push(url) }
                }
            }
            Ok(Event::Eof) | Err(_) => break,
            Ok(_) => {}
        }
    }
    found
}

fn append(location: &mut Option<String>, text: &str) {
    if let Some(location) = location
        && location.len() + text.len() <= 4096
    {
        location.push_str(text);
    }
}

fn entity_text(entity: &quick_xml::events::BytesRef<'_>) -> String {
    if let Ok(Some(character)) = entity.resolve_char_ref() {
        return character.to_string();
    }
    let name: &[u8] = entity;
    match name {
        b"amp" => "&".to_owned(),
        b"apos" => "'".to_owned(),
        b"quot" => "\"".to_owned(),
        b"lt" => "<".to_owned(),
        b"gt" => ">".to_owned(),
        _ => String::new(),
    }
}

fn page_url(text: &str) -> Option<Url> {
    Url::parse(text.trim()).ok().filter(|url| matches!(url.scheme(), "http" | "https"))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    const PAGES: &str = r#"<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
        <url><loc> https://s.example/a?x=1&amp;y=2 </loc><image:image><image:loc>https://s.example/i.png</image:loc></image:image></url>
        <url><loc><![CDATA[https://s.example/b]]></loc></url><url><loc>mailto:x@y.z</loc></url></urlset>"#;

    fn urls(list: &[Url]) -> Vec<&str> {
        list.iter().map(Url::as_str).collect()
    }

    #[test]
    fn pages_are_read_with_entities_and_cdata() {
        assert_eq!(urls(&parse(PAGES.as_bytes()).pages), ["https://s.example/a?x=1&y=2", "https://s.example/b"]);
    }

    #[test]
    fn an_index_lists_further_sitemaps() {
        let index = "<sitemapindex><sitemap><loc>https://s.example/1.xml.gz</loc></sitemap></sitemapindex>";
        let found = parse(index.as_bytes());
        assert_eq!(urls(&found.sitemaps), ["https://s.example/1.xml.gz"]);
        assert!(found.pages.is_empty());
    }

    #[test]
    fn a_gzipped_sitemap_is_read_and_a_torn_one_as_far_as_it_goes() {
        let pages: String = (0..20_000).map(|n| format!("<url><loc>https://s.example/{n}</loc></url>")).collect();
        let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
        write!(gzip, "<urlset>{pages}</urlset>").unwrap();
        let gzip = gzip.finish().unwrap();
        assert_eq!(parse(&gzip).pages.len(), 20_000);
        let torn = parse(&gzip[..gzip.len() / 2]).pages.len();
        assert!((1_000..19_000).contains(&torn), "{torn} of about ten thousand pages");
    }

    #[test]
    fn a_bomb_stops_at_the_limit() {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
        let chunk = vec![b' '; 1024 * 1024];
        for _ in 0..60 {
            gzip.write_all(&chunk).unwrap();
        }
        assert_eq!(gunzip(&gzip.finish().unwrap()).len(), MAX_BYTES);
    }

    #[test]
    fn plain_text_is_one_address_a_line() {
        assert_eq!(urls(&parse(b"https://s.example/a\n\nnonsense\nhttps://s.example/b\n").pages).len(), 2);
    }

    #[test]
    fn broken_xml_keeps_what_came_before() {
        assert_eq!(parse(b"<urlset><url><loc>https://s.example/a</loc></url><url><loc <<").pages.len(), 1);
    }
}
