//! `/api/v1/sign-in` and what belongs to it: passwords, links, sessions, tokens. Nothing here says whether an address has an account.

use axum::{
    Extension, Json,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    access::Peer,
    extract::{ApiJson, ApiPath, NoParameters},
    identify::{Acting, Cookie, SessionId, session_cookie, set_cookie},
    problem::{CommonProblems, Problem, ProblemBody},
    state::ServerState,
};
use crate::app::{
    Caller, Scopes,
    sign_in::{
        passwords::{ChosenPassword, Invitation},
        providers::ProviderSummary,
        sessions::Session,
        tokens::{self, ApiToken},
    },
};

/// How one signs in here.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SignInBody {
    /// Whether one has to. Where not, whoever reaches the server is its local administrator.
    is_required: bool,
    /// The address of the user who is signed in.
    user: Option<String>,
    /// Whether anybody has a password here; if nobody has, the server's log shows a link for the first administrator.
    has_passwords: bool,
    /// OpenID providers by which one can sign in: a browser goes to `/api/v1/sign-in/{id}`.
    providers: Vec<ProviderBody>,
    /// Whether nobody between browser and server can read along, or both are one machine.
    is_private: bool,
    /// Characters of a password at least.
    password_min_chars: usize,
}

/// An OpenID provider.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProviderBody {
    /// A short word that stands in addresses.
    #[schema(example = "entra")]
    pub(super) id: String,
    /// What it is called.
    pub(super) name: String,
    /// Whether it says who is a tenant administrator: by `?as_tenant_administrator=true` they sign in to answer for consent.
    pub(super) knows_administrators: bool,
}

impl From<ProviderSummary> for ProviderBody {
    fn from(ProviderSummary { id, name, administrators, .. }: ProviderSummary) -> Self {
        Self { id, name, knows_administrators: administrators.is_some() }
    }
}

/// How one signs in here, and who is signed in
#[utoipa::path(get, path = "/api/v1/sign-in", tag = "sign-in", operation_id = "get_sign_in",
    responses((status = 200, description = "Also for whoever is not signed in", body = SignInBody), CommonProblems))]
pub(crate) async fn get(
    Acting(state): Acting,
    Extension(peer): Extension<Peer>,
    _query: NoParameters,
) -> Result<Json<SignInBody>, Problem> {
    let app = state.app();
    let user = match app.caller() {
        Caller::User { user, .. } => Some(app.view().await?.directory.user(*user).email.clone()),
        _ => None,
    };
    Ok(Json(SignInBody {
        is_required: *app.caller() != Caller::LocalAdministrator,
        user,
        providers: app.providers().await?.into_iter().map(ProviderBody::from).collect(),
        has_passwords: app.has_passwords().await?,
        is_private: peer.is_encrypted || peer.machine.is_loopback(),
        password_min_chars: crate::auth::password::MIN_CHARS,
    }))
}

/// Address and password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"email": "ann@us.example", "password": "correct horse battery"}))]
pub(crate) struct PasswordBody {
    /// A user's address.
    email: String,
    /// The password.
    password: String,
}

/// Signs in with a password
#[utoipa::path(post, path = "/api/v1/sign-in", tag = "sign-in", operation_id = "sign_in", request_body = PasswordBody, responses(
    (status = 204, description = "Signed in: the session is a cookie", headers(("set-cookie" = String, description = "The session"))),
    (status = 401, description = "The address or the password is wrong", body = ProblemBody, content_type = "application/problem+json"),
    (status = 403, description = "The write comes from another site", body = ProblemBody, content_type = "application/problem+json"),
    (status = 415, description = "The body is no JSON", body = ProblemBody, content_type = "application/problem+json"),
    (status = 422, description = "The body makes no sense", body = ProblemBody, content_type = "application/problem+json"),
    (status = 429, description = "Tried too often; `Retry-After` says when to try again", body = ProblemBody, content_type = "application/problem+json"),
    CommonProblems,
))]
pub(crate) async fn sign_in(
    Acting(state): Acting,
    Extension(peer): Extension<Peer>,
    headers: HeaderMap,
    _query: NoParameters,
    ApiJson(PasswordBody { email, password }): ApiJson<PasswordBody>,
) -> Result<Response, Problem> {
    state.limiter().attempt(peer.machine, Some(&email))?;
    let token = state.app().sign_in(&email, &password, agent(&headers)).await?;
    Ok(begun(&token, peer))
}

/// Ends the session
#[utoipa::path(post, path = "/api/v1/sign-out", tag = "sign-in", operation_id = "sign_out", responses(
    (status = 204, description = "Nobody is signed in any more: the cookie is taken away"),
    (status = 403, description = "The write comes from another site", body = ProblemBody, content_type = "application/problem+json"),
    CommonProblems,
))]
pub(crate) async fn sign_out(
    Acting(state): Acting,
    Extension(peer): Extension<Peer>,
    session: Option<Extension<SessionId>>,
    _query: NoParameters,
) -> Result<Response, Problem> {
    if let Some(Extension(SessionId(id))) = session {
        state.app().end_session(id).await?;
    }
    let mut response = StatusCode::NO_CONTENT.into_response();
    for gone in [session_cookie(None, peer), set_cookie(Cookie::Ticket, None, 0, peer)] {
        response.headers_mut().append(header::SET_COOKIE, gone);
    }
    Ok(response)
}

/// The secret of a link.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LinkBody {
    /// What stands behind `#` in the link.
    token: String,
}

/// What a link to choose a password is for.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct InvitationBody {
    /// For whom; null: the first administrator, who says who they are.
    email: Option<String>,
    /// From when it is refused.
    expires_at: String,
}

impl From<Invitation> for InvitationBody {
    fn from(Invitation { email, expires_at }: Invitation) -> Self {
        Self { email, expires_at: expires_at.to_rfc3339() }
    }
}

/// What a link to choose a password is for
#[utoipa::path(post, path = "/api/v1/invitation", tag = "sign-in", operation_id = "post_invitation", request_body = LinkBody, responses(
    (status = 200, description = "For whom, and how long it is good", body = InvitationBody),
    (status = 403, description = "It is not good any more", body = ProblemBody, content_type = "application/problem+json"),
    (status = 415, description = "The body is no JSON", body = ProblemBody, content_type = "application/problem+json"),
    (status = 422, description = "The body makes no sense", body = ProblemBody, content_type = "application/problem+json"),
    (status = 429, description = "Tried too often; `Retry-After` says when to try again", body = ProblemBody, content_type = "application/problem+json"),
    CommonProblems,
))]
pub(crate) async fn invitation(
    Acting(state): Acting,
    Extension(peer): Extension<Peer>,
    _query: NoParameters,
    ApiJson(LinkBody { token }): ApiJson<LinkBody>,
) -> Result<Json<InvitationBody>, Problem> {
    state.limiter().attempt(peer.machine, None)?;
    Ok(Json(state.app().invitation(&token).await?.into()))
}

/// What somebody chooses by a link.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChosenPasswordBody {
    /// What stands behind `#` in the link.
    token: String,
    /// The first administrator's address; others are known.
    email: Option<String>,
    /// The first administrator's name.
    name: Option<String>,
    /// The password.
    password: String,
}

/// Chooses a password by a link, which is used up, and signs in
#[utoipa::path(post, path = "/api/v1/invitation/password", tag = "sign-in", operation_id = "choose_password",
    request_body = ChosenPasswordBody, responses(
    (status = 204, description = "Signed in: the session is a cookie", headers(("set-cookie" = String, description = "The session"))),
    (status = 403, description = "The link is not good any more", body = ProblemBody, content_type = "application/problem+json"),
    (status = 415, description = "The body is no JSON", body = ProblemBody, content_type = "application/problem+json"),
    (status = 422, description = "The password is too easy to guess, or the body makes no sense", body = ProblemBody, content_type = "application/problem+json"),
    (status = 429, description = "Tried too often; `Retry-After` says when to try again", body = ProblemBody, content_type = "application/problem+json"),
    CommonProblems,
))]
pub(crate) async fn choose_password(
    Acting(state): Acting,
    Extension(peer): Extension<Peer>,
    headers: HeaderMap,
    _query: NoParameters,
    ApiJson(body): ApiJson<ChosenPasswordBody>,
) -> Result<Response, Problem> {
    state.limiter().attempt(peer.machine, None)?;
    let ChosenPasswordBody { token, email, name, password } = body;
    let chosen = ChosenPassword { token, email, name, password };
    let token = state.app().choose_password(chosen, agent(&headers)).await.map_err(Problem::in_body)?;
    Ok(begun(&token, peer))
}

/// The current password and a new one.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPasswordBody {
    /// The current one.
    current: String,
    /// The new one.
    new: String,
}

/// Changes one's password; all other sessions end
#[utoipa::path(put, path = "/api/v1/me/password", tag = "sign-in", operation_id = "put_password", request_body = NewPasswordBody, responses(
    (status = 204, description = "Changed: the new session is a cookie", headers(("set-cookie" = String, description = "The session"))),
    (status = 403, description = "The write comes from another site", body = ProblemBody, content_type = "application/problem+json"),
    (status = 415, description = "The body is no JSON", body = ProblemBody, content_type = "application/problem+json"),
    (status = 422, description = "The current password is wrong, or the new one too easy to guess", body = ProblemBody, content_type = "application/problem+json"),
    (status = 429, description = "Tried too often; `Retry-After` says when to try again", body = ProblemBody, content_type = "application/problem+json"),
    CommonProblems,
))]
pub(crate) async fn put_password(
    Acting(state): Acting,
    Extension(peer): Extension<Peer>,
    headers: HeaderMap,
    _query: NoParameters,
    ApiJson(NewPasswordBody { current, new }): ApiJson<NewPasswordBody>,
) -> Result<Response, Problem> {
    // Whoever finds an open browser cannot try out the password.
    let account = state.app().actor().to_owned();
    state.limiter().attempt(peer.machine, Some(&account))?;
    let token = state.app().change_password(&current, &new, agent(&headers)).await.map_err(Problem::in_body)?;
    Ok(begun(&token, peer))
}

/// A browser that is signed in.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SessionBody {
    /// Its number.
    id: i64,
    /// Whether it is the one that asks.
    is_current: bool,
    /// When it began.
    began_at: String,
    /// When it was used last, to the minute.
    used_at: String,
    /// When it ends at the latest.
    expires_at: String,
    /// `password`, or the OpenID provider.
    #[schema(example = "password")]
    signed_in_by: String,
    /// What the browser calls itself.
    agent: String,
}

/// One's own sessions.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SessionsBody {
    /// The newest first.
    items: Vec<SessionBody>,
}

/// One's own sessions, the newest first
#[utoipa::path(get, path = "/api/v1/sessions", tag = "sign-in", operation_id = "list_sessions",
    responses((status = 200, description = "Where one is signed in", body = SessionsBody), CommonProblems))]
pub(crate) async fn sessions(
    Acting(state): Acting,
    current: Option<Extension<SessionId>>,
    _query: NoParameters,
) -> Result<Json<SessionsBody>, Problem> {
    let current = current.map(|Extension(SessionId(id))| id);
    let body = |session: Session| SessionBody {
        id: session.id,
        is_current: Some(session.id) == current,
        began_at: session.began_at.to_rfc3339(),
        used_at: session.used_at.to_rfc3339(),
        expires_at: session.expires_at.to_rfc3339(),
        signed_in_by: session.signed_in_by,
        agent: session.agent,
    };
    Ok(Json(SessionsBody { items: state.app().sessions().await?.into_iter().map(body).collect() }))
}

/// Ends one of one's own sessions
#[utoipa::path(delete, path = "/api/v1/sessions/{id}", tag = "sign-in", operation_id = "delete_session",
    params(("id" = i64, Path, description = "The session's number", example = 3)), responses(
    (status = 204, description = "Whoever used it is signed out"),
    (status = 403, description = "The write comes from another site", body = ProblemBody, content_type = "application/problem+json"),
    (status = 404, description = "One has no such session", body = ProblemBody, content_type = "application/problem+json"),
    CommonProblems,
))]
pub(crate) async fn delete_session(
    Acting(state): Acting,
    ApiPath(id): ApiPath<i64>,
    _query: NoParameters,
) -> Result<StatusCode, Problem> {
    state.app().end_session(id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A token, without its text.
#[derive(Debug, Serialize, ToSchema)]
pub struct TokenBody {
    /// Its number.
    id: i64,
    /// What it is for.
    name: String,
    /// What it may do, of `read`, `write`, `manage`.
    #[schema(example = "read write")]
    scopes: String,
    /// When it was made.
    created_at: String,
    /// When it was used last, to the minute.
    used_at: Option<String>,
    /// From when it is refused.
    expires_at: String,
}

impl From<ApiToken> for TokenBody {
    fn from(token: ApiToken) -> Self {
        let ApiToken { id, name, scopes, created_at, used_at, expires_at } = token;
        let used_at = used_at.map(rapport_domain::Moment::to_rfc3339);
        Self { id, name, scopes, created_at: created_at.to_rfc3339(), used_at, expires_at: expires_at.to_rfc3339() }
    }
}

/// One's own tokens.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TokensBody {
    /// The newest first.
    items: Vec<TokenBody>,
}

/// One's own tokens, the newest first
#[utoipa::path(get, path = "/api/v1/tokens", tag = "sign-in", operation_id = "list_tokens",
    responses((status = 200, description = "Without their texts: those are told once", body = TokensBody), CommonProblems))]
pub(crate) async fn list_tokens(Acting(state): Acting, _query: NoParameters) -> Result<Json<TokensBody>, Problem> {
    let tokens = state.app().tokens(None).await?;
    Ok(Json(TokensBody { items: tokens.into_iter().map(TokenBody::from).collect() }))
}

/// A token to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "nightly export", "scopes": "read", "days": 90}))]
pub(crate) struct NewTokenBody {
    /// What it is for.
    name: String,
    /// What it may do, of `read`, `write`, `manage`; never more than its user.
    scopes: String,
    /// Days that it is good for, 1 to 365.
    days: Option<u32>,
}

/// A token that was made.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MadeTokenBody {
    /// Its text, told once: for the header `Authorization: Bearer`.
    token: String,
    /// The token.
    #[serde(flatten)]
    made: TokenBody,
}

/// Makes a token for a program that acts for whoever is signed in
#[utoipa::path(post, path = "/api/v1/tokens", tag = "sign-in", operation_id = "create_token", request_body = NewTokenBody, responses(
    (status = 201, description = "Its text is told once", body = MadeTokenBody),
    (status = 403, description = "There are too many already, or the write comes from another site", body = ProblemBody, content_type = "application/problem+json"),
    (status = 415, description = "The body is no JSON", body = ProblemBody, content_type = "application/problem+json"),
    (status = 422, description = "The body makes no sense", body = ProblemBody, content_type = "application/problem+json"),
    CommonProblems,
))]
pub(crate) async fn create_token(
    Acting(state): Acting,
    _query: NoParameters,
    ApiJson(new): ApiJson<NewTokenBody>,
) -> Result<(StatusCode, Json<MadeTokenBody>), Problem> {
    let make = async {
        let scopes = Scopes::parse(&new.scopes)?;
        state.app().create_token(None, &new.name, scopes, new.days.unwrap_or(tokens::DAYS)).await
    };
    let (made, token) = make.await.map_err(Problem::in_body)?;
    Ok((StatusCode::CREATED, Json(MadeTokenBody { token, made: made.into() })))
}

/// Deletes one of one's own tokens
#[utoipa::path(delete, path = "/api/v1/tokens/{id}", tag = "sign-in", operation_id = "delete_token",
    params(("id" = i64, Path, description = "The token's number", example = 3)), responses(
    (status = 204, description = "It is refused from now on"),
    (status = 403, description = "The write comes from another site", body = ProblemBody, content_type = "application/problem+json"),
    (status = 404, description = "One has no such token", body = ProblemBody, content_type = "application/problem+json"),
    CommonProblems,
))]
pub(crate) async fn delete_token(
    Acting(state): Acting,
    ApiPath(id): ApiPath<i64>,
    _query: NoParameters,
) -> Result<StatusCode, Problem> {
    state.app().delete_token(None, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn begun(token: &str, peer: Peer) -> Response {
    (StatusCode::NO_CONTENT, [(header::SET_COOKIE, session_cookie(Some(token), peer))]).into_response()
}

pub(super) fn agent(headers: &HeaderMap) -> &str {
    headers.get(header::USER_AGENT).map(HeaderValue::to_str).and_then(Result::ok).unwrap_or_default()
}

/// Where a link leads that lets somebody choose a password, without scheme and host. Behind `#`: a browser sends it to nobody.
pub(super) fn invitation_path(token: &str) -> String {
    format!("/invitation#{token}")
}

/// A link to choose a password, for a server that is reached under this address.
pub fn invitation_link(server: &str, token: &str) -> String {
    format!("{}{}", server.trim_end_matches('/'), invitation_path(token))
}

impl ServerState {
    /// A whole link, as far as the server knows under which address it is reached.
    pub(super) fn link(&self, path: &str) -> String {
        self.reached()
            .public
            .as_ref()
            .map_or_else(|| path.to_owned(), |(scheme, authority)| format!("{scheme}://{authority}{path}"))
    }
}
