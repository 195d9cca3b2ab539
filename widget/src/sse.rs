//! Server-sent events, parsed by hand: the browser's `EventSource` cannot send a POST.
//!
//! Bytes come in any portions, also split within a character or between `\r` and `\n`.

/// One event of the stream.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SseEvent {
    /// The `event` field; empty when the stream gave none.
    pub name: String,
    /// The `data` lines, joined with `\n`.
    pub data: String,
}

/// Turns portions of bytes into events.
#[derive(Debug, Default)]
pub struct SseParser {
    line: Vec<u8>,
    name: String,
    data: String,
    has_data: bool,
    after_carriage_return: bool,
}

impl SseParser {
    /// Takes the next portion and gives the events that it completes.
    pub fn push(&mut self, portion: &[u8]) -> Vec<SseEvent> {
        let mut events = Vec::new();
        for &byte in portion {
            let follows_return = core::mem::take(&mut self.after_carriage_return);
            match byte {
                b'\n' if follows_return => {}
                b'\n' | b'\r' => {
                    self.after_carriage_return = byte == b'\r';
                    events.extend(self.end_line());
                }
                _ => self.line.push(byte),
            }
        }
        events
    }

    fn end_line(&mut self) -> Option<SseEvent> {
        // What is not UTF-8 is nothing that our server wrote.
        let decoded = String::from_utf8(core::mem::take(&mut self.line)).ok()?;
        let line = decoded.trim_start_matches('\u{feff}');
        if line.is_empty() {
            return self.end_event();
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => value.clone_into(&mut self.name),
            "data" => {
                if self.has_data {
                    self.data.push('\n');
                }
                self.has_data = true;
                self.data.push_str(value);
            }
            // Comments (heartbeats) have an empty field name; `id` and `retry` mean nothing here.
            _ => {}
        }
        None
    }

    fn end_event(&mut self) -> Option<SseEvent> {
        let name = core::mem::take(&mut self.name);
        let data = core::mem::take(&mut self.data);
        core::mem::take(&mut self.has_data).then_some(SseEvent { name, data })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn event(name: &str, data: &str) -> SseEvent {
        SseEvent { name: name.into(), data: data.into() }
    }

    #[test]
    fn events_end_at_the_blank_line() {
        let mut parser = SseParser::default();
        assert_eq!(parser.push(b"event: delta\ndata: {\"text\":\"a\"}\n"), vec![]);
        assert_eq!(
            parser.push(b"\nevent: done\ndata: {}\n\n"),
            vec![event("delta", "{\"text\":\"a\"}"), event("done", "{}")]
        );
    }

    #[test]
    fn data_lines_are_joined_and_heartbeats_give_nothing() {
        let mut parser = SseParser::default();
        assert_eq!(parser.push(b": still here\n\ndata: one\ndata:two\n\n"), vec![event("", "one\ntwo")]);
    }

    #[test]
    fn an_event_without_data_is_dropped_with_its_name() {
        let mut parser = SseParser::default();
        assert_eq!(parser.push(b"event: lost\n\ndata: kept\n\n"), vec![event("", "kept")]);
    }

    #[test]
    fn all_three_line_ends_are_understood() {
        let mut parser = SseParser::default();
        assert_eq!(
            parser.push(b"data: a\r\n\r\ndata: b\r\rdata: c\n\n"),
            vec![event("", "a"), event("", "b"), event("", "c")]
        );
    }

    proptest! {
        #[test]
        fn it_does_not_matter_where_the_network_cuts(cut in 0usize..70) {
            let stream = "event: delta\r\ndata: {\"text\":\"Größe – 👟\"}\r\n\r\nevent: done\ndata: {}\n\n".as_bytes();
            let whole = SseParser::default().push(stream);
            let (head, tail) = stream.split_at(cut.min(stream.len()));
            let mut parser = SseParser::default();
            let mut pieces = parser.push(head);
            pieces.extend(parser.push(tail));
            prop_assert_eq!(pieces, whole);
        }
    }
}
