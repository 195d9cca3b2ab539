#![doc = include_str!("../README.md")]

mod agent;
mod alert;
mod auth;
mod chat;
mod connections;
mod conversation;
mod customer;
mod error;
mod event;
mod feedback;
mod ids;
mod knowledge;
mod ledger;
mod money;
mod page;
mod receipt;
mod telemetry;
mod widget;

pub use agent::{
    AgentConfig, AgentSettings, AnswerLength, EscalationAction, EscalationRule, EscalationSettings, HttpTool,
    LanguagePolicy, ModelInForce, ModelSettings, Persona, Tone, ToolSettings, UpdateAgent,
};
pub use alert::{Alert, AlertConfig, AlertKind, AlertSettings, UpdateAlerts};
pub use auth::{LoginRequest, Me, Membership, Permission, Role, Scope};
pub use chat::{
    AcceptedEvent, ChatReply, ChatRequest, ChatResponse, DeltaEvent, Source, ToolEvent, ToolStatus, chat_event,
};
pub use connections::{
    CreateIdentityKey, IdentityKey, IdentityKeys, IssuedKey, StoreCheck, StoreConnection, StoreKind, StoreProblem,
    StoreSettings, UpdateStore,
};
pub use conversation::{
    AiState, Assignee, Author, AuthorKind, Channel, Conversation, ConversationCounts, ConversationDetail,
    ConversationFilter, ConversationPage, ConversationPatch, ConversationStatus, ConversationView, MarkRead, Message,
    MessageKind, NewMessage, Priority, SetTyping, Transcript,
};
pub use customer::CustomerCard;
pub use error::{ErrorBody, ErrorCode, ErrorDetail, FieldErrors};
pub use event::{Event, EventData, Signal, TypingParty, VisitorEvent};
pub use feedback::{FeedbackReason, FeedbackRequest, MAX_FEEDBACK_COMMENT_CHARS, MessageFeedback, Rating};
pub use ids::{
    AlertId, ApiKeyId, ChunkId, ConversationId, CustomerId, DomainId, IdParseError, JobId, MessageId, ModelCallId,
    PageId, SearchId, SourceId, TenantId, TurnId, UserId,
};
pub use knowledge::{CrawlProgress, JobStatus, PassageHit, RunFailure, SourceKind};
pub use ledger::{BudgetSettings, BudgetStage, BudgetState, BudgetUse, MicroUsd, MicroUsdParseError};
pub use money::{Currency, Money, MoneyParseError};
pub use page::{Cursor, DEFAULT_LIMIT, MAX_LIMIT, Page};
pub use receipt::{
    PreviewLine, PreviewReply, PreviewRequest, PromptPart, Receipt, ReceiptCall, ReceiptClaim, ReceiptEmbedding,
    ReceiptPassage, ReceiptTool, Replay, ReplayRequest, ReplayedAnswer,
};
pub use telemetry::{
    CostProjection, DomainTelemetry, Freshness, Granularity, HeatCell, Latencies, LiveSessions, LocalSpan,
    ModelTelemetry, Objective, Percentiles, Resolution, Spend, TelemetryChoices, TelemetryFigures, TelemetryPoint,
    TelemetryQuery, TelemetryRange, TelemetryReport, TelemetryTurn, ToolTelemetry, TurnCount, TurnFallback, TurnFilter,
    TurnOutcome, TurnToolCall,
};
pub use widget::{
    AutoOpen, ConsentConfig, ConsentRequest, DomainWidget, EraseRequest, HandoffRequest, HandoffResponse,
    LauncherPosition, SessionRequest, SessionResponse, UpdateWidget, VisitorRead, VisitorTyping, WidgetConfig,
    WidgetSettings, WidgetTexts, WidgetTheme,
};

/// A point in time, UTC. On the wire RFC 3339 with microseconds at most.
pub type Timestamp = chrono::DateTime<chrono::Utc>;
