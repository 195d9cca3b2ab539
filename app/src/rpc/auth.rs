//! Log-in, log-out, change of tenant. Plain forms work too: without script the browser is redirected.

use leptos::prelude::*;
use omniops_types::TenantId;

use crate::error::AppError;

/// Starts a session and gives the page to open. Wrong credentials and too many attempts are errors with their codes.
#[server(prefix = "/rpc", endpoint = "auth/login")]
pub async fn login(email: String, password: String, next: Option<String>) -> Result<String, AppError> {
    use crate::ssr;
    use omniops_domain::accounts;
    let context = ssr::request()?;
    let request = omniops_types::LoginRequest { email, password };
    let page = crate::state::session::safe_next(next.as_deref());
    let session = match accounts::login(&context.domain, request, &context.meta).await {
        Ok(session) => session,
        // Without script there is nothing that could show the error but the page itself.
        Err(error) if ssr::wants_page() => {
            leptos_axum::redirect(&crate::state::session::login_path_after(&context.told(error), next.as_deref()));
            return Ok(page);
        }
        Err(error) => return Err(context.fail(error)),
    };
    ssr::set_cookie(&accounts::session_cookie(&session, context.production));
    if ssr::wants_page() {
        leptos_axum::redirect(&page);
    }
    Ok(page)
}

/// Ends the session here and on the server. Always leads to the log-in page.
#[server(prefix = "/rpc", endpoint = "auth/logout")]
pub async fn logout() -> Result<(), AppError> {
    use crate::ssr;
    let context = ssr::request()?;
    if let Some(session) = &context.session {
        omniops_domain::accounts::logout(&context.domain, &session.token).await.map_err(|e| context.fail(e))?;
    }
    ssr::set_cookie(&omniops_domain::accounts::cleared_session_cookie(context.production));
    leptos_axum::redirect("/login");
    Ok(())
}

/// Goes on working in another tenant of the user.
#[server(prefix = "/rpc", endpoint = "auth/switch_tenant")]
pub async fn switch_tenant(tenant_id: TenantId) -> Result<(), AppError> {
    use crate::ssr;
    // A form of the page itself: who is not signed in any more is sent where one signs in, and not shown data.
    if ssr::wants_page() && ssr::request()?.session.is_none() {
        leptos_axum::redirect("/login");
        return Ok(());
    }
    let (context, session) = ssr::authenticated()?;
    omniops_domain::accounts::switch_tenant(&context.domain, &session.token, tenant_id)
        .await
        .map_err(|e| context.fail(e))?;
    leptos_axum::redirect("/dashboard/conversations");
    Ok(())
}
