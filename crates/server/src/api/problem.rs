//! Problems (RFC 9457): the one place where an error of a use case becomes an HTTP status.

use std::collections::BTreeMap;

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use utoipa::{
    IntoResponses, ToSchema,
    openapi::{ContentBuilder, Ref, RefOr, Response as OpenApiResponse, ResponseBuilder},
};

use crate::AppError;

/// Media type of a problem.
pub const PROBLEM_JSON: &str = "application/problem+json";

/// Seconds after which trying again may help: an import's batch is written by then.
const RETRY_AFTER_S: u32 = 2;

/// Seconds after which another attempt is taken at the latest.
const ATTEMPT_AFTER_S: u32 = 30;

/// A problem.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({"type": "urn:rapport:problem:missing", "title": "Not found", "status": 404, "detail": "there is no contact `c9`"}))]
pub struct ProblemBody {
    /// Tells kinds of problems apart: `urn:rapport:problem:` and one word.
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind in words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What is wrong this time.
    pub detail: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub hint: Option<String>,
}

/// A problem as an answer.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    kind: Kind,
    detail: String,
    hint: Option<String>,
}

/// Declares the kinds of problems: word, status, title.
macro_rules! kinds {
    ($($kind:ident = $word:literal, $status:ident, $title:literal;)*) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Kind { $($kind,)* }

        impl Kind {
            fn word(self) -> &'static str {
                match self { $(Self::$kind => $word,)* }
            }

            fn status(self) -> StatusCode {
                match self { $(Self::$kind => StatusCode::$status,)* }
            }

            fn title(self) -> &'static str {
                match self { $(Self::$kind => $title,)* }
            }
        }
    };
}

kinds! {
    Invalid = "invalid", BAD_REQUEST, "The request makes no sense";
    Unprocessable = "unprocessable", UNPROCESSABLE_ENTITY, "The body makes no sense";
    MediaType = "media_type", UNSUPPORTED_MEDIA_TYPE, "The body is of another media type";
    TooLarge = "too_large", PAYLOAD_TOO_LARGE, "The body is too large";
    SignedOut = "signed_out", UNAUTHORIZED, "Nobody is signed in";
    TooMany = "too_many", TOO_MANY_REQUESTS, "Too many attempts";
    Refused = "refused", FORBIDDEN, "A rule is against it";
    NotEnabled = "not_enabled", FORBIDDEN, "It is switched off";
    CrossSite = "cross_site", FORBIDDEN, "Another site may not write";
    Missing = "missing", NOT_FOUND, "Not found";
    Method = "method", METHOD_NOT_ALLOWED, "The method is not allowed here";
    Conflict = "conflict", CONFLICT, "It is in the way of what is there";
    StaleCursor = "stale_cursor", GONE, "The list has changed";
    Changed = "changed", PRECONDITION_FAILED, "It is not what was expected";
    KeyReused = "key_reused", UNPROCESSABLE_ENTITY, "The key belongs to another request";
    ImportFailed = "import_failed", UNPROCESSABLE_ENTITY, "The import failed";
    Misdirected = "misdirected", MISDIRECTED_REQUEST, "The request is for another host";
    TooSlow = "too_slow", REQUEST_TIMEOUT, "The body comes too slowly";
    Busy = "busy", SERVICE_UNAVAILABLE, "Try again soon";
    Full = "full", INSUFFICIENT_STORAGE, "The disk is full";
    Store = "store", INTERNAL_SERVER_ERROR, "The store cannot do that";
    Fault = "fault", INTERNAL_SERVER_ERROR, "A fault of the server";
}

impl Problem {
    pub(crate) fn new(kind: Kind, detail: impl Into<String>) -> Self {
        Self { kind, detail: detail.into(), hint: None }
    }

    pub(crate) fn invalid(detail: impl Into<String>) -> Self {
        Self::new(Kind::Invalid, detail)
    }

    pub(crate) fn missing(detail: impl Into<String>) -> Self {
        Self::new(Kind::Missing, detail)
    }

    #[must_use]
    pub(crate) fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// What makes no sense stands in the body.
    pub(crate) fn in_body(error: AppError) -> Self {
        let problem = Self::from(error);
        if problem.kind == Kind::Invalid { Self { kind: Kind::Unprocessable, ..problem } } else { problem }
    }

    /// The problem as events and documents carry it.
    pub(crate) fn body(&self) -> ProblemBody {
        ProblemBody {
            kind: format!("urn:rapport:problem:{}", self.kind.word()),
            title: self.kind.title().to_owned(),
            status: self.kind.status().as_u16(),
            detail: self.detail.clone(),
            hint: self.hint.clone(),
        }
    }
}

impl From<AppError> for Problem {
    fn from(error: AppError) -> Self {
        let kind = if error.is_missing() {
            Kind::Missing
        } else if error.is_invalid() {
            Kind::Invalid
        } else if error.is_refused() {
            Kind::Refused
        } else if error.is_switched_off() {
            Kind::NotEnabled
        } else if error.is_signed_out() {
            Kind::SignedOut
        } else if error.is_too_many() {
            Kind::TooMany
        } else if error.is_transient() {
            Kind::Busy
        } else {
            // The answer says little; the log has the cause.
            tracing::error!(error = %error, cause = error_chain(&error), "the store failed");
            Kind::Store
        };
        Self { kind, detail: error.to_string(), hint: error.hint().map(str::to_owned) }
    }
}

fn error_chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

impl From<rapport_store::StoreError> for Problem {
    fn from(error: rapport_store::StoreError) -> Self {
        AppError::from(error).into()
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = (self.kind.status(), Json(self.body())).into_response();
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        if self.kind == Kind::Busy {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(RETRY_AFTER_S));
        }
        if self.kind == Kind::TooMany {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(ATTEMPT_AFTER_S));
        }
        if self.kind == Kind::SignedOut {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

/// A problem as the OpenAPI document describes it.
pub(crate) fn problem_response(description: &str) -> RefOr<OpenApiResponse> {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("ProblemBody"))).build();
    RefOr::T(ResponseBuilder::new().description(description).content(PROBLEM_JSON, content).build())
}

/// The problems that every operation can answer with, for the OpenAPI document.
pub(crate) struct CommonProblems;

impl IntoResponses for CommonProblems {
    fn responses() -> BTreeMap<String, RefOr<OpenApiResponse>> {
        let problem = problem_response;
        BTreeMap::from([
            ("400".to_owned(), problem("A parameter is unknown or makes no sense; `detail` names it")),
            ("401".to_owned(), problem("Nobody is signed in, or the token is not good")),
            ("421".to_owned(), problem("The request names a host that is not this machine")),
            ("500".to_owned(), problem("The store or the server failed")),
            ("503".to_owned(), problem("Busy; `Retry-After` says when to try again")),
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_of_use_cases_become_statuses() {
        let status = |error: AppError| Problem::from(error).into_response().status().as_u16();
        assert_eq!(status(AppError::missing("x")), 404);
        assert_eq!(status(AppError::invalid("x")), 400);
        assert_eq!(status(AppError::refused("x")), 403);
        assert_eq!(Problem::in_body(AppError::invalid("x")).into_response().status().as_u16(), 422);
        let busy = Problem::new(Kind::Busy, "x").into_response();
        assert_eq!(busy.headers()["retry-after"], "2");
        assert_eq!(busy.headers()["content-type"], PROBLEM_JSON);
    }
}
