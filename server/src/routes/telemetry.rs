//! `/api/dashboard/telemetry…`: what the AI's turns cost, did and took.

use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures::{StreamExt, stream};
use http::{HeaderValue, header};
use omniops_domain::{Domain, Principal, telemetry};
use omniops_types::{
    Cursor, DEFAULT_LIMIT, ErrorBody, Page, TelemetryQuery, TelemetryReport, TelemetryTurn, TurnFilter,
};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::extract::{ExactQuery, Json, Signed};
use crate::{ApiError, ApiResult, AppState};

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(report)).routes(routes!(turns))
}

/// What the answer is written as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Format {
    #[default]
    Json,
    Csv,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct FormatQuery {
    /// `json` or `csv`; without it `json`.
    #[serde(default)]
    #[param(inline)]
    format: Format,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ListQuery {
    /// `json` or `csv`; without it `json`. A CSV file holds all pages, and takes neither `limit` nor `cursor`.
    #[serde(default)]
    #[param(inline)]
    format: Format,
    /// 1 to 100; 30 without it.
    limit: Option<u16>,
    /// `next_cursor` of the page before.
    cursor: Option<Cursor>,
}

/// Read the telemetry
///
/// Costs, tokens, latencies, outcomes, tools and errors of the AI's turns, from rollups that are seconds old; `freshness`
/// says how many. As CSV the series. Needs `analytics:read`.
#[utoipa::path(
    get, path = "/api/dashboard/telemetry", tag = "telemetry", operation_id = "getTelemetry",
    params(TelemetryQuery, FormatQuery),
    responses(
        (status = 200, content((TelemetryReport = "application/json"), (String = "text/csv"))),
        (status = 400, body = ErrorBody), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody), (status = 422, body = ErrorBody),
    )
)]
async fn report(
    State(domain): State<Domain>,
    Signed(principal): Signed,
    ExactQuery((query, format)): ExactQuery<(TelemetryQuery, FormatQuery)>,
) -> ApiResult<Response> {
    let report = telemetry::report(&domain, &principal, &query).await?;
    Ok(match format.format {
        Format::Json => Json(report).into_response(),
        Format::Csv => csv("telemetry.csv", telemetry::report_csv(&report).into()),
    })
}

/// List the turns behind the telemetry
///
/// With the same range and filters, and further ones for each part of it; the newest first. Needs `analytics:read`.
#[utoipa::path(
    get, path = "/api/dashboard/telemetry/turns", tag = "telemetry", operation_id = "listTurns",
    params(TelemetryQuery, TurnFilter, ListQuery),
    responses(
        (status = 200, content((Page<TelemetryTurn> = "application/json"), (String = "text/csv"))),
        (status = 400, body = ErrorBody), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody), (status = 422, body = ErrorBody),
    )
)]
async fn turns(
    State(domain): State<Domain>,
    Signed(principal): Signed,
    ExactQuery((query, filter, list)): ExactQuery<(TelemetryQuery, TurnFilter, ListQuery)>,
) -> ApiResult<Response> {
    let ListQuery { format, limit, cursor } = list;
    match format {
        Format::Json => {
            let limit = limit.unwrap_or(DEFAULT_LIMIT);
            let turns = telemetry::turns(&domain, &principal, &query, &filter, cursor, limit).await?;
            Ok(Json(turns).into_response())
        }
        Format::Csv if limit.is_some() => Err(ApiError::field("limit", "a CSV file holds all turns")),
        Format::Csv if cursor.is_some() => Err(ApiError::field("cursor", "a CSV file holds all turns")),
        Format::Csv => export(domain, principal, query, filter).await,
    }
}

/// All turns, page by page while the client reads. What goes wrong on the first page is still told; later it cuts the
/// file off, which a client sees by the missing end of the body.
async fn export(
    domain: Domain,
    principal: Principal,
    query: TelemetryQuery,
    filter: TurnFilter,
) -> ApiResult<Response> {
    let query = telemetry::pinned(query, chrono::Utc::now())?;
    let first = telemetry::export_page(&domain, &principal, &query, &filter, None).await?;
    let head = Bytes::from_static(telemetry::turns_csv_header().as_bytes());
    let rest = stream::try_unfold(first.next_cursor, move |cursor| {
        let (domain, principal, query, filter) = (domain.clone(), principal.clone(), query.clone(), filter.clone());
        async move {
            let Some(cursor) = cursor else { return Ok(None) };
            let page = telemetry::export_page(&domain, &principal, &query, &filter, Some(cursor)).await?;
            Ok::<_, omniops_domain::Error>(Some((Bytes::from(telemetry::turns_csv(&page.items)), page.next_cursor)))
        }
    });
    let lines = stream::iter([Ok(head), Ok(Bytes::from(telemetry::turns_csv(&first.items)))]).chain(rest);
    Ok(csv("turns.csv", Body::from_stream(lines)))
}

fn csv(name: &'static str, body: Body) -> Response {
    let mut response = body.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
    if let Ok(disposition) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        headers.insert(header::CONTENT_DISPOSITION, disposition);
    }
    response
}
