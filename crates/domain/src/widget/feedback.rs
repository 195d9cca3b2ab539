//! The visitor's thumb on an answer of the AI.

use omniops_postgres::retrying;
use omniops_types::{FeedbackRequest, MAX_FEEDBACK_COMMENT_CHARS, Rating};

use super::queries;
use super::visitor::{Visitor, check_optional, visitor};
use crate::accounts::RequestMeta;
use crate::{Domain, Error, Result};

/// Notes what the visitor thinks of an answer of the AI in one of their own conversations; `not_found` for any other
/// message. The last word counts, and without a rating there is none any more.
pub async fn feedback(domain: &Domain, request: &FeedbackRequest, meta: &RequestMeta) -> Result<()> {
    check_optional("comment", request.comment.as_deref(), MAX_FEEDBACK_COMMENT_CHARS)?;
    if request.reason.is_some() && request.rating != Some(Rating::Down) {
        return Err(Error::field("reason", "goes with a thumb down only"));
    }
    let visitor = visitor(domain, &request.domain, &request.session_id, meta).await?;
    retrying(|| feedback_once(domain, &visitor, request)).await
}

async fn feedback_once(domain: &Domain, visitor: &Visitor, request: &FeedbackRequest) -> Result<()> {
    let mut tx = domain.database.tenant(visitor.site.tenant_id).await?;
    let customer = visitor.customer_id;
    if !queries::is_answer_to(&mut tx, request.message_id, customer, visitor.site.domain_id).await? {
        return Err(Error::NotFound("message"));
    }
    match request.rating {
        Some(rating) => {
            let comment = request.comment.as_deref().map(str::trim).filter(|comment| !comment.is_empty());
            queries::save_feedback(&mut tx, request.message_id, customer, rating, request.reason, comment).await?;
        }
        None => queries::delete_feedback(&mut tx, request.message_id, customer).await?,
    }
    tx.commit().await?;
    Ok(())
}
