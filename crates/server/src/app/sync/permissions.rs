//! Whether a tenant of Microsoft 365 still permits what is read: permissions that are taken back, and mailboxes that close.

use std::collections::{BTreeMap, BTreeSet};

use rapport_connect::graph::{Access, Graph, Probe};
use rapport_domain::{Address, Moment, UserId, time::MINUTE_US};
use rapport_store::registry::ConnectorRow;

use super::{Fault, Sync};
use crate::app::{
    AppError,
    connectors::{MailSystem, Microsoft365System, settings_of},
};

/// So long what was seen is believed, unless a mailbox that was open closes.
const BELIEVED_US: i64 = 15 * MINUTE_US;

impl Sync {
    /// Looks whether each tenant still permits what is read, unless somebody looked a while ago. Whether there was somebody to ask does not
    /// matter to the others.
    pub(super) async fn watch_permissions(&self) -> Result<(), AppError> {
        for connector in self.app.store().connectors(self.app.org()).await? {
            let now = self.app.now();
            let settings = settings_of(&connector)?;
            let allowed = self.permits.now(&self.app).await?.allowed(now);
            let allowed: Vec<_> = allowed.into_iter().filter(|(_, address)| settings.covers(address)).collect();
            let is_due = self.permissions_due.lock().await.get(&connector.id).is_none_or(|due| *due <= now);
            if connector.paused || allowed.is_empty() || !is_due {
                continue;
            }
            self.permissions_due.lock().await.insert(connector.id.clone(), Moment(now.0 + BELIEVED_US));
            match self.look_at_permissions(&connector, &allowed).await {
                Ok(()) => {}
                Err(Fault::Own(error)) => return Err(error),
                Err(Fault::Source(error)) => {
                    tracing::warn!(connector = connector.id, %error, "what a tenant permits could not be read");
                }
            }
        }
        Ok(())
    }

    /// A mailbox that was open is closed: the next look comes at once.
    pub(super) async fn doubt_permissions(&self, connector: &str) {
        self.permissions_due.lock().await.remove(connector);
    }

    async fn look_at_permissions(&self, connector: &ConnectorRow, allowed: &[(UserId, Address)]) -> Result<(), Fault> {
        let Some(tenant) = self.tenant(connector)? else { return Ok(()) };
        let MailSystem::Microsoft365(Microsoft365System { reads, .. }) = settings_of(connector)?.system else { return Ok(()) };
        let actor = format!("connector {}", connector.id);
        let granted = match self.app.granted_now(connector, &tenant, &actor).await {
            Err(error) if error.is_revoked() && self.has_succeeded(&connector.id).await? => {
                return Ok(self.app.consent_withdrawn_at(&connector.id).await?);
            }
            granted => granted?,
        };
        for access in reads.accesses().iter().copied() {
            if !access.is_allowed_by(&granted) && self.is_closed(connector, &tenant, access, allowed).await? {
                self.app.consent_withdrawn_at(&connector.id).await?;
            }
        }
        Ok(())
    }

    /// Whether no mailbox that was read is open any more. Limited to some mailboxes, a permission stands in no token.
    async fn is_closed(
        &self,
        connector: &ConnectorRow,
        tenant: &Graph,
        access: Access,
        allowed: &[(UserId, Address)],
    ) -> Result<bool, Fault> {
        // What was read of it has a stream that goes on: calendars may never have been granted.
        let kind = if access == Access::Calendars { "calendar" } else { "mail" };
        let streams = self.app.store().captured_streams(self.app.org()).await?;
        let of_connector = streams.into_iter().filter(|(id, _, stream)| *id == connector.id && stream.kind == kind);
        let read: BTreeSet<UserId> =
            of_connector.filter(|(.., stream)| stream.cursor.is_some()).map(|(_, user, _)| user).collect();
        let mailboxes = self.app.store().captured_mailboxes(self.app.org()).await?;
        let of_connector = mailboxes.iter().filter(|row| row.connector == connector.id);
        let succeeded: BTreeMap<UserId, Option<i64>> =
            of_connector.map(|row| (UserId(row.user_id), row.succeeded_at_us)).collect();
        let mut tried: Vec<&(UserId, Address)> =
            allowed.iter().filter(|(user, _)| read.contains(user) && succeeded.get(user).is_some_and(Option::is_some)).collect();
        // Those that were open last first: mostly one answers for all. Where a limit was drawn anew, all have to be asked.
        tried.sort_by_key(|(user, _)| std::cmp::Reverse(succeeded.get(user).copied().flatten()));
        if access == Access::Traces {
            // Of the tenant as a whole: nothing limits it to some mailboxes.
            return Ok(!tried.is_empty());
        }
        for (_, address) in &tried {
            if tenant.probe(address.as_str(), access).await? == Probe::Readable {
                return Ok(false);
            }
        }
        Ok(!tried.is_empty())
    }
}
