//! The request for consent, and the link that an administrator hands to whoever may consent: it shows what is asked, to whoever has it,
//! and grants nothing.

use rapport_domain::{ConsentState, Moment, enabling::Roles};

use super::{App, AppError, enabling::Counted};

/// What is asked, as whoever has the link is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsentRequest {
    /// Name of the organization.
    pub organization: String,
    /// State of consent.
    pub state: ConsentState,
    /// When the 14 days end.
    pub deadline: Option<Moment>,
    /// Relationship analytics is asked for.
    pub relationship_analytics: bool,
    /// Who knows whom is asked for.
    pub who_knows_whom: bool,
    /// Selected security roles; `None`: everybody's mailbox.
    pub roles: Option<Vec<String>>,
    /// Mailboxes that the selection covers, and users.
    pub mailboxes: (usize, usize),
    /// Security groups, and whether each is left out.
    pub groups: Vec<(Counted, bool)>,
    /// Where the data lies, as it was declared.
    pub location: Option<String>,
    /// What was agreed to last; empty: nothing yet.
    pub text: String,
    /// Since when consent stands as it does.
    pub since: Option<Moment>,
}

impl App {
    /// Makes a link for as long as consent is asked for; the token, and when it ends.
    pub async fn consent_link(&self) -> Result<(String, Moment), AppError> {
        let status = self.enabling().await?;
        let (Some(asked), Some(deadline)) = (status.enabling.requested_at, status.enabling.deadline()) else {
            return Err(AppError::refused("nobody is asking for consent now")
                .with_hint("ask for it first: Sales Insights settings > Relationship insights > Overview"));
        };
        Ok((self.signed(asked, deadline), deadline))
    }

    /// Refuses a link that is not good: not signed by this organization, over, or of another request than the one that stands.
    pub async fn check_consent_link(&self, token: &str) -> Result<(), AppError> {
        let status = self.enabling().await?;
        let mut parts = token.split('.').map(|part| i64::from_str_radix(part, 16).map(Moment).ok());
        let (Some(Some(asked)), Some(Some(deadline))) = (parts.next(), parts.next()) else { return Err(no_link()) };
        // Compared as hashes, so that the time it takes tells nothing.
        let is_signed = blake3::hash(self.signed(asked, deadline).as_bytes()) == blake3::hash(token.as_bytes());
        if !is_signed || deadline <= status.now || status.enabling.requested_at != Some(asked) {
            return Err(no_link());
        }
        Ok(())
    }

    /// What is asked, and what became of it.
    pub async fn consent_request(&self) -> Result<ConsentRequest, AppError> {
        let status = self.enabling().await?;
        let enabling = &status.enabling;
        let counts = self.mailbox_counts().await?;
        let is_excluded = |group: &Counted| enabling.excludes(&group.name);
        Ok(ConsentRequest {
            organization: self.organization().name.clone(),
            state: enabling.consent,
            deadline: enabling.deadline(),
            relationship_analytics: enabling.relationship_analytics,
            who_knows_whom: enabling.who_knows_whom,
            roles: match &enabling.roles {
                Roles::All => None,
                Roles::Selected(roles) => Some(roles.iter().cloned().collect()),
            },
            mailboxes: (counts.selected, counts.users),
            groups: counts.groups.into_iter().map(|group| (group.clone(), is_excluded(&group))).collect(),
            location: enabling.location.as_ref().map(|location| match location {
                rapport_domain::DataLocation::Declared(place) => place.clone(),
                rapport_domain::DataLocation::Microsoft365(code) => code.clone(),
            }),
            text: enabling.consent_text.clone(),
            since: enabling.consent_since,
        })
    }

    fn signed(&self, asked: Moment, deadline: Moment) -> String {
        let told = format!("{:x}.{:x}", asked.0, deadline.0);
        let mut hasher = blake3::Hasher::new_keyed(&self.organization().hash_key);
        hasher.update(b"consent link\0").update(told.as_bytes());
        format!("{told}.{}", hasher.finalize().to_hex())
    }
}

fn no_link() -> AppError {
    AppError::refused("the link is not good any more: the 14 days are over, or consent was asked for anew")
        .with_hint("ask whoever sent it for a new one")
}
