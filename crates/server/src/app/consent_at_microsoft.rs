//! Consent at Microsoft: a tenant administrator who signed in is sent to the identity platform, and comes back. What they come back with
//! proves nothing; what a token permits afterwards does.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use rapport_connect::graph::ConsentAnswer;
use rapport_domain::{Moment, time::MINUTE_US};
use serde::{Deserialize, Serialize};

use super::{App, AppError};

/// How long somebody may take at Microsoft.
const AWAY_US: i64 = 30 * MINUTE_US;
/// What the state is sealed for.
const PURPOSE: &str = "consent at Microsoft";

/// What a state says, sealed with the store's key: who went, and for which connector.
#[derive(Serialize, Deserialize)]
struct Away {
    connector: String,
    /// Hash of the ticket of whoever went: only they come back.
    ticket: String,
    expires_at_us: i64,
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AtMicrosoft {
    /// Everything that is needed is permitted.
    Granted,
    /// They came back with a yes, and the tenant does not permit everything: it may take a while, or be limited to some mailboxes.
    NotYet,
    /// They said no.
    Refused,
    /// Whoever came back is not who went, or too late; or the tenant cannot be asked.
    Failed,
}

impl AtMicrosoft {
    /// The word of the address that they are sent back to.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Granted => "granted",
            Self::NotYet => "not_yet",
            Self::Refused => "refused",
            Self::Failed => "failed",
        }
    }
}

impl App {
    /// Where to send the tenant administrator with this ticket, to consent to what a connector needs.
    pub async fn begin_consent_at_microsoft(
        &self,
        connector: &str,
        redirect_url: &str,
        ticket: &str,
    ) -> Result<String, AppError> {
        let graph = self.graph(&self.microsoft_connector(connector).await?)?;
        self.need_own_tenant(connector, &graph).await?;
        let away = Away { connector: connector.to_owned(), ticket: hash(ticket), expires_at_us: self.now().0 + AWAY_US };
        let text = serde_json::to_string(&away).map_err(|error| AppError::invalid(error.to_string()))?;
        let state = URL_SAFE_NO_PAD.encode(self.store().seal(self.org(), PURPOSE, &text)?);
        graph.consent_url(redirect_url, &state).map_err(|error| AppError::invalid(error.to_string()))
    }

    /// What came of it, by the query that the tenant administrator with this ticket came back with.
    pub async fn finish_consent_at_microsoft(&self, query: &str, ticket: &str) -> AtMicrosoft {
        let (state, is_yes) = match ConsentAnswer::parse(query) {
            ConsentAnswer::Given { state, .. } => (Some(state), true),
            ConsentAnswer::Refused { state, .. } => (state, false),
        };
        let away = state.and_then(|state| self.away(&state));
        let Some(away) = away.filter(|away| away.ticket == hash(ticket) && self.now() < Moment(away.expires_at_us)) else {
            return AtMicrosoft::Failed;
        };
        if !is_yes {
            return AtMicrosoft::Refused;
        }
        match self.look_at_permissions(&away.connector).await {
            Ok(permissions) if permissions.is_whole() => AtMicrosoft::Granted,
            Ok(_) => AtMicrosoft::NotYet,
            Err(error) => {
                tracing::warn!(connector = away.connector, %error, "what a tenant permits cannot be told");
                AtMicrosoft::Failed
            }
        }
    }

    fn away(&self, state: &str) -> Option<Away> {
        let sealed = URL_SAFE_NO_PAD.decode(state).ok()?;
        serde_json::from_str(&self.store().unseal(self.org(), PURPOSE, &sealed).ok()?).ok()
    }
}

fn hash(ticket: &str) -> String {
    blake3::hash(ticket.as_bytes()).to_hex().to_string()
}
