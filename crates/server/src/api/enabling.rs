//! `/api/v1/enabling`: relationship intelligence switched on, for whom, and where consent to mailbox data stands.

use std::collections::BTreeSet;

use axum::Json;
use rapport_domain::{
    DataLocation, Moment, Task,
    enabling::{Roles, Selection},
    time::DAY_US,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoResponses, ToSchema};

use super::{
    extract::{ApiJson, NoParameters},
    identify::Acting,
    problem::{CommonProblems, Problem, ProblemBody},
    state::ServerState,
};
use crate::{
    App, AppError,
    app::{
        enabling::{Counted, EnablingStatus, MailboxCounts},
        notices::MailboxNotices,
    },
};

/// What is switched on, for whom, and where consent stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct EnablingBody {
    /// Since when premium features are enabled; null: they are not.
    pub premium_since: Option<String>,
    /// The first Save of the Overview page; null: nothing is enabled yet.
    pub enabled_at: Option<String>,
    /// Relationship analytics.
    pub relationship_analytics: bool,
    /// Who knows whom.
    pub who_knows_whom: bool,
    /// Mailbox data.
    pub mailbox: MailboxBody,
    /// Consent to it.
    pub consent: ConsentBody,
    /// Where it lies.
    pub geography: GeographyBody,
}

/// Mailbox data: whether it is switched on, and whose.
#[derive(Debug, Serialize, ToSchema)]
pub struct MailboxBody {
    /// Switched on.
    pub is_on: bool,
    /// Read and used: on, consented to, where the policy allows it, with a role selected.
    pub is_used: bool,
    /// Whether stored mailbox data is kept although it is switched off.
    pub keeps_stored: bool,
    /// Mailboxes of which something is stored that is no longer used, and that waits to be deleted.
    pub withheld: usize,
    /// When the first of them is deleted, unless it may be used again by then.
    pub deleted_by: Option<String>,
    /// Whether everybody's mailbox is selected, whatever their roles.
    pub all_roles: bool,
    /// Security roles, built-in ones and those that users have, by name.
    pub roles: Vec<ChoiceBody>,
    /// Security groups that users are in, by name; members of those chosen are left out.
    pub excluded_groups: Vec<ChoiceBody>,
    /// Users.
    pub users: usize,
    /// Users whose mailbox the selection covers.
    pub selected_users: usize,
    /// Days between telling an employee that their mailbox will be read and reading it for the first time.
    pub notice_days: i64,
    /// Users who were told.
    pub noticed_users: usize,
    /// From when the last of them may be read; null: nobody was told.
    pub capture_from: Option<String>,
}

/// A security role or group.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChoiceBody {
    /// Its name.
    pub name: String,
    /// Users who have it.
    pub users: usize,
    /// Whether it is chosen.
    pub is_chosen: bool,
}

/// Consent to mailbox data.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConsentBody {
    /// `not_requested`, `pending`, `granted`, `expired`, `declined` or `revoked`.
    #[schema(example = "pending")]
    pub state: &'static str,
    /// Since when.
    pub since: Option<String>,
    /// The text agreed to last; empty until consent was granted.
    pub text: String,
    /// When the 14 days end, while they run.
    pub deadline: Option<String>,
    /// Days left until then, a begun day counted whole.
    pub days_left: Option<i64>,
    /// After it was withdrawn: until when mailbox data is deleted from the live store.
    pub delete_live_by: Option<String>,
    /// After it was withdrawn: until when mailbox data is deleted from backups.
    pub delete_backups_by: Option<String>,
}

/// Where mailbox data lies, and where it may be used.
#[derive(Debug, Serialize, ToSchema)]
pub struct GeographyBody {
    /// `eligible`, `local_geography`, `not_listed` or `unknown`.
    #[schema(example = "eligible")]
    pub state: &'static str,
    /// `declared` by the operator, or as `microsoft_365` says; null: unknown.
    pub source: Option<&'static str>,
    /// A place in words, or a code of Microsoft 365.
    pub location: Option<String>,
    /// Macro regions where the policy allows it to be used.
    pub regions: Vec<String>,
    /// Whether the policy accepts a declared location.
    pub accepts_declared: bool,
}

impl EnablingBody {
    /// As of now.
    pub async fn of(app: &App) -> Result<Self, AppError> {
        let notices = app.mailbox_notices().await?;
        Ok(Self::new(&app.enabling().await?, app.mailbox_counts().await?, app.withheld_mailboxes().await?, &notices))
    }

    fn new(
        status: &EnablingStatus,
        counts: MailboxCounts,
        (withheld, deleted_by): (usize, Option<Moment>),
        notices: &MailboxNotices,
    ) -> Self {
        let EnablingStatus { enabling, geography, policy, now } = status;
        let rfc = |at: Option<Moment>| at.map(Moment::to_rfc3339);
        let chosen = |choices: Vec<Counted>, is_chosen: &dyn Fn(&str) -> bool| {
            choices
                .into_iter()
                .map(|Counted { name, users }| ChoiceBody { is_chosen: is_chosen(&name), name, users })
                .collect::<Vec<_>>()
        };
        let deadlines = enabling.deletion_deadlines();
        let deadline = enabling.deadline();
        let (source, location) = match &enabling.location {
            None => (None, None),
            Some(DataLocation::Declared(place)) => (Some("declared"), Some(place.clone())),
            Some(DataLocation::Microsoft365(code)) => (Some("microsoft_365"), Some(code.clone())),
        };
        Self {
            premium_since: rfc(enabling.premium_since),
            enabled_at: rfc(enabling.enabled_at),
            relationship_analytics: enabling.relationship_analytics,
            who_knows_whom: enabling.who_knows_whom,
            mailbox: MailboxBody {
                is_on: enabling.mailbox,
                is_used: enabling.uses_mailbox(*geography),
                keeps_stored: enabling.keeps_stored,
                withheld,
                deleted_by: rfc(deleted_by),
                all_roles: enabling.roles == Roles::All,
                roles: chosen(
                    counts.roles,
                    &|name| matches!(&enabling.roles, Roles::Selected(selected) if selected.contains(name)),
                ),
                excluded_groups: chosen(counts.groups, &|name| enabling.excludes(name)),
                users: counts.users,
                selected_users: counts.selected,
                notice_days: notices.days,
                noticed_users: notices.of.len(),
                capture_from: rfc(notices.of.values().map(|notice| notice.capture_from).max()),
            },
            consent: ConsentBody {
                state: enabling.consent.as_str(),
                since: rfc(enabling.consent_since),
                text: enabling.consent_text.clone(),
                deadline: rfc(deadline),
                days_left: deadline.map(|deadline| (deadline.0 - now.0 + DAY_US - 1).div_euclid(DAY_US)),
                delete_live_by: rfc(deadlines.map(|(live, _)| live)),
                delete_backups_by: rfc(deadlines.map(|(_, backups)| backups)),
            },
            geography: GeographyBody {
                state: geography.as_str(),
                source,
                location,
                regions: policy.regions.iter().cloned().collect(),
                accepts_declared: policy.accepts_declared,
            },
        }
    }
}

/// What was changed, as it is now; what makes no sense stands in the body.
async fn changed(state: &ServerState, done: Result<EnablingStatus, AppError>) -> Result<Json<EnablingBody>, Problem> {
    done.map_err(Problem::in_body)?;
    Ok(Json(EnablingBody::of(state.app()).await?))
}

/// What is switched on, for whom, and where consent to mailbox data stands
#[utoipa::path(get, path = "/api/v1/enabling", tag = "enabling", operation_id = "get_enabling",
    responses((status = 200, description = "As of now, what the clock has done included", body = EnablingBody), CommonProblems))]
pub(crate) async fn get(Acting(state): Acting, _query: NoParameters) -> Result<Json<EnablingBody>, Problem> {
    Ok(Json(EnablingBody::of(state.app()).await?))
}

/// What every operation answers that changes what is enabled.
#[derive(IntoResponses)]
#[expect(dead_code, clippy::large_enum_variant, reason = "only its description is used")]
pub(crate) enum EnablingChanges {
    /// As it is now
    #[response(status = 200)]
    Changed(EnablingBody),
    /// As things stand it cannot be done: `detail` says why, `hint` what to do first
    #[response(status = 403, content_type = "application/problem+json")]
    Refused(ProblemBody),
    /// The body is no JSON
    #[response(status = 415, content_type = "application/problem+json")]
    MediaType(ProblemBody),
    /// The body makes no sense
    #[response(status = 422, content_type = "application/problem+json")]
    Unprocessable(ProblemBody),
}

/// Premium features on or off.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PremiumBody {
    /// True accepts their terms.
    is_enabled: bool,
}

/// Enables premium features (accepting their terms), or disables them and everything that needs them
#[utoipa::path(put, path = "/api/v1/enabling/premium", tag = "enabling", operation_id = "put_premium", request_body = PremiumBody,
    responses(EnablingChanges, CommonProblems))]
pub(crate) async fn premium(
    Acting(state): Acting,
    _query: NoParameters,
    ApiJson(body): ApiJson<PremiumBody>,
) -> Result<Json<EnablingBody>, Problem> {
    let app = state.app();
    changed(&state, if body.is_enabled { app.enable_premium().await } else { app.disable_premium().await }).await
}

/// What is saved on the Overview page.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"relationship_analytics": true, "who_knows_whom": true, "mailbox": true, "all_roles": false, "roles": ["Salesperson"]}))]
pub(crate) struct SelectionBody {
    /// Relationship analytics.
    relationship_analytics: bool,
    /// Who knows whom.
    who_knows_whom: bool,
    /// Mailbox data, once it is consented to.
    mailbox: bool,
    /// Everybody's mailbox, whatever their roles.
    #[serde(default)]
    all_roles: bool,
    /// Security roles whose users' mailboxes are used; none is nobody's. Must be empty with `all_roles`.
    #[serde(default)]
    roles: BTreeSet<String>,
    /// Where mailbox data is switched off: keep what is stored instead of deleting it.
    #[serde(default)]
    keeps_stored: bool,
}

/// Saves the Overview page; the first time, this enables relationship intelligence and asks for consent
#[utoipa::path(put, path = "/api/v1/enabling", tag = "enabling", operation_id = "put_enabling", request_body = SelectionBody,
    responses(EnablingChanges, CommonProblems))]
pub(crate) async fn put(
    Acting(state): Acting,
    _query: NoParameters,
    ApiJson(body): ApiJson<SelectionBody>,
) -> Result<Json<EnablingBody>, Problem> {
    let SelectionBody { relationship_analytics, who_knows_whom, mailbox, all_roles, roles, keeps_stored } = body;
    if all_roles && !roles.is_empty() {
        return Err(Problem::in_body(AppError::invalid("body: `roles` must be empty where `all_roles` is true")));
    }
    let roles = if all_roles { Roles::All } else { Roles::Selected(roles) };
    let selection = Selection { relationship_analytics, who_knows_whom, mailbox, roles };
    changed(&state, state.app().save_enabling(selection, keeps_stored).await).await
}

/// Security groups.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct GroupsBody {
    /// Their names.
    groups: BTreeSet<String>,
}

/// Sets the security groups whose members' mailboxes are not used
#[utoipa::path(put, path = "/api/v1/enabling/excluded-groups", tag = "enabling", operation_id = "put_excluded_groups",
    request_body = GroupsBody, responses(EnablingChanges, CommonProblems))]
pub(crate) async fn excluded_groups(
    Acting(state): Acting,
    _query: NoParameters,
    ApiJson(body): ApiJson<GroupsBody>,
) -> Result<Json<EnablingBody>, Problem> {
    changed(&state, state.app().exclude_groups(body.groups).await).await
}

/// A place.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"location": "our own servers in Utrecht, Netherlands"}))]
pub(crate) struct LocationBody {
    /// Where the mail servers stand, in words.
    location: String,
}

/// Declares where the mailbox data of sources lies that do not say it themselves
#[utoipa::path(put, path = "/api/v1/enabling/location", tag = "enabling", operation_id = "put_data_location",
    request_body = LocationBody, responses(EnablingChanges, CommonProblems))]
pub(crate) async fn location(
    Acting(state): Acting,
    _query: NoParameters,
    ApiJson(body): ApiJson<LocationBody>,
) -> Result<Json<EnablingBody>, Problem> {
    changed(&state, state.app().declare_location(&body.location).await).await
}

/// What is said about consent.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", tag = "action", deny_unknown_fields)]
pub(crate) enum ConsentAction {
    /// Consents, while it is asked for.
    Grant {
        /// What is agreed to.
        text: String,
    },
    /// Says no, while it is asked for.
    Decline {},
    /// Withdraws what was granted: capture stops, nothing of a mailbox is used any more, and it is deleted.
    Revoke {},
    /// Asks again: a new 14 days.
    AskAgain {},
    /// After the 14 days: who knows whom goes on with CRM data.
    UseCrmDataOnly {},
}

/// Grants, declines, withdraws or asks again for consent to mailbox data; the audit log keeps each step
#[utoipa::path(post, path = "/api/v1/enabling/consent", tag = "enabling", operation_id = "post_consent",
    request_body = ConsentAction, responses(EnablingChanges, CommonProblems))]
pub(crate) async fn consent(
    Acting(state): Acting,
    _query: NoParameters,
    ApiJson(action): ApiJson<ConsentAction>,
) -> Result<Json<EnablingBody>, Problem> {
    let app = state.app();
    // Who asks for consent is not who gives it.
    app.need_any(match action {
        ConsentAction::Grant { .. } | ConsentAction::Decline {} => &[Task::Consent],
        ConsentAction::Revoke {} => &[Task::Consent, Task::Configure],
        ConsentAction::AskAgain {} | ConsentAction::UseCrmDataOnly {} => &[Task::Configure],
    })
    .await?;
    let done = match action {
        ConsentAction::Grant { text } => app.grant_consent(&text).await,
        ConsentAction::Decline {} => app.decline_consent().await,
        ConsentAction::Revoke {} => app.revoke_consent().await,
        ConsentAction::AskAgain {} => app.ask_for_consent().await,
        ConsentAction::UseCrmDataOnly {} => app.use_crm_data_only().await,
    };
    changed(&state, done).await
}
