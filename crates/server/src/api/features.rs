//! `/api/v1/features`: why somebody cannot see a feature, and who can change that.

use axum::Json;
use rapport_domain::Table;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    extract::ApiQuery,
    identify::Acting,
    problem::{CommonProblems, Problem, ProblemBody},
};
use crate::app::features::{Check, FeatureAccess};

/// About whom.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub(crate) struct FeatureParameters {
    /// A user's address; whoever is signed in asks about themselves. About others only whoever manages users.
    user: Option<String>,
}

/// One thing that a feature needs.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CheckBody {
    /// `licence`, `role`, `premium`, `feature`, `option`, `closed_deals`, `enabled`, `mailbox`, `roles`, `geography`, `consent`, `form` or
    /// `task`.
    #[schema(example = "role")]
    check: &'static str,
    /// Whether it is there.
    is_ok: bool,
    /// What was found: a licence, `on`, `off`, `not_enabled` (nobody has enabled anything yet, CRM data answers), `basic_tier` (which needs
    /// no enabling), a number (`not_permitted` of a colleague in works council mode), a state of consent, a geography; of a role that allows it the names, else `functional` or `none`.
    #[schema(example = "Sales Manager")]
    found: String,
    /// Who can change it: `user_administrator`, `administrator`, `customizer`, `tenant_administrator`, `form_customizer` or `time`.
    #[schema(example = "user_administrator")]
    fixed_by: &'static str,
    /// Of `form`: applications that show such records without the feature's widget.
    lacking: Vec<LackingBody>,
}

/// An application's forms of a table, none of which carries a widget.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LackingBody {
    /// Name of the application.
    #[schema(example = "Field Service")]
    application: String,
    /// `accounts`, `contacts`, `leads` or `opportunities`.
    #[schema(example = "contacts")]
    table: &'static str,
}

/// Whether somebody can use a feature.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FeatureBody {
    /// `relationship_analytics`, `health`, `response_times`, `who_knows_whom` or `similar_deals`; or a task: `settings`, `users`,
    /// `consent`, `privacy_requests`, `audit`.
    #[schema(example = "who_knows_whom")]
    feature: &'static str,
    /// Whether everything that it needs is there on our own pages, which carry every widget: `form` does not count.
    is_available: bool,
    /// What it needs, in the order in which to mend it.
    checks: Vec<CheckBody>,
}

impl From<FeatureAccess> for FeatureBody {
    fn from(access: FeatureAccess) -> Self {
        let lacking = |(application, table): (String, Table)| LackingBody { application, table: table.as_str() };
        let check = |Check { check, is_ok, found, fixed_by, lacking: forms }: Check| CheckBody {
            check,
            is_ok,
            found,
            fixed_by,
            lacking: forms.into_iter().map(lacking).collect(),
        };
        Self {
            feature: access.feature,
            is_available: access.is_available(),
            checks: access.checks.into_iter().map(check).collect(),
        }
    }
}

/// All features for one user.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FeaturesBody {
    /// The user.
    user: String,
    /// Each feature with what it needs.
    items: Vec<FeatureBody>,
}

/// Why somebody cannot see a feature: each check, and who can change it
#[utoipa::path(get, path = "/api/v1/features", tag = "people", operation_id = "get_features", params(FeatureParameters), responses(
    (status = 200, description = "Each feature with what it needs", body = FeaturesBody),
    (status = 403, description = "About others only whoever manages users may ask", body = ProblemBody, content_type = "application/problem+json"),
    (status = 404, description = "There is no such user", body = ProblemBody, content_type = "application/problem+json"),
    CommonProblems,
))]
pub(crate) async fn get(
    Acting(state): Acting,
    ApiQuery(FeatureParameters { user }): ApiQuery<FeatureParameters>,
) -> Result<Json<FeaturesBody>, Problem> {
    let (user, features) = state.app().features(user.as_deref()).await?;
    Ok(Json(FeaturesBody { user, items: features.into_iter().map(FeatureBody::from).collect() }))
}
