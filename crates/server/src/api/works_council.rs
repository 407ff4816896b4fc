//! `/api/v1/works-council`: works council mode, turned on by one person and off by two.

use axum::Json;
use rapport_domain::{Moment, Task};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    extract::{ApiJson, NoParameters},
    identify::Acting,
    problem::{CommonProblems, Problem, ProblemBody},
};
use crate::app::works_council::WorksCouncilStatus;

/// Works council mode.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WorksCouncilBody {
    /// Whether nobody is told a figure about a single colleague.
    is_on: bool,
    /// Since when.
    since: Option<String>,
    /// Address of the council's account, without which it is not turned off.
    council: Option<String>,
    /// Its name.
    council_name: Option<String>,
    /// Who asks to turn it off.
    off_asked_by: Option<String>,
    /// Since when.
    off_asked_at: Option<String>,
    /// Whether the caller is the council, and so answers.
    is_council: bool,
}

impl From<WorksCouncilStatus> for WorksCouncilBody {
    fn from(status: WorksCouncilStatus) -> Self {
        let WorksCouncilStatus { since, council, off_asked, is_council } = status;
        let (council, council_name) = council.unzip();
        let (off_asked_by, off_asked_at) = off_asked.unzip();
        Self {
            is_on: since.is_some(),
            since: since.map(Moment::to_rfc3339),
            council,
            council_name,
            off_asked_by,
            off_asked_at: off_asked_at.map(Moment::to_rfc3339),
            is_council,
        }
    }
}

/// Whether works council mode is on, and who must agree before it is turned off
#[utoipa::path(get, path = "/api/v1/works-council", tag = "privacy", operation_id = "get_works_council",
    responses((status = 200, description = "Known to every colleague", body = WorksCouncilBody), CommonProblems))]
pub(crate) async fn get(Acting(state): Acting, _query: NoParameters) -> Result<Json<WorksCouncilBody>, Problem> {
    Ok(Json(state.app().works_council().await?.into()))
}

/// What is done about works council mode.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", tag = "action", deny_unknown_fields)]
pub(crate) enum WorksCouncilAction {
    /// Turns it on.
    TurnOn {
        /// Address of the council's account: a user who can sign in, not oneself.
        council: String,
    },
    /// Asks the council to agree to turning it off.
    AskOff {},
    /// The council agrees: it is off.
    AgreeOff {},
    /// The council does not agree: it stays on.
    KeepOn {},
}

/// Turns works council mode on, asks to turn it off, or answers as the council; the audit log keeps each step
#[utoipa::path(post, path = "/api/v1/works-council", tag = "privacy", operation_id = "post_works_council",
    request_body = WorksCouncilAction, responses(
        (status = 200, description = "As it is now", body = WorksCouncilBody),
        (status = 403, description = "One may not, or as things stand it cannot be done", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "There is no such user", body = ProblemBody, content_type = "application/problem+json"),
        (status = 415, description = "The body is no JSON", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "The body makes no sense", body = ProblemBody, content_type = "application/problem+json"),
        CommonProblems,
    ))]
pub(crate) async fn post(
    Acting(state): Acting,
    _query: NoParameters,
    ApiJson(action): ApiJson<WorksCouncilAction>,
) -> Result<Json<WorksCouncilBody>, Problem> {
    let app = state.app();
    let done = match action {
        WorksCouncilAction::TurnOn { council } => {
            app.need_any(&[Task::Privacy]).await?;
            app.turn_works_council_on(&council).await
        }
        WorksCouncilAction::AskOff {} => {
            app.need_any(&[Task::Privacy]).await?;
            app.ask_works_council_off().await
        }
        // The council's account needs no role.
        WorksCouncilAction::AgreeOff {} => app.answer_works_council_off(true).await,
        WorksCouncilAction::KeepOn {} => app.answer_works_council_off(false).await,
    };
    Ok(Json(done?.into()))
}
