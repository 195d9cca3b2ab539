//! Server-sent events with a bound: a line or an event that is longer is an error before it is held.
//!
//! <https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation>

/// A line or an event is longer than allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Overlong;

/// Cuts bytes into the data of events.
#[derive(Debug)]
pub(super) struct EventDecoder {
    /// The line so far.
    line: Vec<u8>,
    /// The event's data so far; `None` before its first line.
    data: Option<Vec<u8>>,
    /// The last byte was a CR, so that an LF now belongs to the same line end.
    after_cr: bool,
    /// Nothing was read yet, so that a byte order mark may come.
    at_start: bool,
    /// What a line, and an event, may be at most, in bytes.
    limit: usize,
}

impl EventDecoder {
    pub(super) const fn new(limit: usize) -> Self {
        Self { line: Vec::new(), data: None, after_cr: false, at_start: true, limit }
    }

    /// Reads on; adds the data of each event that ends here.
    pub(super) fn push(&mut self, mut bytes: &[u8], events: &mut Vec<Vec<u8>>) -> Result<(), Overlong> {
        while let Some((first, rest)) = bytes.split_first() {
            if self.after_cr {
                self.after_cr = false;
                if *first == b'\n' {
                    bytes = rest;
                    continue;
                }
            }
            let end = bytes.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
            let (part, rest) = bytes.split_at_checked(end.unwrap_or(bytes.len())).unwrap_or((bytes, &[]));
            if self.line.len() + part.len() > self.limit {
                return Err(Overlong);
            }
            self.line.extend_from_slice(part);
            let Some((ender, rest)) = rest.split_first() else { break };
            self.after_cr = *ender == b'\r';
            self.end_line(events)?;
            bytes = rest;
        }
        Ok(())
    }

    /// The event that the end of the stream ends; half a line is none.
    pub(super) fn end(&mut self) -> Option<Vec<u8>> {
        self.data.take()
    }

    fn end_line(&mut self, events: &mut Vec<Vec<u8>>) -> Result<(), Overlong> {
        let mut line = std::mem::take(&mut self.line);
        let result = self.read_line(&line, events);
        line.clear();
        self.line = line;
        result
    }

    fn read_line(&mut self, mut line: &[u8], events: &mut Vec<Vec<u8>>) -> Result<(), Overlong> {
        if std::mem::take(&mut self.at_start) {
            line = line.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(line);
        }
        if line.is_empty() {
            events.extend(self.data.take());
            return Ok(());
        }
        // `data:` with or without a blank after it; comments and other fields say nothing here.
        let Some(value) = line.strip_prefix(b"data") else { return Ok(()) };
        let value = match value.split_first() {
            None => value,
            Some((b':', value)) => value.strip_prefix(b" ").unwrap_or(value),
            Some(_) => return Ok(()),
        };
        match &mut self.data {
            None => self.data = Some(value.to_vec()),
            Some(data) if data.len() + 1 + value.len() > self.limit => return Err(Overlong),
            Some(data) => {
                data.push(b'\n');
                data.extend_from_slice(value);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn decode<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> Vec<String> {
        let mut decoder = EventDecoder::new(1000);
        let mut events = Vec::new();
        for part in parts {
            decoder.push(part, &mut events).unwrap();
        }
        events.extend(decoder.end());
        events.into_iter().map(|event| String::from_utf8(event).unwrap()).collect()
    }

    #[test]
    fn lines_may_end_in_any_way_and_comments_and_other_fields_say_nothing() {
        let stream =
            "\u{feff}: hello\r\nevent: message\ndata: a\r\rdata:b\n\n\n: ping\n\nid: 7\ndata\n\ndatabase: x\n\n";
        assert_eq!(decode([stream.as_bytes()]), ["a", "b", ""]);
    }

    #[test]
    fn several_lines_of_data_are_one_event() {
        assert_eq!(decode([&b"data: {\ndata: }\n\n"[..]]), ["{\n}"]);
    }

    #[test]
    fn the_end_of_the_stream_ends_an_event_but_half_a_line_is_none() {
        assert_eq!(decode([&b"data: [DONE]\n"[..]]), ["[DONE]"]);
        assert_eq!(decode([&b"data: a\n\ndata: {\"cho"[..]]), ["a"]);
    }

    #[test]
    fn an_endless_line_and_an_endless_event_are_refused_before_they_are_held() {
        let mut events = Vec::new();
        let mut decoder = EventDecoder::new(100);
        let refused = (0..20).find_map(|_| decoder.push(b"0123456789", &mut events).err());
        assert_eq!(refused, Some(Overlong));
        assert!(decoder.line.len() <= 100);

        let mut decoder = EventDecoder::new(100);
        let refused = (0..20).find_map(|_| decoder.push(b"data: 0123456789\n", &mut events).err());
        assert_eq!(refused, Some(Overlong));
        assert!(decoder.data.is_some_and(|data| data.len() <= 100));
    }

    proptest! {
        #[test]
        fn where_packets_are_cut_changes_nothing(
            stream in proptest::collection::vec(
                prop_oneof![Just("data: "), Just("\n"), Just("\r"), Just("\r\n"), Just("x"), Just(": c"), Just("é")], 0..60),
            cuts in proptest::collection::vec(0..400_usize, 0..8),
        ) {
            let stream = stream.concat().into_bytes();
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut % (stream.len() + 1)).collect();
            cuts.extend([0, stream.len()]);
            cuts.sort_unstable();
            let parts: Vec<&[u8]> = cuts.windows(2).map(|pair| &stream[pair[0]..pair[1]]).collect();
            prop_assert_eq!(decode(parts), decode([stream.as_slice()]));
        }
    }
}
