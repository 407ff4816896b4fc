//! `/api/v1/users` and `/api/v1/me`: who works here, and who looks.

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    extract::{ApiQuery, NoParameters},
    problem::{CommonProblems, Problem},
    state::ServerState,
};
use crate::app::viewer::{self, UserSummary};

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
    /// Whether they still work here.
    is_active: bool,
}

impl From<UserSummary> for UserBody {
    fn from(user: UserSummary) -> Self {
        let UserSummary { email, name, title, manager, licence, roles, groups, is_active } = user;
        Self { email, name, title, manager, licence, roles, groups, is_active }
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
pub(crate) async fn list(State(state): State<ServerState>, _query: NoParameters) -> Result<Json<UsersBody>, Problem> {
    let users = state.app().users().await?;
    Ok(Json(UsersBody { items: users.into_iter().map(UserBody::from).collect() }))
}

/// Parameters of who looks.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub(crate) struct MeParameters {
    /// Who looks: a user's address.
    viewer: Option<String>,
}

/// Who looks, and at what.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MeBody {
    /// The user; null while nobody has said who looks.
    viewer: Option<UserBody>,
    /// What is looked at.
    organization: OrganizationBody,
    /// `basic` or `enhanced`: follows the viewer's licence.
    tier: &'static str,
    /// `crm` or `crm_and_mailbox`: which data the figures rest on.
    data: &'static str,
    /// Whether the text of subjects is kept.
    keeps_subjects: bool,
    /// Text that asks for an introduction, with `{colleague}`, `{target}` and `{me}`; empty: that of the reader's language.
    introduction_template: String,
    /// Colleagues that who knows whom shows on a record at most.
    introducers: u32,
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
    State(state): State<ServerState>,
    ApiQuery(MeParameters { viewer }): ApiQuery<MeParameters>,
) -> Result<Json<MeBody>, Problem> {
    let app = state.app();
    let view = app.view().await?;
    let user = viewer.map(|address| viewer::user(&view, &address)).transpose()?;
    let settings = app.settings().await?;
    Ok(Json(MeBody {
        viewer: user.map(|user| viewer::summary(&view, user, app.now()).into()),
        organization: OrganizationBody {
            name: app.organization().name.clone(),
            time_zone: view.calendar.zone_name().to_owned(),
            today: view.calendar.day_of(app.now()).to_iso(),
        },
        // Until licences exist everybody is premium (06).
        tier: "enhanced",
        data: view.data.as_str(),
        introduction_template: settings.get("who_knows.template").cloned().unwrap_or_default(),
        introducers: settings.get("who_knows.introducers").and_then(|text| text.parse().ok()).unwrap_or(5),
        keeps_subjects: settings.get("capture.keep_subjects").is_some_and(|value| value == "true"),
    }))
}
