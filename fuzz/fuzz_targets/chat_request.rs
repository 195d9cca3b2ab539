//! Any bytes as a chat request: refused, or read and written back as the same request.
#![no_main]

use libfuzzer_sys::fuzz_target;
use omniops_types::ChatRequest;

fuzz_target!(|body: &[u8]| {
    if let Ok(request) = serde_json::from_slice::<ChatRequest>(body) {
        let written = serde_json::to_vec(&request).expect("a request can be written");
        let read: ChatRequest = serde_json::from_slice(&written).expect("what was written can be read");
        assert_eq!(request, read);
    }
});
