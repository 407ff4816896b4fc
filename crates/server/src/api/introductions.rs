//! `/api/v1/introductions`: requests to a colleague to introduce somebody, and their answers.

use axum::{Json, http::StatusCode};
use rapport_domain::Moment;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    extract::{ApiJson, ApiPath, NoParameters},
    identify::Acting,
    problem::{CommonProblems, Problem, ProblemBody},
};
use crate::app::introductions::{Introduction, IntroductionAnswer, NewIntroduction};

/// A request.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct IntroductionBody {
    /// Its number.
    id: i64,
    /// Whether the caller is asked, rather than asks.
    is_asked_of_me: bool,
    /// Address of the other one; null while they want to be asked first and have not accepted.
    colleague: Option<String>,
    /// Their name.
    colleague_name: Option<String>,
    /// Whom to meet.
    target: String,
    /// Their name.
    target_name: String,
    /// What was written.
    message: String,
    /// `requested`, `accepted`, `declined`, `introduced` or `withdrawn`.
    #[schema(example = "requested")]
    state: String,
    /// When it was asked.
    asked_at: String,
    /// When the state moved last.
    answered_at: Option<String>,
}

impl From<Introduction> for IntroductionBody {
    fn from(introduction: Introduction) -> Self {
        let Introduction { row, is_asked_of_me, other } = introduction;
        let (colleague, colleague_name) = other.unzip();
        Self {
            id: row.id,
            is_asked_of_me,
            colleague,
            colleague_name,
            target: row.target_key,
            target_name: row.target_name,
            message: row.message,
            state: row.state,
            asked_at: row.asked_at.to_rfc3339(),
            answered_at: row.answered_at.map(Moment::to_rfc3339),
        }
    }
}

/// Requests.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct IntroductionsBody {
    /// The newest first.
    items: Vec<IntroductionBody>,
}

/// The caller's requests to be introduced, and those to them
#[utoipa::path(get, path = "/api/v1/introductions", tag = "insights", operation_id = "list_introductions", responses(
    (status = 200, description = "The newest first", body = IntroductionsBody),
    (status = 403, description = "Nobody is signed in", body = ProblemBody, content_type = "application/problem+json"),
    CommonProblems,
))]
pub(crate) async fn list(Acting(state): Acting, _query: NoParameters) -> Result<Json<IntroductionsBody>, Problem> {
    let all = state.app().introductions().await?;
    Ok(Json(IntroductionsBody { items: all.into_iter().map(IntroductionBody::from).collect() }))
}

/// A new request.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"target": "jo@customer.example", "introducer": "ann@us.example", "message": "Can you introduce me?"}))]
pub(crate) struct NewIntroductionBody {
    /// Whom to meet: an address, a domain, or the id of a contact, lead or account.
    target: String,
    /// The colleague: an address, or the `handle` of somebody who wants to be asked first.
    introducer: String,
    /// What is written to them.
    #[serde(default)]
    message: String,
}

/// Asks a colleague to introduce
#[utoipa::path(post, path = "/api/v1/introductions", tag = "insights", operation_id = "create_introduction",
    request_body = NewIntroductionBody, responses(
    (status = 201, description = "Asked", body = IntroductionBody),
    (status = 403, description = "Who knows whom is switched off, or the colleague has enough open requests", body = ProblemBody, content_type = "application/problem+json"),
    (status = 404, description = "The target or the introducer is not known", body = ProblemBody, content_type = "application/problem+json"),
    (status = 415, description = "The body is no JSON", body = ProblemBody, content_type = "application/problem+json"),
    (status = 422, description = "The body makes no sense", body = ProblemBody, content_type = "application/problem+json"),
    CommonProblems,
))]
pub(crate) async fn create(
    Acting(state): Acting,
    _query: NoParameters,
    ApiJson(NewIntroductionBody { target, introducer, message }): ApiJson<NewIntroductionBody>,
) -> Result<(StatusCode, Json<IntroductionBody>), Problem> {
    let asked = state.app().ask_introduction(NewIntroduction { target, introducer, message }).await.map_err(Problem::in_body)?;
    Ok((StatusCode::CREATED, Json(asked.into())))
}

/// What is done with a request.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AnswerWord {
    /// The colleague will introduce.
    Accept,
    /// The colleague will not.
    Decline,
    /// The colleague has.
    Introduced,
    /// Whoever asked no longer does.
    Withdraw,
}

/// An answer to a request.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"answer": "accept"}))]
pub(crate) struct AnswerBody {
    /// What is done.
    answer: AnswerWord,
}

/// Answers a request to introduce, or takes it back
#[utoipa::path(put, path = "/api/v1/introductions/{id}", tag = "insights", operation_id = "answer_introduction",
    params(("id" = i64, Path, description = "The request's number", example = 1)), request_body = AnswerBody, responses(
    (status = 200, description = "As it is now", body = IntroductionBody),
    (status = 403, description = "As things stand it cannot be done, or not by the caller", body = ProblemBody, content_type = "application/problem+json"),
    (status = 404, description = "There is no such request of the caller's, or to them", body = ProblemBody, content_type = "application/problem+json"),
    (status = 415, description = "The body is no JSON", body = ProblemBody, content_type = "application/problem+json"),
    (status = 422, description = "The body makes no sense", body = ProblemBody, content_type = "application/problem+json"),
    CommonProblems,
))]
pub(crate) async fn answer(
    Acting(state): Acting,
    ApiPath(id): ApiPath<i64>,
    _query: NoParameters,
    ApiJson(AnswerBody { answer }): ApiJson<AnswerBody>,
) -> Result<Json<IntroductionBody>, Problem> {
    let answer = match answer {
        AnswerWord::Accept => IntroductionAnswer::Accept,
        AnswerWord::Decline => IntroductionAnswer::Decline,
        AnswerWord::Introduced => IntroductionAnswer::Introduced,
        AnswerWord::Withdraw => IntroductionAnswer::Withdraw,
    };
    Ok(Json(state.app().answer_introduction(id, answer).await?.into()))
}
