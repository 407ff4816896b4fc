//! `/api/v1/sign-in/{provider}`: a browser goes to an OpenID provider, and comes back.

use axum::{
    Extension,
    http::{HeaderMap, HeaderValue, StatusCode, Uri, header, uri::Authority},
    response::{IntoResponse, Response},
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use rapport_connect::http::is_this_machine;
use serde::Deserialize;
use utoipa::IntoParams;

use super::{
    access::Peer,
    extract::{ApiPath, ApiQuery},
    identify::{Acting, Cookie, cookie_value, session_cookie, set_cookie},
    problem::{CommonProblems, Problem, ProblemBody},
    sign_in::agent,
    state::ServerState,
};
use crate::{
    AppError,
    app::sign_in::providers::{CameBack, NotSignedIn},
};

/// Seconds for which a browser keeps the state of a sign-in that is under way.
const STATE_MAX_AGE_S: u32 = 600;

/// Where to afterwards.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub(crate) struct BeginParameters {
    /// The page to return to: a path of this server; anything else is the first page.
    #[param(example = "/contacts/c1")]
    return_to: Option<String>,
}

/// Sends the browser to an OpenID provider
#[utoipa::path(get, path = "/api/v1/sign-in/{provider}", tag = "sign-in", operation_id = "begin_sign_in",
    params(("provider" = String, Path, description = "The provider's id", example = "entra"), BeginParameters), responses(
    (status = 303, description = "To the provider; the state of the sign-in is a cookie"),
    (status = 403, description = "The provider cannot be reached, or the server does not know its own address", body = ProblemBody, content_type = "application/problem+json"),
    (status = 404, description = "There is no such provider", body = ProblemBody, content_type = "application/problem+json"),
    (status = 429, description = "Tried too often; `Retry-After` says when to try again", body = ProblemBody, content_type = "application/problem+json"),
    CommonProblems,
))]
pub(crate) async fn begin(
    Acting(state): Acting,
    Extension(peer): Extension<Peer>,
    ApiPath(provider): ApiPath<String>,
    headers: HeaderMap,
    uri: Uri,
    ApiQuery(BeginParameters { return_to }): ApiQuery<BeginParameters>,
) -> Result<Response, Problem> {
    state.limiter().attempt(peer.machine, None)?;
    let redirect_url = redirect_url(&state, &headers, &uri, &provider)?;
    let return_to = return_to.unwrap_or_default();
    let (url, secret) = state.app().begin_provider_sign_in(&provider, &redirect_url, &return_to).await?;
    let kept = set_cookie(Cookie::SignIn, Some(&secret), STATE_MAX_AGE_S, peer);
    Ok(see_other(&url, [kept]))
}

/// What a provider sends somebody back with.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub(crate) struct CallbackParameters {
    /// What they were sent with.
    state: String,
    /// The code, where the provider let them in.
    code: Option<String>,
    /// Who says so (RFC 9207).
    iss: Option<String>,
}

/// Lets in whom an OpenID provider sends back
#[utoipa::path(get, path = "/api/v1/sign-in/{provider}/callback", tag = "sign-in", operation_id = "finish_sign_in",
    params(("provider" = String, Path, description = "The provider's id", example = "entra"), CallbackParameters), responses(
    (status = 303, description = "Signed in: to the page that was asked for. Else to the first page, with `sign_in` `refused`, `unknown` or `failed`"),
    (status = 403, description = "The server does not know its own address", body = ProblemBody, content_type = "application/problem+json"),
    (status = 429, description = "Tried too often; `Retry-After` says when to try again", body = ProblemBody, content_type = "application/problem+json"),
    CommonProblems,
))]
pub(crate) async fn finish(
    Acting(state): Acting,
    Extension(peer): Extension<Peer>,
    ApiPath(provider): ApiPath<String>,
    headers: HeaderMap,
    uri: Uri,
    ApiQuery(CallbackParameters { state: said, code, iss }): ApiQuery<CallbackParameters>,
) -> Result<Response, Problem> {
    state.limiter().attempt(peer.machine, None)?;
    let redirect_url = redirect_url(&state, &headers, &uri, &provider)?;
    // The browser that comes back is the one that went: nobody is signed in as somebody else by a link.
    let is_same_browser = !said.is_empty() && cookie_value(&headers, Cookie::SignIn, peer) == Some(said.as_str());
    let finished = if is_same_browser {
        let back = CameBack { state: said, code, issuer: iss };
        state.app().finish_provider_sign_in(&provider, &redirect_url, &back, agent(&headers)).await?
    } else {
        Err(NotSignedIn::Failed)
    };
    let forgotten = set_cookie(Cookie::SignIn, None, 0, peer);
    Ok(match finished {
        Ok((token, return_to)) => see_other(&return_to, [session_cookie(Some(&token), peer), forgotten]),
        Err(why) => see_other(&format!("/?sign_in={}", word(why)), [forgotten]),
    })
}

fn word(why: NotSignedIn) -> &'static str {
    match why {
        NotSignedIn::Refused => "refused",
        NotSignedIn::Unknown => "unknown",
        NotSignedIn::Failed => "failed",
    }
}

fn see_other<const N: usize>(location: &str, cookies: [HeaderValue; N]) -> Response {
    let location = HeaderValue::try_from(location).unwrap_or(HeaderValue::from_static("/"));
    let mut response = (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response();
    for cookie in cookies {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// Where a provider sends people back to: under our public address, or on this machine under the name that was asked for.
fn redirect_url(state: &ServerState, headers: &HeaderMap, uri: &Uri, provider: &str) -> Result<String, AppError> {
    let path =
        format!("/api/v1/sign-in/{}/callback", utf8_percent_encode(provider, NON_ALPHANUMERIC).to_string().replace("%2D", "-"));
    let public = state.link(&path);
    if public != path {
        return Ok(public);
    }
    let said = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let host: Option<Authority> = said.and_then(|host| host.parse().ok()).or_else(|| uri.authority().cloned());
    match host.filter(|host| is_this_machine(host.host())) {
        Some(host) => Ok(format!("http://{host}{path}")),
        None => Err(AppError::refused("the server does not know under which address browsers reach it")
            .with_hint("start it with --public-url https://YOUR.HOST, and register that address at the provider")),
    }
}
