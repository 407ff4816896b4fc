//! Who asks: by a session's cookie, by a token, or, on a machine of their own where nobody can sign in, as its administrator.
//!
//! Every operation passes here, and gets an [`App`](crate::App) that acts for the caller; what the operation needs stands in `needs`.

use std::convert::Infallible;

use axum::{
    extract::{FromRequestParts, MatchedPath, Request, State},
    http::{HeaderMap, HeaderValue, Method, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::{
    access::Peer,
    needs::{self, Need},
    problem::{Kind, Problem},
    state::ServerState,
};
use crate::app::{Caller, caller::not_allowed};

/// A cookie of ours.
#[derive(Clone, Copy, Debug)]
pub(super) enum Cookie {
    /// The token of a session.
    Session,
    /// The state of a sign-in that went to a provider.
    SignIn,
    /// The ticket of a tenant administrator.
    Ticket,
}

impl Cookie {
    /// Where nobody can read along, a name that a browser takes from this host alone, for this host alone; without encryption browsers
    /// refuse such a name.
    fn name(self, peer: Peer) -> &'static str {
        match (self, peer.is_encrypted) {
            (Self::Session, true) => "__Host-rapport",
            (Self::Session, false) => "rapport",
            (Self::SignIn, true) => "__Host-rapport-sign-in",
            (Self::SignIn, false) => "rapport-sign-in",
            (Self::Ticket, true) => "__Host-rapport-ticket",
            (Self::Ticket, false) => "rapport-ticket",
        }
    }
}

/// Seconds for which a browser keeps it: a session ends by then at the latest.
const COOKIE_MAX_AGE_S: u32 = 7 * 24 * 3600;

/// The server, acting for whoever asks.
pub(crate) struct Acting(pub(crate) ServerState);

impl FromRequestParts<ServerState> for Acting {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &ServerState) -> Result<Self, Infallible> {
        // Without the layer below: nobody, who may do nothing.
        let caller = parts.extensions.get::<Caller>().cloned().unwrap_or(Caller::Nobody);
        Ok(Self(state.acting_for(caller)))
    }
}

/// The session of whoever asks, if it is one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SessionId(pub(crate) i64);

/// Says who asks, and refuses what they may not do.
pub(super) async fn identify(State(state): State<ServerState>, mut request: Request, next: Next) -> Response {
    // What has no route is a page's file, or missing: nobody needs to be known for it.
    let Some(route) = request.extensions().get::<MatchedPath>().cloned() else { return next.run(request).await };
    let need = needs::need(request.method(), route.as_str());
    if need == Some(Need::Unidentified) {
        return next.run(request).await;
    }
    let peer = state.reached().peer(&request);
    let identified = match who(&state, request.headers(), peer, need).await {
        Ok(identified) => identified,
        Err(problem) => return problem.into_response(),
    };
    let acting = state.acting_for(identified.caller.clone());
    let (id, new_token) = identified.session.unzip();
    let mut response = match check(&acting, request.method().clone(), need).await {
        Ok(()) => {
            request.extensions_mut().insert(peer);
            request.extensions_mut().insert(identified.caller);
            if let Some(id) = id {
                request.extensions_mut().insert(SessionId(id));
            }
            next.run(request).await
        }
        Err(problem) => problem.into_response(),
    };
    // An operation that set the cookie itself knows better.
    if let Some(token) = new_token.flatten().filter(|_| !response.headers().contains_key(header::SET_COOKIE)) {
        response.headers_mut().append(header::SET_COOKIE, session_cookie(Some(&token), peer));
    }
    if peer.is_encrypted {
        response.headers_mut().insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
    response
}

struct Identified {
    caller: Caller,
    /// Number of the session, and its new token if it has one.
    session: Option<(i64, Option<String>)>,
}

async fn who(state: &ServerState, headers: &HeaderMap, peer: Peer, need: Option<Need>) -> Result<Identified, Problem> {
    let as_caller = |caller| Ok(Identified { caller, session: None });
    // A ticket is good for nothing else.
    if need == Some(Need::Consent)
        && let Some(ticket) = cookie_value(headers, Cookie::Ticket, peer)
        && let Some((acting, _)) = state.app().tenant_administrator(ticket).await?
    {
        return as_caller(acting.caller().clone());
    }
    if let Some(said) = headers.get(header::AUTHORIZATION) {
        let token =
            said.to_str().ok().and_then(|text| text.split_once(' ')).filter(|(how, _)| how.eq_ignore_ascii_case("bearer"));
        let found = match token {
            Some((_, token)) => state.app().caller_of_token(token.trim()).await?,
            None => None,
        };
        // Whoever shows a token is not let in as somebody else.
        return found.map_or_else(|| Err(bad_token()), as_caller);
    }
    if let Some(token) = cookie_value(headers, Cookie::Session, peer)
        && let Some(session) = state.app().session(token).await?
    {
        return Ok(Identified { caller: session.caller, session: Some((session.id, session.new_token)) });
    }
    if state.reached().requires_sign_in || state.app().has_sign_in().await? {
        return as_caller(Caller::Nobody);
    }
    as_caller(Caller::LocalAdministrator)
}

async fn check(acting: &ServerState, method: Method, need: Option<Need>) -> Result<(), Problem> {
    let app = acting.app();
    let caller = app.caller();
    if need == Some(Need::Anyone) || *caller == Caller::LocalAdministrator {
        return Ok(());
    }
    if *caller == Caller::Nobody {
        return Err(signed_out());
    }
    let rights = app.rights(&*app.view().await?);
    if needs::is_met(need, &method, caller, &rights) { Ok(()) } else { Err(not_allowed().into()) }
}

/// What whoever is not signed in is told.
pub(super) fn signed_out() -> Problem {
    Problem::new(Kind::SignedOut, "sign in first")
        .with_hint("open the server's pages in a browser, or send `Authorization: Bearer TOKEN`")
}

fn bad_token() -> Problem {
    Problem::new(Kind::SignedOut, "the token is not good: it was deleted, it is too old, or it never was one")
        .with_hint("make another: App settings > My account, or `rapport token create`")
}

/// The value of the cookie that fits how the request came: one of the other name may have been put there by somebody else.
pub(super) fn cookie_value(headers: &HeaderMap, cookie: Cookie, peer: Peer) -> Option<&str> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    cookies
        .flat_map(|text| text.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(name, value)| (name == cookie.name(peer) && !value.is_empty()).then_some(value))
}

/// The cookie of a session's token; without one, the cookie is taken away.
pub(super) fn session_cookie(token: Option<&str>, peer: Peer) -> HeaderValue {
    set_cookie(Cookie::Session, token, COOKIE_MAX_AGE_S, peer)
}

/// A cookie that no script reads and no other site's request carries; without a value it is taken away.
pub(super) fn set_cookie(cookie: Cookie, value: Option<&str>, max_age_s: u32, peer: Peer) -> HeaderValue {
    let (name, max_age_s) = (cookie.name(peer), if value.is_some() { max_age_s } else { 0 });
    let secure = if peer.is_encrypted { "; Secure" } else { "" };
    let text = format!("{name}={}; Path=/; Max-Age={max_age_s}; HttpOnly; SameSite=Lax{secure}", value.unwrap_or_default());
    // A secret is base64: it always fits into a header.
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static(""))
}
