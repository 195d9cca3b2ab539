//! Any bytes as a page: no panic, no overflow, no endless work, no empty block.
#![no_main]

use libfuzzer_sys::fuzz_target;
use omniops_crawler::{decode, extract};

fuzz_target!(|body: &[u8]| {
    let url = url::Url::parse("https://shop.example/help/page").expect("a constant");
    let page = extract(&decode(body, None), &url);
    assert!(!page.title.is_empty());
    assert!(page.blocks.iter().all(|block| !block.text.trim().is_empty()));
    assert_eq!(page.content_hash(), extract(&decode(body, None), &url).content_hash());
});
