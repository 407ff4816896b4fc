//! One method call at a time (RFC 8620, 3).

use reqwest::StatusCode;
use serde_json::{Value, json};

use super::account::{Account, CORE, MAIL};
use crate::{
    exchange::{Exchange, Question},
    mailbox::SourceError,
};

/// What came of a call.
#[derive(Debug)]
pub(super) enum Called {
    /// The arguments of the answer.
    Done(Value),
    /// The method failed, for this reason of the protocol.
    Failed(String),
    /// The answer is larger than what we take.
    TooLarge,
}

impl Called {
    /// The arguments of the answer; a failure as what it says of the server or of us.
    pub(super) fn done(self) -> Result<Value, SourceError> {
        match self {
            Self::Done(arguments) => Ok(arguments),
            Self::Failed(reason) => Err(failure(&reason)),
            Self::TooLarge => Err(SourceError::unexpected("an answer is larger than what we take")),
        }
    }
}

/// Calls a method for an account.
pub(super) async fn call(
    exchange: &Exchange,
    account: &Account,
    method: &str,
    mut arguments: Value,
) -> Result<Called, SourceError> {
    arguments["accountId"] = json!(account.id);
    let body = json!({"using": [CORE, MAIL], "methodCalls": [[method, arguments, "0"]]}).to_string();
    let answer = exchange
        .ask(&account.api, Question { method: "POST", depth: None, content_type: "application/json", body: &body })
        .await?;
    if answer.is_cut {
        return Ok(Called::TooLarge);
    }
    let said: Option<Value> = serde_json::from_slice(answer.body()?).ok();
    match (answer.status, said) {
        (StatusCode::OK, Some(said)) => result(said, method),
        (status, said) => Err(refused(status, said.as_ref().and_then(|said| said["type"].as_str()))),
    }
}

fn result(mut said: Value, method: &str) -> Result<Called, SourceError> {
    let response = said.pointer_mut("/methodResponses/0").and_then(Value::as_array_mut);
    match response.map(Vec::as_mut_slice) {
        Some([Value::String(name), arguments, ..]) if name == method => Ok(Called::Done(arguments.take())),
        Some([Value::String(name), error, ..]) if name == "error" => {
            Ok(Called::Failed(error["type"].as_str().unwrap_or("unknown").to_owned()))
        }
        _ => Err(SourceError::unexpected(format!("the server does not answer `{method}`"))),
    }
}

/// Why a request as a whole was refused (RFC 8620, 3.6.1).
fn refused(status: StatusCode, problem: Option<&str>) -> SourceError {
    match problem {
        // Too many requests at once, or too large ones; ours are small.
        Some("urn:ietf:params:jmap:error:limit") => SourceError::throttled("the server is asked too much at once", None),
        Some(problem) => SourceError::unexpected(format!("the server refuses a request: `{problem}`")),
        None => SourceError::unexpected(format!("the server answers with {status}")),
    }
}

/// Why a method failed (RFC 8620, 3.6.2).
fn failure(reason: &str) -> SourceError {
    let what = format!("the server says `{reason}`");
    match reason {
        "serverUnavailable" | "serverFail" | "serverPartialFail" => SourceError::unavailable(what),
        "forbidden" | "accountNotFound" | "accountNotSupportedByMethod" => SourceError::mailbox(what),
        "cannotCalculateChanges" => SourceError::expired(what),
        _ => SourceError::unexpected(what),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_says_who_has_to_act() {
        assert!(failure("serverUnavailable").is_transient());
        assert!(failure("accountNotFound").is_mailbox());
        assert!(failure("cannotCalculateChanges").is_expired());
        let other = failure("invalidArguments");
        assert!(!other.is_transient() && !other.is_expired() && !other.is_mailbox());
        assert!(refused(StatusCode::BAD_REQUEST, Some("urn:ietf:params:jmap:error:limit")).is_throttled());
        assert!(!refused(StatusCode::BAD_REQUEST, Some("urn:ietf:params:jmap:error:notJSON")).is_transient());
        assert!(!refused(StatusCode::NOT_FOUND, None).is_transient());
    }

    #[test]
    fn an_answer_is_that_of_the_method() {
        let said = |name: &str| json!({"methodResponses": [[name, {"type": "serverFail", "list": []}, "0"]]});
        assert!(
            matches!(result(said("Email/get"), "Email/get").unwrap(), Called::Done(arguments) if arguments["list"] == json!([]))
        );
        assert!(matches!(result(said("error"), "Email/get").unwrap(), Called::Failed(reason) if reason == "serverFail"));
        let short = json!({"methodResponses": [["Email/get"]]});
        for other in [said("Email/query"), short, json!({"methodResponses": "x"}), json!({}), json!([]), json!(null)] {
            assert!(result(other, "Email/get").is_err());
        }
    }
}
