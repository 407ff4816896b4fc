//! What the codes of Exchange's errors mean for whoever asked.

use std::time::Duration;

use crate::mailbox::SourceError;

/// How long a server may tell us to wait: what is longer is a mistake, and would stop a mailbox for good.
const WAIT_MAX: Duration = Duration::from_hours(24);

/// Too much was asked for.
const BUSY: [&str; 4] = ["ErrorServerBusy", "ErrorExceededConnectionCount", "ErrorTooManyObjectsOpened", "ErrorTimeoutExpired"];
/// The same may succeed later.
const AWAY: [&str; 9] = [
    "ErrorMailboxStoreUnavailable",
    "ErrorMailboxMoveInProgress",
    "ErrorInternalServerTransientError",
    "ErrorInternalServerError",
    "ErrorConnectionFailed",
    "ErrorADUnavailable",
    "ErrorADOperation",
    "ErrorMailboxFailover",
    "ErrorNoRespondingCASInDestinationSite",
];
/// The folder, or the state of it that we had, is there no more.
const GONE: [&str; 5] =
    ["ErrorInvalidSyncStateData", "ErrorSyncFolderNotFound", "ErrorFolderNotFound", "ErrorItemNotFound", "ErrorInvalidFolderId"];
/// We may not act for this mailbox.
const NOT_FOR: [&str; 4] =
    ["ErrorImpersonateUserDenied", "ErrorImpersonationDenied", "ErrorImpersonationFailed", "ErrorInvalidUserPrincipalName"];
/// The mailbox is closed or none.
const CLOSED: [&str; 10] = [
    "ErrorAccessDenied",
    "ErrorNonExistentMailbox",
    "ErrorMailboxConfiguration",
    "ErrorMissingEmailAddress",
    "ErrorInvalidSmtpAddress",
    "ErrorUserNotAllowedByPolicy",
    "ErrorAccountDisabled",
    "ErrorMailRecipientNotFound",
    "ErrorMissingInformationEmailAddress",
    "ErrorUserWithoutFederatedProxyAddress",
];
/// Our account needs somebody's hand.
const ACCOUNT: [&str; 2] = ["ErrorPasswordChangeRequired", "ErrorPasswordExpired"];

/// What a code means; `wait_ms`: how long Exchange asks to wait.
pub(super) fn error(code: &str, wait_ms: Option<u64>) -> SourceError {
    let what = |text: &str| format!("{text} ({})", shown(code));
    let is = |codes: &[&str]| codes.contains(&code);
    if is(&BUSY) {
        let wait = wait_ms.map(|wait| Duration::from_millis(wait).min(WAIT_MAX));
        SourceError::throttled(what("Exchange is busy"), wait)
    } else if is(&AWAY) {
        SourceError::unavailable(what("Exchange is out of order"))
    } else if is(&GONE) {
        SourceError::expired(what("what was asked of this mailbox is there no more"))
    } else if is(&NOT_FOR) {
        SourceError::mailbox(what("the account may not act for this mailbox: it lies outside the scope of its role"))
    } else if is(&CLOSED) {
        SourceError::mailbox(what("this mailbox is closed to us, or there is none"))
    } else if is(&ACCOUNT) {
        SourceError::credentials(what("the account needs a new password"))
    } else {
        SourceError::unexpected(what("Exchange did not understand us"))
    }
}

/// A code as it may be told: words alone, since anything may stand where one should.
fn shown(code: &str) -> String {
    let code: String = code.chars().filter(char::is_ascii_alphanumeric).take(60).collect();
    if code.is_empty() { "no code".to_owned() } else { code }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_say_who_has_to_act() {
        let of = |code: &str| error(code, None);
        assert!(of("ErrorServerBusy").is_throttled() && of("ErrorMailboxMoveInProgress").is_transient());
        assert!(of("ErrorInvalidSyncStateData").is_expired() && of("ErrorPasswordExpired").is_credentials());
        for code in ["ErrorAccessDenied", "ErrorImpersonateUserDenied", "ErrorImpersonationFailed", "ErrorNonExistentMailbox"] {
            assert!(of(code).is_mailbox(), "{code}");
        }
        let odd = of("Error\u{7}<Odd>");
        assert_eq!((odd.is_transient(), odd.to_string().as_str()), (false, "Exchange did not understand us (ErrorOdd)"));
        assert!(of("").to_string().ends_with("(no code)"));
        assert_eq!(error("ErrorServerBusy", Some(u64::MAX)).retry_after(), Some(WAIT_MAX));
    }
}
