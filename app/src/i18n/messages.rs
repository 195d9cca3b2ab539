//! Which texts there are.

use omniops_types::{AiState, ConversationStatus, ConversationView, ErrorCode, FeedbackReason, Priority, Rating, Role};

use super::agent::{Agent, Trace};
use super::connections::Connections;
use super::telemetry::Telemetry;

/// A text with a number in it.
pub type Plural = fn(i64) -> String;
/// A text with a name or a value in it.
pub type With = fn(&str) -> String;

/// Every text of the dashboard in one language.
#[derive(Debug)]
pub struct Messages {
    pub common: Common,
    pub time: Time,
    pub login: Login,
    pub shell: Shell,
    pub inbox: Inbox,
    pub thread: Thread,
    pub composer: Composer,
    pub customer: Customer,
    pub keys: Keys,
    pub agent: Agent,
    pub trace: Trace,
    pub connections: Connections,
    pub telemetry: Telemetry,
    pub not_found: NotFound,
    pub role: fn(Role) -> &'static str,
    pub status: fn(ConversationStatus) -> &'static str,
    pub ai_state: fn(AiState) -> &'static str,
    pub priority: fn(Priority) -> &'static str,
    pub view: fn(ConversationView) -> &'static str,
    /// What happened and what to do next; the number is the seconds to wait.
    pub error: fn(ErrorCode, Option<u32>) -> String,
}

#[derive(Debug)]
pub struct Common {
    pub close: &'static str,
    pub conflict: &'static str,
    pub copy: &'static str,
    pub copied: &'static str,
    pub discard: &'static str,
    pub dismiss: &'static str,
    pub keep: &'static str,
    pub leave: &'static str,
    pub leave_hint: &'static str,
    pub leave_title: &'static str,
    pub load_more: &'static str,
    pub loading: &'static str,
    pub next: &'static str,
    pub previous: &'static str,
    pub page: With,
    pub reload: &'static str,
    pub remove: &'static str,
    pub remove_named: With,
    pub replace: &'static str,
    pub request_id: &'static str,
    pub retry: &'static str,
    pub save: &'static str,
    pub secret_kept: &'static str,
    pub secret_removed: &'static str,
    pub skip_to_content: &'static str,
    pub stay: &'static str,
    pub unsaved: &'static str,
}

#[derive(Debug)]
pub struct Time {
    pub just_now: &'static str,
    pub minutes_ago: Plural,
    pub hours_ago: Plural,
    pub days_ago: Plural,
    /// Short names, January first.
    pub months: [&'static str; 12],
    pub minutes_short: Plural,
    pub hours_short: Plural,
    pub days_short: Plural,
    pub under_a_minute: &'static str,
    pub today: &'static str,
    pub yesterday: &'static str,
}

#[derive(Debug)]
pub struct Login {
    pub page: &'static str,
    pub heading: &'static str,
    pub lead: &'static str,
    pub email: &'static str,
    pub password: &'static str,
    pub show_password: &'static str,
    pub hide_password: &'static str,
    pub submit: &'static str,
    pub submitting: &'static str,
    pub signed_out_hint: &'static str,
}

#[derive(Debug)]
pub struct Shell {
    pub navigation: &'static str,
    pub inbox: &'static str,
    pub agent: &'static str,
    pub connections: &'static str,
    pub telemetry: &'static str,
    pub ui_kit: &'static str,
    pub collapse: &'static str,
    pub expand: &'static str,
    pub open_menu: &'static str,
    pub workspace: &'static str,
    pub switch_workspace: &'static str,
    pub account: &'static str,
    pub sign_out: &'static str,
    pub theme: &'static str,
    pub theme_light: &'static str,
    pub theme_dark: &'static str,
    pub theme_system: &'static str,
    pub language: &'static str,
    pub connecting: &'static str,
    pub live: &'static str,
    pub offline: &'static str,
    pub live_hint: &'static str,
    pub offline_hint: &'static str,
    pub notifications: &'static str,
}

#[derive(Debug)]
pub struct Inbox {
    pub page: &'static str,
    pub views: &'static str,
    pub list: &'static str,
    pub status: &'static str,
    pub any_status: &'static str,
    pub assignee: &'static str,
    pub anyone: &'static str,
    pub me: &'static str,
    pub unassigned: &'static str,
    pub unread: Plural,
    pub waiting: With,
    pub ai_answering: &'static str,
    pub ai: &'static str,
    pub end_of_list: &'static str,
    pub empty_mine: &'static str,
    pub empty_mine_hint: &'static str,
    pub empty_unassigned: &'static str,
    pub empty_unassigned_hint: &'static str,
    pub empty_all: &'static str,
    pub empty_all_hint: &'static str,
    pub empty_filtered: &'static str,
    pub empty_filtered_hint: &'static str,
    pub clear_filters: &'static str,
    pub show_unassigned: &'static str,
    pub show_all: &'static str,
    pub none_selected: &'static str,
    pub none_selected_hint: &'static str,
    pub load_failed: &'static str,
}

#[derive(Debug)]
pub struct Thread {
    pub back: &'static str,
    pub transcript: &'static str,
    pub load_failed: &'static str,
    pub load_older: &'static str,
    pub beginning: &'static str,
    pub jump_to_latest: &'static str,
    pub ai_label: &'static str,
    pub note_label: &'static str,
    pub confidence: With,
    pub confidence_hint: &'static str,
    pub sources: Plural,
    pub open_source: With,
    pub opinion: fn(Rating) -> &'static str,
    pub reason_of: fn(FeedbackReason) -> &'static str,
    pub assign: &'static str,
    pub assign_to_me: &'static str,
    pub unassign: &'static str,
    pub assigned_to: With,
    pub resolve: &'static str,
    pub reopen: &'static str,
    pub take_over: &'static str,
    pub take_over_hint: &'static str,
    pub hand_back: &'static str,
    pub hand_back_hint: &'static str,
    pub customer_panel: &'static str,
    pub typing: With,
    pub ai_typing: &'static str,
    pub customer_online: &'static str,
    pub change_failed: &'static str,
    pub resolved_toast: &'static str,
    pub undo: &'static str,
    pub sending: &'static str,
    pub not_sent: &'static str,
    pub edit: &'static str,
    pub not_found: &'static str,
    pub not_found_hint: &'static str,
}

#[derive(Debug)]
pub struct Composer {
    pub region: &'static str,
    pub reply: &'static str,
    pub note: &'static str,
    pub mode: &'static str,
    pub reply_placeholder: With,
    pub note_placeholder: &'static str,
    pub reply_label: &'static str,
    pub note_label: &'static str,
    pub send: &'static str,
    pub add_note: &'static str,
    pub hint: &'static str,
    pub ai_active_hint: &'static str,
    pub resolved_hint: &'static str,
    pub read_only: &'static str,
    pub too_long: With,
    pub send_failed: &'static str,
}

#[derive(Debug)]
pub struct Customer {
    pub heading: &'static str,
    pub email: &'static str,
    pub language: &'static str,
    pub last_page: &'static str,
    pub site: &'static str,
    pub channel: &'static str,
    pub channel_widget: &'static str,
    pub channel_api: &'static str,
    pub conversation: &'static str,
    pub started: &'static str,
    pub last_activity: &'static str,
    pub priority: &'static str,
    pub unknown: &'static str,
}

#[derive(Debug)]
pub struct Keys {
    pub heading: &'static str,
    pub next: &'static str,
    pub previous: &'static str,
    pub open: &'static str,
    pub reply: &'static str,
    pub note: &'static str,
    pub resolve: &'static str,
    pub assign: &'static str,
    pub send: &'static str,
    pub sheet: &'static str,
    pub back: &'static str,
}

#[derive(Debug)]
pub struct NotFound {
    pub page: &'static str,
    pub heading: &'static str,
    pub hint: &'static str,
    pub home: &'static str,
}
