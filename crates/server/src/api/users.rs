//! `/api/v1/users` and `/api/v1/me`: who works here, and who looks.

use axum::{Json, http::StatusCode};
use rapport_domain::Rights;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    extract::{ApiJson, ApiPath, ApiQuery, NoParameters},
    identify::Acting,
    problem::{CommonProblems, Problem, ProblemBody},
    sign_in::invitation_path,
};

use crate::app::{
    Caller, Tier,
    users::{self, RoleSummary, UserChange},
    viewer::{self, UserSummary},
};

/// A user.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UserBody {
    /// First address.
    email: String,
    /// Name to show.
    name: String,
    /// Job title.
    title: Option<String>,
    /// Manager's address.
    manager: Option<String>,
    /// `none`, `enterprise` or `premium`.
    #[schema(example = "premium")]
    licence: String,
    /// Security roles.
    roles: Vec<String>,
    /// Security groups.
    groups: Vec<String>,
    /// Path of the business unit, e.g. `Sales/North`.
    business_unit: Option<String>,
    /// Teams.
    teams: Vec<String>,
    /// Whether they still work here.
    is_active: bool,
}

impl From<UserSummary> for UserBody {
    fn from(user: UserSummary) -> Self {
        let UserSummary { email, name, title, manager, licence, roles, groups, business_unit, teams, is_active } = user;
        Self { email, name, title, manager, licence, roles, groups, business_unit, teams, is_active }
    }
}

/// All users.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UsersBody {
    /// By name.
    items: Vec<UserBody>,
}

/// All users, by name
#[utoipa::path(get, path = "/api/v1/users", tag = "people", operation_id = "list_users",
    responses((status = 200, description = "All users", body = UsersBody), CommonProblems))]
pub(crate) async fn list(Acting(state): Acting, _query: NoParameters) -> Result<Json<UsersBody>, Problem> {
    let users = state.app().users().await?;
    Ok(Json(UsersBody { items: users.into_iter().map(UserBody::from).collect() }))
}

/// Parameters of who looks.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub(crate) struct MeParameters {
    /// Who looks: a user's address. Whoever is signed in need not say it.
    viewer: Option<String>,
}

/// What somebody may do.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RightsBody {
    /// Which records they may see: `none`, `user`, `team`, `business_unit` or `organization`.
    #[schema(example = "user")]
    reads: &'static str,
    /// Which records they may write.
    #[schema(example = "user")]
    writes: &'static str,
    /// What else, of `configure`, `customize`, `manage_users`, `consent`, `privacy`, `audit`.
    #[schema(example = json!(["audit"]))]
    tasks: Vec<&'static str>,
}

impl From<&Rights> for RightsBody {
    fn from(rights: &Rights) -> Self {
        Self {
            reads: rights.reads.as_str(),
            writes: rights.writes.min(rights.reads).as_str(),
            tasks: rights.tasks.iter().map(|task| task.as_str()).collect(),
        }
    }
}

/// Who looks, and at what.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MeBody {
    /// The user; null while nobody has said who looks.
    viewer: Option<UserBody>,
    /// Whether this is whoever reaches a server on its own machine where nobody can sign in.
    is_local_administrator: bool,
    /// What the caller may do.
    rights: RightsBody,
    /// What is looked at.
    organization: OrganizationBody,
    /// `basic` or `enhanced`: follows the viewer's licence.
    tier: &'static str,
    /// `crm` or `crm_and_mailbox`: which data the figures rest on.
    data: &'static str,
    /// Whether pages show health: the tier includes it, and nobody switched it off.
    shows_health: bool,
    /// Whether works council mode is on: nobody is told a figure about a single colleague.
    works_council: bool,
    /// Whether the text of subjects is kept.
    keeps_subjects: bool,
    /// Text that asks for an introduction, with `{colleague}`, `{target}` and `{me}`; empty: that of the reader's language.
    introduction_template: String,
    /// Months that interactions are kept; 0: without limit.
    retention_months: u32,
    /// Colleagues that who knows whom shows on a record at most.
    introducers: u32,
    /// From when the viewer's mailbox will be read, while that lies ahead; null: it is read, or will not be.
    capture_from: Option<String>,
}

/// The organization.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OrganizationBody {
    /// Its name.
    name: String,
    /// IANA time zone: days and weeks are local to it.
    time_zone: String,
    /// Its local date.
    today: String,
}

/// Who looks, and at what
#[utoipa::path(get, path = "/api/v1/me", tag = "people", operation_id = "get_me", params(MeParameters),
    responses((status = 200, description = "The viewer and the organization", body = MeBody), CommonProblems))]
pub(crate) async fn me(
    Acting(state): Acting,
    ApiQuery(MeParameters { viewer }): ApiQuery<MeParameters>,
) -> Result<Json<MeBody>, Problem> {
    let app = state.app();
    let view = app.view().await?;
    let user = app.looker(&view, viewer.as_deref())?;
    let rights = app.rights(&view);
    let is_local = *app.caller() == Caller::LocalAdministrator;
    let settings = app.settings().await?;
    let mut notices = app.mailbox_notices().await?.of;
    let notice = user.and_then(|user| notices.remove(&user)).filter(|notice| notice.capture_from > app.now());
    Ok(Json(MeBody {
        is_local_administrator: is_local,
        rights: RightsBody::from(&rights),
        viewer: user.map(|user| viewer::summary(&view, user, app.now()).into()),
        organization: OrganizationBody {
            name: app.organization().name.clone(),
            time_zone: view.calendar.zone_name().to_owned(),
            today: view.calendar.day_of(app.now()).to_iso(),
        },
        tier: view.tier.as_str(),
        data: view.data.as_str(),
        shows_health: view.tier == Tier::Enhanced && settings.get("health.show").is_none_or(|value| value == "true"),
        works_council: view.works_council.is_some(),
        introduction_template: settings.get("who_knows.template").cloned().unwrap_or_default(),
        retention_months: settings.get("retention.months").and_then(|text| text.parse().ok()).unwrap_or_default(),
        introducers: settings.get("who_knows.introducers").and_then(|text| text.parse().ok()).unwrap_or(5),
        keeps_subjects: settings.get("capture.keep_subjects").is_some_and(|value| value == "true"),
        capture_from: notice.map(|notice| notice.capture_from.to_rfc3339()),
    }))
}

/// What is said of a user; what is left out stays, an empty text or list is taken away.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({"name": "Ann Aarts", "roles": ["Salesperson"], "licence": "premium"}))]
pub(crate) struct UserChangeBody {
    /// Name to show.
    name: Option<String>,
    /// Job title.
    title: Option<String>,
    /// `none`, `enterprise` or `premium`.
    licence: Option<String>,
    /// Security roles.
    roles: Option<Vec<String>>,
    /// Security groups.
    groups: Option<Vec<String>>,
    /// Path of the business unit, e.g. `Sales/North`.
    business_unit: Option<String>,
    /// Teams.
    teams: Option<Vec<String>>,
    /// Manager's address.
    manager: Option<String>,
    /// Further addresses.
    aliases: Option<Vec<String>>,
    /// Date or moment from which they do not work here.
    left_at: Option<String>,
}

/// Creates or changes a user; the audit log keeps licence, roles, groups, unit and teams before and after
#[utoipa::path(put, path = "/api/v1/users/{email}", tag = "people", operation_id = "put_user",
    params(("email" = String, Path, description = "The user's first address, or an alias", example = "ann@us.example")),
    request_body = UserChangeBody, responses(
    (status = 200, description = "Changed, or as it was", body = UserBody),
    (status = 201, description = "Created", body = UserBody),
    (status = 403, description = "One may not, or it would take away one's own right to manage users", body = ProblemBody, content_type = "application/problem+json"),
    (status = 415, description = "The body is no JSON", body = ProblemBody, content_type = "application/problem+json"),
    (status = 422, description = "The body makes no sense", body = ProblemBody, content_type = "application/problem+json"),
    CommonProblems,
))]
pub(crate) async fn put(
    Acting(state): Acting,
    ApiPath(email): ApiPath<String>,
    _query: NoParameters,
    ApiJson(body): ApiJson<UserChangeBody>,
) -> Result<(StatusCode, Json<UserBody>), Problem> {
    let UserChangeBody { name, title, licence, roles, groups, business_unit, teams, manager, aliases, left_at } = body;
    let change = UserChange { name, title, licence, roles, groups, business_unit, teams, manager, aliases, left_at };
    let (user, is_new) = state.app().put_user(&email, &change).await.map_err(Problem::in_body)?;
    Ok((if is_new { StatusCode::CREATED } else { StatusCode::OK }, Json(user.into())))
}

/// A link for somebody to choose a password.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct InvitationLinkBody {
    /// The link, told once; without scheme and host where the server does not know its public address.
    link: String,
    /// From when it is refused.
    expires_at: String,
}

/// Makes a link by which a user chooses a password, for the first time or anew
#[utoipa::path(post, path = "/api/v1/users/{email}/sign-in", tag = "people", operation_id = "invite_user",
    params(("email" = String, Path, description = "An address of the user", example = "ann@us.example")), responses(
    (status = 201, description = "To be handed to them alone; earlier links are no longer good", body = InvitationLinkBody),
    (status = 403, description = "One may not, or they do not work here any more", body = ProblemBody, content_type = "application/problem+json"),
    (status = 404, description = "There is no such user", body = ProblemBody, content_type = "application/problem+json"),
    CommonProblems,
))]
pub(crate) async fn invite(
    Acting(state): Acting,
    ApiPath(email): ApiPath<String>,
    _query: NoParameters,
) -> Result<(StatusCode, Json<InvitationLinkBody>), Problem> {
    let (token, invitation) = state.app().invite(&email).await?;
    let link = state.link(&invitation_path(&token));
    Ok((StatusCode::CREATED, Json(InvitationLinkBody { link, expires_at: invitation.expires_at.to_rfc3339() })))
}

/// Takes away how a user signs in: password, links, sessions and tokens
#[utoipa::path(delete, path = "/api/v1/users/{email}/sign-in", tag = "people", operation_id = "delete_sign_in",
    params(("email" = String, Path, description = "An address of the user", example = "ann@us.example")), responses(
    (status = 204, description = "They are signed out everywhere; the user stays"),
    (status = 403, description = "One may not, or it is oneself", body = ProblemBody, content_type = "application/problem+json"),
    (status = 404, description = "There is no such user", body = ProblemBody, content_type = "application/problem+json"),
    CommonProblems,
))]
pub(crate) async fn delete_sign_in(
    Acting(state): Acting,
    ApiPath(email): ApiPath<String>,
    _query: NoParameters,
) -> Result<StatusCode, Problem> {
    state.app().remove_sign_in(&email).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A security role.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RoleBody {
    /// Its name.
    name: String,
    /// What it allows.
    rights: RightsBody,
    /// Whether it comes with the product.
    is_built_in: bool,
    /// Whether users have it that nobody defined: it allows nothing.
    is_undefined: bool,
    /// Users who have it.
    users: usize,
}

impl From<RoleSummary> for RoleBody {
    fn from(role: RoleSummary) -> Self {
        let RoleSummary { name, rights, is_built_in, is_undefined, users } = role;
        Self { name, rights: RightsBody::from(&rights), is_built_in, is_undefined, users }
    }
}

/// All security roles.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RolesBody {
    /// Built-in ones, those made here, those that nobody defined.
    items: Vec<RoleBody>,
}

/// All security roles with what they allow
#[utoipa::path(get, path = "/api/v1/roles", tag = "people", operation_id = "list_roles",
    responses((status = 200, description = "Built-in ones, those made here, those that nobody defined", body = RolesBody), CommonProblems))]
pub(crate) async fn roles(Acting(state): Acting, _query: NoParameters) -> Result<Json<RolesBody>, Problem> {
    Ok(Json(RolesBody { items: state.app().roles().await?.into_iter().map(RoleBody::from).collect() }))
}

/// What a role allows.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reads": "business_unit", "writes": "user", "tasks": []}))]
pub(crate) struct RoleRightsBody {
    /// Which records it lets see: `none`, `user`, `team`, `business_unit` or `organization`.
    reads: String,
    /// Which records it lets write; never farther than it reads.
    writes: String,
    /// What else, of `configure`, `customize`, `manage_users`, `consent`, `privacy`, `audit`.
    #[serde(default)]
    tasks: Vec<String>,
}

/// Makes or changes a security role of the organization
#[utoipa::path(put, path = "/api/v1/roles/{name}", tag = "people", operation_id = "put_role",
    params(("name" = String, Path, description = "The role's name", example = "Tender desk")), request_body = RoleRightsBody, responses(
    (status = 204, description = "It holds at once for whoever has it"),
    (status = 403, description = "One may not, or it comes with the product", body = ProblemBody, content_type = "application/problem+json"),
    (status = 415, description = "The body is no JSON", body = ProblemBody, content_type = "application/problem+json"),
    (status = 422, description = "The body makes no sense", body = ProblemBody, content_type = "application/problem+json"),
    CommonProblems,
))]
pub(crate) async fn put_role(
    Acting(state): Acting,
    ApiPath(name): ApiPath<String>,
    _query: NoParameters,
    ApiJson(RoleRightsBody { reads, writes, tasks }): ApiJson<RoleRightsBody>,
) -> Result<StatusCode, Problem> {
    let rights = users::rights_of(&reads, &writes, &tasks).map_err(Problem::in_body)?;
    state.app().put_role(&name, rights).await.map_err(Problem::in_body)?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes a security role of the organization away
#[utoipa::path(delete, path = "/api/v1/roles/{name}", tag = "people", operation_id = "delete_role",
    params(("name" = String, Path, description = "The role's name", example = "Tender desk")), responses(
    (status = 204, description = "Whoever has it has nothing of it any more"),
    (status = 403, description = "One may not", body = ProblemBody, content_type = "application/problem+json"),
    (status = 404, description = "Nobody made such a role here", body = ProblemBody, content_type = "application/problem+json"),
    CommonProblems,
))]
pub(crate) async fn delete_role(
    Acting(state): Acting,
    ApiPath(name): ApiPath<String>,
    _query: NoParameters,
) -> Result<StatusCode, Problem> {
    state.app().delete_role(&name).await?;
    Ok(StatusCode::NO_CONTENT)
}
