//! Where the mailboxes of Microsoft 365 lie: the login host tells it of every tenant, without anybody's consent.

use rapport_domain::{
    DataLocation, Moment,
    time::{DAY_US, MINUTE_US},
};
use rapport_store::registry::ConnectorRow;

use super::{Fault, Sync};

/// A tenant may move; so long what was read is believed.
const BELIEVED_US: i64 = DAY_US;
/// After a failure it is asked again.
const RETRY_US: i64 = 10 * MINUTE_US;

impl Sync {
    /// Reads where a tenant's mailboxes lie, unless that is known. Whether there was somebody to ask does not matter to the others.
    pub(super) async fn locate(&self, connector: &ConnectorRow) {
        let now = self.app.now();
        let mut located = self.located.lock().await;
        if located.get(&connector.id).is_some_and(|until| now < *until) {
            return;
        }
        let believed_us = match self.read_location(connector).await {
            Ok(()) => BELIEVED_US,
            Err(error) => {
                let error = match error {
                    Fault::Source(error) => error.to_string(),
                    Fault::Own(error) => error.to_string(),
                };
                tracing::warn!(connector = connector.id, error, "where the mailboxes lie could not be read");
                RETRY_US
            }
        };
        located.insert(connector.id.clone(), Moment(now.0 + believed_us));
    }

    async fn read_location(&self, connector: &ConnectorRow) -> Result<(), Fault> {
        let Some(tenant) = self.tenant(connector)? else { return Ok(()) };
        // A tenant that tells no region is nowhere that a policy names.
        let scope = tenant.tenant_region().await?.scope.unwrap_or_default();
        self.app.locate_mailbox_data(&connector.id, Some(DataLocation::of_tenant_region(&scope))).await?;
        Ok(())
    }
}
