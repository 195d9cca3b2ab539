//! The inbox's address: view, filters and conversation, so that reload, back and a shared link lead to the same place.

use omniops_types::{ConversationFilter, ConversationId, ConversationStatus, ConversationView};

pub const BASE: &str = "/dashboard/conversations";

/// The list that one gets without asking for one.
pub const DEFAULT_VIEW: ConversationView = ConversationView::All;

/// The filter that a query means. What cannot be read is left out, as if it were not there.
pub fn filter_of(view: Option<&str>, status: Option<&str>, assignee: Option<&str>) -> ConversationFilter {
    ConversationFilter {
        view: view.and_then(ConversationView::parse).unwrap_or(DEFAULT_VIEW),
        status: status.and_then(ConversationStatus::parse),
        assignee: assignee.and_then(|id| id.parse().ok()),
    }
}

/// The conversation that a path names.
pub fn conversation_of(path: &str) -> Option<ConversationId> {
    path.strip_prefix(BASE)?.trim_matches('/').parse().ok()
}

/// The address of a list, with a conversation open beside it or not.
pub fn href(filter: ConversationFilter, conversation: Option<ConversationId>) -> String {
    let ConversationFilter { view, status, assignee } = filter;
    let mut address = conversation.map_or_else(|| BASE.to_owned(), |id| format!("{BASE}/{id}"));
    let mut separator = '?';
    let mut add = |name: &str, value: &str| {
        address.push(separator);
        address.push_str(name);
        address.push('=');
        address.push_str(value);
        separator = '&';
    };
    if view != DEFAULT_VIEW {
        add("view", view.as_str());
    }
    if let Some(status) = status {
        add("status", status.as_str());
    }
    if let Some(assignee) = assignee {
        add("assignee", &assignee.to_string());
    }
    address
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::fixtures::{conversation_id, user};

    #[test]
    fn every_filter_reads_back_from_its_address() {
        for view in ConversationView::ALL {
            for status in ConversationStatus::ALL.iter().copied().map(Some).chain([None]) {
                for assignee in [None, Some(user(7))] {
                    let filter = ConversationFilter { view: *view, status, assignee };
                    let address = href(filter, Some(conversation_id(5)));
                    let (path, query) = address.split_once('?').unwrap_or((&address, ""));
                    let value = |name: &str| {
                        query
                            .split('&')
                            .filter_map(|pair| pair.split_once('='))
                            .find(|(key, _)| *key == name)
                            .map(|(_, v)| v)
                    };
                    assert_eq!(filter_of(value("view"), value("status"), value("assignee")), filter, "{address}");
                    assert_eq!(conversation_of(path), Some(conversation_id(5)));
                }
            }
        }
    }

    #[test]
    fn nonsense_in_an_address_is_left_out() {
        let filter = filter_of(Some("nobody"), Some("'; drop table"), Some("me"));
        assert_eq!(filter, ConversationFilter { view: DEFAULT_VIEW, status: None, assignee: None });
        assert_eq!(conversation_of("/dashboard/conversations"), None);
        assert_eq!(conversation_of("/dashboard/conversations/42"), None);
        assert_eq!(conversation_of("/dashboard/ui"), None);
    }
}
