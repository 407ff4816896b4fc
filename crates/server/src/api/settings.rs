//! `/api/v1/settings`: what can be set, and setting it.

use axum::Json;
use rapport_domain::Task;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::{
    extract::{ApiJson, ApiPath, NoParameters},
    identify::Acting,
    problem::{CommonProblems, Kind, Problem, ProblemBody},
};
use crate::app::settings::{self, SETTINGS, Setting};

/// All settings.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SettingsBody {
    /// By key.
    items: Vec<SettingBody>,
}

/// One setting.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"key": "health.frequency_days", "value": "7", "default": "7", "accepts": "one of 1, 3, 7, 14, 30", "about": "how often sellers should be in touch"}))]
pub(crate) struct SettingBody {
    /// Its key.
    key: &'static str,
    /// The value that holds.
    value: String,
    /// What holds until it is set.
    default: &'static str,
    /// What it may be, in words.
    accepts: String,
    /// What it does.
    about: &'static str,
}

impl SettingBody {
    fn new(setting: &Setting, value: String) -> Self {
        Self { key: setting.key, value, default: setting.default, accepts: setting.accepted(), about: setting.about }
    }
}

/// A new value.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"value": 14}))]
pub(crate) struct NewSettingBody {
    /// A text, number or truth value.
    value: Value,
}

/// All settings with the values that hold
#[utoipa::path(get, path = "/api/v1/settings", tag = "settings", operation_id = "get_settings", responses(
    (status = 200, description = "All settings, by key", body = SettingsBody),
    CommonProblems,
))]
pub(crate) async fn list(Acting(state): Acting, _query: NoParameters) -> Result<Json<SettingsBody>, Problem> {
    let mut values = state.app().settings().await?;
    let items =
        SETTINGS.iter().map(|setting| SettingBody::new(setting, values.remove(setting.key).unwrap_or_default())).collect();
    Ok(Json(SettingsBody { items }))
}

/// Who may set a setting: options of features customizers too, how long interactions are kept the privacy administrator too.
fn setters(key: &str) -> &'static [Task] {
    if ["health.", "who_knows.", "similar_deals."].iter().any(|feature| key.starts_with(feature)) {
        &[Task::Configure, Task::Customize]
    } else if key == "retention.months" {
        &[Task::Configure, Task::Privacy]
    } else {
        &[Task::Configure]
    }
}

/// Sets one setting; a minimum that passes its neighbour's moves the neighbour's
#[utoipa::path(put, path = "/api/v1/settings/{key}", tag = "settings", operation_id = "put_setting",
    params(("key" = String, Path, description = "The setting's key", example = "health.frequency_days")),
    request_body = NewSettingBody,
    responses(
        (status = 200, description = "Every setting that moved, the one that was set first", body = SettingsBody),
        (status = 403, description = "The write comes from another site", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "There is no such setting", body = ProblemBody, content_type = "application/problem+json"),
        (status = 415, description = "The body is no JSON", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "It cannot have this value; `detail` says what it may be", body = ProblemBody, content_type = "application/problem+json"),
        CommonProblems,
    ))]
pub(crate) async fn put(
    Acting(state): Acting,
    ApiPath(key): ApiPath<String>,
    _query: NoParameters,
    ApiJson(body): ApiJson<NewSettingBody>,
) -> Result<Json<SettingsBody>, Problem> {
    let set = settings::find(&key)
        .map_err(|error| Problem::missing(error.to_string()).with_hint("GET /api/v1/settings lists all settings"))?;
    let text = match body.value {
        Value::String(text) => text,
        scalar @ (Value::Number(_) | Value::Bool(_)) => scalar.to_string(),
        _ => return Err(Problem::new(Kind::Unprocessable, "body: `value` is a text, a number or a truth value")),
    };
    let app = state.app();
    app.need_any(setters(set.key)).await?;
    let before = app.settings().await?;
    let value = app.set_setting(set.key, &text).await.map_err(Problem::in_body)?;
    let after = app.settings().await?;
    let has_moved = |key: &str| key != set.key && before.get(key) != after.get(key);
    let mut items = vec![SettingBody::new(set, value)];
    for setting in SETTINGS.iter().filter(|setting| has_moved(setting.key)) {
        items.push(SettingBody::new(setting, after.get(setting.key).cloned().unwrap_or_default()));
    }
    Ok(Json(SettingsBody { items }))
}
