//! Users of a tenant of Microsoft 365, read now and then where a connector is set to.

use rapport_connect::{SourceError, graph::GraphUser};
use rapport_domain::{
    Moment,
    time::{HOUR_US, MINUTE_US},
};
use rapport_store::registry::ConnectorRow;

use super::{Fault, Sync};
use crate::app::connectors::{MailSystem, TenantUser, settings_of};

/// Between two readings.
const EVERY_US: i64 = HOUR_US;
/// After a failure it is tried again.
const RETRY_US: i64 = 10 * MINUTE_US;
/// Pages of users of one tenant at most: a million users.
const PAGES_MAX: usize = 1_000;

impl Sync {
    /// Reads the users of each tenant that is due. Whether there was somebody to ask does not matter to the others.
    pub(super) async fn read_due_users(&self, only: Option<&str>) {
        let connectors = match self.app.store().connectors(self.app.org()).await {
            Ok(connectors) => connectors,
            Err(error) => {
                tracing::error!(%error, "capture does not know which users to read");
                return;
            }
        };
        for connector in connectors {
            let now = self.app.now();
            let is_due = self.users_due.lock().await.get(&connector.id).is_none_or(|due| *due <= now);
            let is_meant = !connector.paused && only.is_none_or(|only| only == connector.id);
            if !is_due || !is_meant || !reads_users(&connector) {
                continue;
            }
            let error = match self.read_users(&connector).await {
                Ok(()) => None,
                Err(Fault::Source(error)) => Some(super::in_short(&error)),
                Err(Fault::Own(error)) => Some(error.to_string()),
            };
            if let Some(error) = &error {
                tracing::warn!(connector = connector.id, error, "the users of a tenant could not be read");
            }
            let next = Moment(now.0 + if error.is_none() { EVERY_US } else { RETRY_US });
            self.users_due.lock().await.insert(connector.id.clone(), next);
            let noted = self.app.store().note_users_read(self.app.org(), &connector.id, error.as_deref(), now).await;
            if let Err(error) = noted {
                tracing::error!(%error, "that users were read was not noted");
            }
        }
    }

    async fn read_users(&self, connector: &ConnectorRow) -> Result<(), Fault> {
        let Some(tenant) = self.tenant(connector)? else { return Ok(()) };
        let mut users = Vec::new();
        let mut next: Option<String> = None;
        for page in 0.. {
            let told = tenant.users(next.as_deref()).await?;
            users.extend(told.users);
            next = told.next;
            // Half a tenant would have the other half leave.
            if next.is_some() && page == PAGES_MAX {
                return Err(SourceError::unexpected("the tenant has more users than can be read").into());
            }
            if next.is_none() {
                break;
            }
        }
        if users.is_empty() {
            return Err(SourceError::unexpected("the tenant tells of no user at all: nobody is changed").into());
        }
        // Guests and whoever has no address are nobody here; that they are there is all that counts.
        let ids: Vec<&str> = users.iter().filter(|user| may_be_ours(user)).map(|user| user.id.as_str()).collect();
        let mut groups = tenant.groups_of(&ids).await?.into_iter();
        let mut with_groups = |user: GraphUser| {
            let groups = if may_be_ours(&user) { groups.next().unwrap_or_default() } else { Vec::new() };
            (user, groups)
        };
        let told: Vec<TenantUser> = users.into_iter().map(&mut with_groups).collect();
        self.app.keep_tenant_users(&connector.id, &settings_of(connector)?, &told).await?;
        Ok(())
    }
}

fn may_be_ours(user: &GraphUser) -> bool {
    !user.is_guest && !user.addresses.is_empty()
}

fn reads_users(connector: &ConnectorRow) -> bool {
    settings_of(connector).is_ok_and(|settings| matches!(settings.system, MailSystem::Microsoft365(system) if system.reads_users))
}
