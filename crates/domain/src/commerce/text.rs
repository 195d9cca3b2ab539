/// At most this many characters; what is cut ends in an ellipsis.
pub(super) fn clipped(text: &str, limit: usize) -> String {
    match text.char_indices().nth(limit) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default().trim_end()),
    }
}

#[cfg(test)]
mod tests {
    use super::clipped;

    #[test]
    fn a_text_is_cut_between_characters() {
        assert_eq!(clipped("帽子 cap", 7), "帽子 cap");
        assert_eq!(clipped("帽子 cap", 3), "帽子…");
        assert_eq!(clipped("", 3), "");
    }
}
