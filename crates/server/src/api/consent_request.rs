//! `/api/v1/consent-request`: what is asked, for whoever has the link, and the answer of a tenant administrator, who has no account here.

use std::collections::BTreeSet;

use axum::{
    Extension, Json,
    http::{HeaderMap, StatusCode},
};
use rapport_domain::{Moment, time::DAY_US};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    access::Peer,
    enabling::ChoiceBody,
    extract::{ApiJson, NoParameters},
    identify::{Acting, Cookie, cookie_value},
    problem::{CommonProblems, Kind, Problem, ProblemBody},
    sign_in::ProviderBody,
    state::ServerState,
};
use crate::{
    App,
    app::{consent_request::ConsentRequest, sign_in::tenant_administrators::TenantAdministrator},
};

/// A link for whoever may consent.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ConsentLinkBody {
    /// The link; without scheme and host where the server does not know its public address. It shows what is asked, and grants nothing.
    link: String,
    /// From when it is refused.
    expires_at: String,
}

/// Makes a link that shows whoever may consent what is asked, without an account
#[utoipa::path(post, path = "/api/v1/enabling/consent-link", tag = "enabling", operation_id = "create_consent_link", responses(
    (status = 201, description = "Signed; good until the 14 days are over, or consent is asked for anew", body = ConsentLinkBody),
    (status = 403, description = "One may not, or nobody is asking for consent", body = ProblemBody, content_type = "application/problem+json"),
    CommonProblems,
))]
pub(crate) async fn link(Acting(state): Acting, _query: NoParameters) -> Result<(StatusCode, Json<ConsentLinkBody>), Problem> {
    let (token, expires_at) = state.app().consent_link().await?;
    // Behind `#`, which no server and no log is sent.
    let link = state.link(&format!("/consent#{token}"));
    Ok((StatusCode::CREATED, Json(ConsentLinkBody { link, expires_at: expires_at.to_rfc3339() })))
}

/// What stands behind `#` in the link.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConsentTokenBody {
    /// The signed text; a tenant administrator who signed in needs none.
    #[serde(default)]
    token: Option<String>,
}

/// What is asked.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ConsentRequestBody {
    /// Who asks: name of the organization.
    organization: String,
    /// `pending`, or what became of it.
    #[schema(example = "pending")]
    state: &'static str,
    /// When the 14 days end, while they run.
    deadline: Option<String>,
    /// Days left until then, a begun day counted whole.
    days_left: Option<i64>,
    /// Relationship analytics is asked for.
    relationship_analytics: bool,
    /// Who knows whom is asked for.
    who_knows_whom: bool,
    /// Selected security roles; null: everybody's mailbox.
    roles: Option<Vec<String>>,
    /// Mailboxes that the selection covers.
    mailboxes: usize,
    /// Users.
    users: usize,
    /// Security groups that are left out.
    excluded_groups: usize,
    /// Where the data lies, as it was declared.
    location: Option<String>,
    /// Providers by which a tenant administrator can sign in to answer: a browser goes to `/api/v1/sign-in/{id}?as_tenant_administrator=true`.
    providers: Vec<ProviderBody>,
    /// The tenant administrator who signed in; null: nobody did.
    administrator: Option<TenantAdministratorBody>,
}

/// A tenant administrator who signed in, and what they alone are shown.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TenantAdministratorBody {
    /// Their address, else their id at the provider.
    who: String,
    /// What the provider is called.
    provider: String,
    /// From when they have to sign in again to answer.
    expires_at: String,
    /// What was agreed to last; empty: nothing yet.
    text: String,
    /// Since when consent stands as it does.
    since: Option<String>,
    /// Security groups; members of those chosen are left out.
    groups: Vec<ChoiceBody>,
}

/// What a consent link asks for
#[utoipa::path(post, path = "/api/v1/consent-request", tag = "enabling", operation_id = "post_consent_request",
    request_body = ConsentTokenBody, responses(
    (status = 200, description = "What is asked, of whom, until when", body = ConsentRequestBody),
    (status = 403, description = "The link is not good any more", body = ProblemBody, content_type = "application/problem+json"),
    (status = 415, description = "The body is no JSON", body = ProblemBody, content_type = "application/problem+json"),
    (status = 422, description = "The body makes no sense", body = ProblemBody, content_type = "application/problem+json"),
    (status = 429, description = "Tried too often; `Retry-After` says when to try again", body = ProblemBody, content_type = "application/problem+json"),
    CommonProblems,
))]
pub(crate) async fn show(
    Acting(state): Acting,
    Extension(peer): Extension<Peer>,
    headers: HeaderMap,
    _query: NoParameters,
    ApiJson(ConsentTokenBody { token }): ApiJson<ConsentTokenBody>,
) -> Result<Json<ConsentRequestBody>, Problem> {
    state.limiter().attempt(peer.machine, None)?;
    let administrator = administrator(&state, &headers, peer).await?;
    if administrator.is_none() {
        state.app().check_consent_link(token.as_deref().unwrap_or_default()).await?;
    }
    Ok(Json(ConsentRequestBody::of(state.app(), administrator.map(|(_, who)| who)).await?))
}

/// What a tenant administrator answers.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", tag = "action", deny_unknown_fields)]
pub(crate) enum ConsentAnswer {
    /// Consents, while it is asked for.
    Grant {
        /// What is agreed to.
        text: String,
    },
    /// Says no, while it is asked for.
    Decline {},
    /// Withdraws what was granted.
    Revoke {},
    /// Leaves out the mailboxes of whoever is in one of these security groups.
    ExcludeGroups {
        /// Their names.
        groups: BTreeSet<String>,
    },
}

/// Answers the request for consent as the tenant administrator, without an account here
#[utoipa::path(post, path = "/api/v1/consent-request/answer", tag = "enabling", operation_id = "answer_consent_request",
    request_body = ConsentAnswer, responses(
    (status = 200, description = "As it is now", body = ConsentRequestBody),
    (status = 401, description = "No tenant administrator signed in, or too long ago", body = ProblemBody, content_type = "application/problem+json"),
    (status = 403, description = "As things stand it cannot be done: `detail` says why", body = ProblemBody, content_type = "application/problem+json"),
    (status = 415, description = "The body is no JSON", body = ProblemBody, content_type = "application/problem+json"),
    (status = 422, description = "The body makes no sense", body = ProblemBody, content_type = "application/problem+json"),
    CommonProblems,
))]
pub(crate) async fn answer(
    Acting(state): Acting,
    Extension(peer): Extension<Peer>,
    headers: HeaderMap,
    _query: NoParameters,
    ApiJson(answer): ApiJson<ConsentAnswer>,
) -> Result<Json<ConsentRequestBody>, Problem> {
    let Some((app, who)) = administrator(&state, &headers, peer).await? else {
        return Err(Problem::new(Kind::SignedOut, "sign in as the tenant administrator first")
            .with_hint("open the link for consent, and sign in there"));
    };
    match answer {
        ConsentAnswer::Grant { text } => app.grant_consent(&text).await,
        ConsentAnswer::Decline {} => app.decline_consent().await,
        ConsentAnswer::Revoke {} => app.revoke_consent().await,
        ConsentAnswer::ExcludeGroups { groups } => app.exclude_groups(groups).await,
    }
    .map_err(Problem::in_body)?;
    Ok(Json(ConsentRequestBody::of(state.app(), Some(who)).await?))
}

/// The tenant administrator whose browser it is, and the organization acting for them.
async fn administrator(
    state: &ServerState,
    headers: &HeaderMap,
    peer: Peer,
) -> Result<Option<(App, TenantAdministrator)>, Problem> {
    match cookie_value(headers, Cookie::Ticket, peer) {
        Some(ticket) => Ok(state.app().tenant_administrator(ticket).await?),
        None => Ok(None),
    }
}

impl ConsentRequestBody {
    async fn of(app: &App, administrator: Option<TenantAdministrator>) -> Result<Self, Problem> {
        let asked = app.consent_request().await?;
        let providers = app.providers().await?.into_iter().filter(|provider| provider.administrators.is_some());
        let ConsentRequest {
            organization,
            state,
            deadline,
            relationship_analytics,
            who_knows_whom,
            roles,
            mailboxes: (mailboxes, users),
            groups,
            location,
            text,
            since,
        } = asked;
        let rfc = |at: Option<Moment>| at.map(Moment::to_rfc3339);
        Ok(Self {
            organization,
            state: state.as_str(),
            deadline: rfc(deadline),
            days_left: deadline.map(|deadline| (deadline.0 - app.now().0 + DAY_US - 1).div_euclid(DAY_US)),
            relationship_analytics,
            who_knows_whom,
            roles,
            mailboxes,
            users,
            excluded_groups: groups.iter().filter(|(_, is_excluded)| *is_excluded).count(),
            location,
            providers: providers.map(ProviderBody::from).collect(),
            administrator: administrator.map(|TenantAdministrator { who, provider, expires_at }| TenantAdministratorBody {
                who,
                provider,
                expires_at: expires_at.to_rfc3339(),
                text,
                since: rfc(since),
                groups: groups
                    .into_iter()
                    .map(|(group, is_chosen)| ChoiceBody { name: group.name, users: group.users, is_chosen })
                    .collect(),
            }),
        })
    }
}
