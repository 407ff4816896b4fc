//! Users of a tenant of Microsoft 365, read now and then where a connector is set to.

use std::time::Duration;

use rapport_connect::{SourceError, graph::Graph};
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
/// Users whose groups are asked for at a time: as many as one request asks for.
const GROUPS_AT_ONCE: usize = 20;
/// How often a tenant may ask to wait before it is tried again later.
const WAITS_MAX: u32 = 5;
/// How long to wait where it does not say.
const WAIT: Duration = Duration::from_secs(10);
/// How long at most.
const WAIT_MAX: Duration = Duration::from_mins(2);
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
        let settings = settings_of(connector)?;
        let (ours, others) = self.app.tenant_users_of_ours(&connector.id, &settings, users).await?;
        let ids: Vec<&str> = ours.iter().map(|user| user.id.as_str()).collect();
        let mut groups = Vec::with_capacity(ids.len());
        for some in ids.chunks(GROUPS_AT_ONCE) {
            groups.extend(groups_of(&tenant, some).await?);
        }
        // That the others are there is all that counts of them.
        let others = others.into_iter().map(|user| (user, Vec::new()));
        let told: Vec<TenantUser> = ours.into_iter().zip(groups).chain(others).collect();
        self.app.keep_tenant_users(&connector.id, &settings, &told).await?;
        Ok(())
    }
}

/// Asks again where the tenant asks to wait: a large one would never be read to its end otherwise.
async fn groups_of(tenant: &Graph, user_ids: &[&str]) -> Result<Vec<Vec<String>>, SourceError> {
    for _ in 0..WAITS_MAX {
        match tenant.groups_of(user_ids).await {
            Err(error) if error.is_throttled() => {
                tokio::time::sleep(error.retry_after().unwrap_or(WAIT).min(WAIT_MAX)).await;
            }
            done => return done,
        }
    }
    tenant.groups_of(user_ids).await
}

fn reads_users(connector: &ConnectorRow) -> bool {
    settings_of(connector).is_ok_and(|settings| matches!(settings.system, MailSystem::Microsoft365(system) if system.reads_users))
}
