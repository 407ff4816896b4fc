//! A wider scope is read for: mail of before, of people who are in scope only now, is in the mailboxes and not with us.
//!
//! Mail systems cannot all be asked for one person, so history is read once more, in the background, and what is known counts once.

use rapport_domain::{
    Domain,
    time::{MINUTE_US, SECOND_US},
};
use rapport_store::{
    Organization,
    registry::{InScope, Rereading, ScopeKey},
};

use super::Sync;
use crate::app::{
    AppError,
    import::{Scope, ScopePart},
};

/// So long nothing may have been added: an import of many contacts is one widening.
const QUIET_US: i64 = 60 * SECOND_US;
/// Whoever adds a contact all the time does not keep the first waiting for longer.
const PATIENCE_US: i64 = 10 * MINUTE_US;
/// No mailbox is read again more often: it costs as much as its first reading.
const EVERY_US: i64 = 60 * MINUTE_US;
/// Mailboxes that are read again at a time, fewer than there are readers: the others' news do not wait.
const AT_A_TIME: i64 = 8;

impl Sync {
    /// Notes what is in scope, and begins the history of a few mailboxes once more that were read for less.
    pub(super) async fn widen(&self) -> Result<(), AppError> {
        let (app, org, now) = (&self.app, self.app.org(), self.app.now());
        let judge = self.permits.now(app).await?.judge;
        let mut scoped = self.scoped.lock().await;
        if *scoped != Some(judge.grounds) {
            let in_scope = in_scope(&judge.context.scope, app.organization());
            app.store().note_scope(org, &in_scope, now).await?;
            *scoped = Some(judge.grounds);
        }
        let how = Rereading {
            history_from: self.history_from(&judge.context.view.calendar, None, now).await?,
            quiet_us: QUIET_US,
            patience_us: PATIENCE_US,
            every_us: EVERY_US,
            at_a_time: AT_A_TIME,
        };
        let begun = app.store().begin_rereading(org, &how, now).await?;
        if begun > 0 {
            tracing::info!(mailboxes = begun, "the scope was widened: history is read once more");
        }
        Ok(())
    }
}

/// Everything that is in scope, each with what else would cover it.
fn in_scope(scope: &Scope, organization: &Organization) -> Vec<InScope> {
    let rule = |word: &str| organization.scope_key("rule", word);
    let covered_by = |part: &ScopePart<'_>| -> Vec<ScopeKey> {
        let is_business = |domain: &str| Domain::parse(domain).is_ok_and(|domain| !domain.is_free_mail());
        match part {
            ScopePart::Everyone => Vec::new(),
            ScopePart::Business => vec![rule("everyone")],
            ScopePart::CrmPeople => vec![rule("everyone"), rule("business")],
            ScopePart::Domain(domain) => {
                let business = is_business(domain).then(|| rule("business"));
                [rule("everyone")].into_iter().chain(business).collect()
            }
            ScopePart::Address(address) => {
                let domain = address.rsplit_once('@').map_or("", |(_, domain)| domain);
                let business = is_business(domain).then(|| rule("business"));
                [rule("everyone"), organization.scope_key("domain", domain)].into_iter().chain(business).collect()
            }
        }
    };
    let key = |part: &ScopePart<'_>| match part {
        ScopePart::Everyone => rule("everyone"),
        ScopePart::Business => rule("business"),
        ScopePart::CrmPeople => rule("crm_people"),
        ScopePart::Domain(domain) => organization.scope_key("domain", domain),
        ScopePart::Address(address) => organization.scope_key("address", address),
    };
    scope.parts().iter().map(|part| InScope { key: key(part), covered_by: covered_by(part) }).collect()
}
