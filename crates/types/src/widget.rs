//! What the widget asks for and is told.

use serde::{Deserialize, Serialize};

use crate::conversation::text_enum;
use crate::{ConversationId, Transcript};

text_enum! {
    LauncherPosition { BottomRight = "bottom_right", BottomLeft = "bottom_left" }
}

/// Colours and place. `on_*` colours are computed by the server so that contrast is always at least 4.5:1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WidgetTheme {
    /// `#rrggbb`.
    pub accent: String,
    /// Text on the accent, `#rrggbb`.
    pub on_accent: String,
    /// The accent as text on the dark panel, lightened until it can be read.
    pub accent_dark: String,
    /// Text on `accent_dark`.
    pub on_accent_dark: String,
    pub position: LauncherPosition,
    /// `auto` follows the visitor's system.
    pub color_scheme: String,
}

/// The words of the panel, in the visitor's language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WidgetTexts {
    /// The team's or the shop's name, in the header.
    pub title: String,
    pub greeting: String,
    /// Said before the first answer (EU AI Act, Art. 50).
    pub ai_disclosure: String,
    /// When someone will answer.
    pub reply_time: String,
    pub input_placeholder: String,
}

/// Whether, and with which words, consent is asked for before the first message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConsentConfig {
    pub required: bool,
    pub text: String,
    /// Changes whenever the text does; recorded with the consent.
    pub version: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy_url: Option<String>,
}

/// Opens the panel by itself, when the tenant wants that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AutoOpen {
    pub after_seconds: u32,
}

/// `GET /api/customer/config?domain=`: public, the same for every visitor of the domain, cached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WidgetConfig {
    pub domain: String,
    pub version: i64,
    pub theme: WidgetTheme,
    pub texts: WidgetTexts,
    pub consent: ConsentConfig,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auto_open: Option<AutoOpen>,
    /// The longest message taken, in characters.
    pub max_message_chars: u32,
}

/// `POST /api/widget/session`: opens or resumes a visitor's session. Without `session_id` the server makes one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SessionRequest {
    pub domain: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page_url: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
}

/// The session with what the panel needs to show the conversation where it was left.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SessionResponse {
    pub session_id: String,
    pub config: WidgetConfig,
    /// The version of the consent text that this visitor agreed to, if any.
    #[serde(default)]
    pub consented_version: Option<String>,
    /// The visitor's unresolved conversation, if there is one.
    #[serde(default)]
    pub conversation_id: Option<ConversationId>,
    #[serde(default)]
    pub transcript: Option<Transcript>,
    #[serde(default)]
    pub status: Option<crate::ConversationStatus>,
    #[serde(default)]
    pub ai_state: Option<crate::AiState>,
    /// Agent in charge, by display name.
    #[serde(default)]
    pub agent: Option<String>,
    /// Messages of the team or the AI after the last one that the visitor read.
    pub unread: i64,
    /// Subscribe to `GET /api/widget/events` from here.
    pub event_seq: i64,
}

/// `POST /api/widget/consent`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConsentRequest {
    pub domain: String,
    pub session_id: String,
    /// The version of the text that was shown.
    pub version: String,
    pub granted: bool,
}

/// `POST /api/widget/erase`: deletes what is stored about the visitor who holds the session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EraseRequest {
    pub domain: String,
    pub session_id: String,
}

/// `POST /api/widget/handoff`: the visitor asks for a person. Without a conversation, the open one or a new one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HandoffRequest {
    pub domain: String,
    pub session_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conversation_id: Option<ConversationId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
}

/// Where the conversation stands after the hand-off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HandoffResponse {
    pub conversation_id: ConversationId,
    pub status: crate::ConversationStatus,
    pub ai_state: crate::AiState,
}

/// `POST /api/widget/typing`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct VisitorTyping {
    pub domain: String,
    pub session_id: String,
    pub conversation_id: ConversationId,
    pub typing: bool,
}

/// `POST /api/widget/read`: the visitor has seen the messages up to this one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct VisitorRead {
    pub domain: String,
    pub session_id: String,
    pub conversation_id: ConversationId,
    pub seq: i64,
}

/// What a tenant may set on a domain's widget. An absent field takes the default, in the visitor's language.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct WidgetSettings {
    /// `#rrggbb`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accent: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<LauncherPosition>,
    /// `auto`, `light` or `dark`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub color_scheme: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub greeting: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ai_disclosure: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply_time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input_placeholder: Option<String>,
    pub consent_required: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub consent_text: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy_url: Option<String>,
    /// Opens the panel by itself after so many seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auto_open_after_seconds: Option<u32>,
}

/// `GET /api/dashboard/config?domain=`: what is set, and what the widget makes of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DomainWidget {
    pub domain: String,
    pub version: i64,
    pub settings: WidgetSettings,
    pub config: WidgetConfig,
}

/// `POST /api/dashboard/config`: replaces the settings of a domain's widget.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UpdateWidget {
    pub domain: String,
    pub settings: WidgetSettings,
    /// Refuse with `conflict` unless the settings still have this version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<i64>,
}
