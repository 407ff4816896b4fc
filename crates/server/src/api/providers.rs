//! `/api/v1/providers`: OpenID providers. `/api/v1/sign-in/{provider}`: a browser goes to one, and comes back.

use axum::{
    Extension, Json,
    http::{HeaderMap, HeaderValue, StatusCode, Uri, header, uri::Authority},
    response::{IntoResponse, Response},
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use rapport_connect::http::is_this_machine;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    access::Peer,
    extract::{ApiJson, ApiPath, ApiQuery, NoParameters},
    identify::{Acting, Cookie, cookie_value, session_cookie, set_cookie},
    problem::{CommonProblems, Problem, ProblemBody},
    sign_in::agent,
    state::ServerState,
};
use crate::{
    AppError,
    app::sign_in::{
        providers::{CameBack, LetIn, NewProvider, NewSecret, NotSignedIn, ProviderSummary},
        tenant_administrators::AdministratorRule,
    },
};

/// Seconds for which a browser keeps the state of a sign-in that is under way.
const STATE_MAX_AGE_S: u32 = 600;
/// Seconds for which a browser keeps the ticket of a tenant administrator; the ticket itself says how long it is good.
const TICKET_MAX_AGE_S: u32 = 1_800;

/// An OpenID provider as administrators see it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProviderSettingsBody {
    /// A short word that stands in addresses.
    #[schema(example = "entra")]
    id: String,
    /// What the sign-in page calls it.
    name: String,
    /// Its issuer's address.
    issuer: String,
    /// As what Rapport is known there.
    client_id: String,
    /// Whether Rapport has a secret there; it is told to nobody.
    has_secret: bool,
    /// Whether its addresses count as verified where it says nothing about that.
    trusts_addresses: bool,
    /// By what it says who is a tenant administrator; null: nobody is.
    administrators: Option<AdministratorsBody>,
    /// Where it sends people back to: to be registered there. Without scheme and host where the server does not know its public address.
    redirect_url: String,
    /// What is wrong with it, where it was asked just now.
    problem: Option<String>,
}

/// By what a provider says that somebody is a tenant administrator.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"claim": "wids", "value": "62e90394-69f5-4237-9190-012177145e10"}))]
pub(crate) struct AdministratorsBody {
    /// Name of a claim in its ID token.
    claim: String,
    /// What the claim says then, or one of what it holds.
    value: String,
}

impl ProviderSettingsBody {
    fn new(state: &ServerState, provider: ProviderSummary, problem: Option<String>) -> Self {
        let ProviderSummary { id, name, issuer, client_id, has_secret, trusts_addresses, administrators } = provider;
        let administrators = administrators.map(|AdministratorRule { claim, value }| AdministratorsBody { claim, value });
        let redirect_url = state.link(&callback_path(&id));
        Self { id, name, issuer, client_id, has_secret, trusts_addresses, administrators, redirect_url, problem }
    }
}

/// OpenID providers.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProvidersBody {
    /// By name.
    items: Vec<ProviderSettingsBody>,
}

/// OpenID providers by which users sign in, without their secrets
#[utoipa::path(get, path = "/api/v1/providers", tag = "sign-in", operation_id = "list_providers",
    responses((status = 200, description = "By name", body = ProvidersBody), CommonProblems))]
pub(crate) async fn list(Acting(state): Acting, _query: NoParameters) -> Result<Json<ProvidersBody>, Problem> {
    let all = state.app().providers().await?;
    Ok(Json(ProvidersBody { items: all.into_iter().map(|one| ProviderSettingsBody::new(&state, one, None)).collect() }))
}

/// An OpenID provider to keep.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Entra ID", "issuer": "https://login.microsoftonline.com/TENANT/v2.0", "client_id": "ID", "secret": "SECRET", "trusts_addresses": true}))]
pub(crate) struct NewProviderBody {
    /// What the sign-in page calls it; empty: its id.
    #[serde(default)]
    name: String,
    /// Its issuer's address.
    issuer: String,
    /// As what Rapport is known there.
    client_id: String,
    /// Rapport's secret there. Empty: none (a public client). Missing: the known one stays, while issuer and client stay.
    #[serde(default)]
    secret: Option<String>,
    /// Whether its addresses count as verified where it says nothing about that: a directory of one's own.
    #[serde(default)]
    trusts_addresses: bool,
    /// By what it says who is a tenant administrator; only whoever may consent sets it.
    #[serde(default)]
    administrators: Option<AdministratorsBody>,
}

/// Adds or changes an OpenID provider; from then on everybody signs in
#[utoipa::path(put, path = "/api/v1/providers/{id}", tag = "sign-in", operation_id = "put_provider",
    params(("id" = String, Path, description = "A short word of small letters, digits and `-`", example = "entra")),
    request_body = NewProviderBody, responses(
    (status = 200, description = "Kept; `problem` says what is wrong where it does not answer", body = ProviderSettingsBody),
    (status = 403, description = "One may not", body = ProblemBody, content_type = "application/problem+json"),
    (status = 415, description = "The body is no JSON", body = ProblemBody, content_type = "application/problem+json"),
    (status = 422, description = "The body makes no sense", body = ProblemBody, content_type = "application/problem+json"),
    CommonProblems,
))]
pub(crate) async fn put(
    Acting(state): Acting,
    ApiPath(id): ApiPath<String>,
    _query: NoParameters,
    ApiJson(body): ApiJson<NewProviderBody>,
) -> Result<Json<ProviderSettingsBody>, Problem> {
    let NewProviderBody { name, issuer, client_id, secret, trusts_addresses, administrators } = body;
    let secret = match secret.as_deref().map(str::trim) {
        None => NewSecret::Known,
        Some("") => NewSecret::None,
        Some(secret) => NewSecret::Given(secret.to_owned()),
    };
    let administrators = administrators.map(|AdministratorsBody { claim, value }| AdministratorRule { claim, value });
    let new = NewProvider { id, name, issuer, client_id, secret, trusts_addresses, administrators };
    let kept = state.app().put_provider(&new).await.map_err(Problem::in_body)?;
    let problem = state.app().check_provider(&kept.id).await?;
    Ok(Json(ProviderSettingsBody::new(&state, kept, problem)))
}

/// Takes an OpenID provider away; whoever signed in by it is signed out
#[utoipa::path(delete, path = "/api/v1/providers/{id}", tag = "sign-in", operation_id = "delete_provider",
    params(("id" = String, Path, description = "The provider's id", example = "entra")), responses(
    (status = 204, description = "Nobody signs in by it any more"),
    (status = 403, description = "One may not", body = ProblemBody, content_type = "application/problem+json"),
    (status = 404, description = "There is no such provider", body = ProblemBody, content_type = "application/problem+json"),
    CommonProblems,
))]
pub(crate) async fn delete(
    Acting(state): Acting,
    ApiPath(id): ApiPath<String>,
    _query: NoParameters,
) -> Result<StatusCode, Problem> {
    state.app().delete_provider(&id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Where to afterwards.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub(crate) struct BeginParameters {
    /// The page to return to: a path of this server; anything else is the first page.
    #[param(example = "/contacts/c1")]
    return_to: Option<String>,
    /// As the tenant administrator, who needs no account here and may answer the request for consent; returns to its page.
    as_tenant_administrator: bool,
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
    ApiQuery(BeginParameters { return_to, as_tenant_administrator }): ApiQuery<BeginParameters>,
) -> Result<Response, Problem> {
    state.limiter().attempt(peer.machine, None)?;
    let redirect_url = redirect_url(&state, &headers, &uri, &callback_path(&provider))?;
    let return_to = return_to.unwrap_or_default();
    let (url, secret) = state.app().begin_provider_sign_in(&provider, &redirect_url, &return_to, as_tenant_administrator).await?;
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
    (status = 303, description = "Signed in: to the page that was asked for. Else to the first page, or that of the request for consent, with `sign_in` `refused`, `unknown`, `no_administrator` or `failed`"),
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
    let redirect_url = redirect_url(&state, &headers, &uri, &callback_path(&provider))?;
    // The browser that comes back is the one that went: nobody is signed in as somebody else by a link.
    let is_same_browser = !said.is_empty() && cookie_value(&headers, Cookie::SignIn, peer) == Some(said.as_str());
    let finished = if is_same_browser {
        let back = CameBack { state: said, code, issuer: iss };
        state.app().finish_provider_sign_in(&provider, &redirect_url, &back, agent(&headers)).await?
    } else {
        Err((NotSignedIn::Failed, false))
    };
    let forgotten = set_cookie(Cookie::SignIn, None, 0, peer);
    Ok(match finished {
        Ok(LetIn::User(token, return_to)) => see_other(&return_to, [session_cookie(Some(&token), peer), forgotten]),
        Ok(LetIn::TenantAdministrator(ticket)) => {
            see_other(CONSENT_PAGE, [set_cookie(Cookie::Ticket, Some(&ticket), TICKET_MAX_AGE_S, peer), forgotten])
        }
        Err((why, as_tenant_administrator)) => {
            let page = if as_tenant_administrator { CONSENT_PAGE } else { "/" };
            see_other(&format!("{page}?sign_in={}", word(why)), [forgotten])
        }
    })
}

/// The page of the request for consent.
pub(super) const CONSENT_PAGE: &str = "/consent";

fn word(why: NotSignedIn) -> &'static str {
    match why {
        NotSignedIn::Refused => "refused",
        NotSignedIn::Unknown => "unknown",
        NotSignedIn::Failed => "failed",
        NotSignedIn::NoAdministrator => "no_administrator",
    }
}

pub(super) fn see_other<const N: usize>(location: &str, cookies: [HeaderValue; N]) -> Response {
    let location = HeaderValue::try_from(location).unwrap_or(HeaderValue::from_static("/"));
    let mut response = (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response();
    for cookie in cookies {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// Where somebody else sends people back to: under our public address, or on this machine under the name that was asked for.
pub(super) fn redirect_url(state: &ServerState, headers: &HeaderMap, uri: &Uri, path: &str) -> Result<String, AppError> {
    let public = state.link(path);
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

fn callback_path(provider: &str) -> String {
    format!("/api/v1/sign-in/{}/callback", utf8_percent_encode(provider, NON_ALPHANUMERIC).to_string().replace("%2D", "-"))
}
