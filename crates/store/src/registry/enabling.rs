//! What the organization switched on and where consent stands: one row, changed in one place.

use rapport_domain::{
    ConsentState, DataLocation, Enabling, GeographyPolicy, Moment, OrgId,
    enabling::{Change, Roles, is_same_group},
};
use sqlx::SqliteConnection;

use crate::{Store, StoreError, registry::organizations::bump_facts};

/// Who acts when time alone changes something.
pub const CLOCK: &str = "clock";

#[derive(sqlx::FromRow)]
struct Row {
    premium_since_us: Option<i64>,
    enabled_at_us: Option<i64>,
    relationship_analytics: bool,
    who_knows_whom: bool,
    mailbox: bool,
    roles: Option<String>,
    excluded_groups: String,
    location_source: Option<String>,
    location: Option<String>,
    consent: String,
    consent_since_us: Option<i64>,
    requested_at_us: Option<i64>,
    consent_text: String,
    keeps_stored: bool,
}

const DECLARED: &str = "declared";
const MICROSOFT_365: &str = "microsoft_365";

impl Row {
    fn into_enabling(self) -> Result<Enabling, StoreError> {
        let damaged = || StoreError::damaged("what is enabled is damaged");
        let words = |text: &str| serde_json::from_str(text).map_err(|_| damaged());
        let location = match (self.location_source.as_deref(), self.location) {
            (Some(DECLARED), Some(place)) => Some(DataLocation::Declared(place)),
            (Some(MICROSOFT_365), Some(code)) => Some(DataLocation::Microsoft365(code)),
            (None, _) => None,
            _ => return Err(damaged()),
        };
        Ok(Enabling {
            premium_since: self.premium_since_us.map(Moment),
            enabled_at: self.enabled_at_us.map(Moment),
            relationship_analytics: self.relationship_analytics,
            who_knows_whom: self.who_knows_whom,
            mailbox: self.mailbox,
            roles: match &self.roles {
                None => Roles::All,
                Some(text) => Roles::Selected(words(text)?),
            },
            excluded_groups: words(&self.excluded_groups)?,
            location,
            consent: ConsentState::parse(&self.consent).ok_or_else(damaged)?,
            consent_since: self.consent_since_us.map(Moment),
            requested_at: self.requested_at_us.map(Moment),
            consent_text: self.consent_text,
            keeps_stored: self.keeps_stored,
            consent_steps: Vec::new(),
        })
    }
}

async fn read(connection: &mut SqliteConnection, org: OrgId) -> Result<Enabling, StoreError> {
    let row: Option<Row> =
        sqlx::query_as("SELECT * FROM enabling WHERE org_id = ?").bind(org.0).fetch_optional(connection).await?;
    row.map_or_else(|| Ok(Enabling::default()), Row::into_enabling)
}

async fn write(connection: &mut SqliteConnection, org: OrgId, enabling: &Enabling) -> Result<(), StoreError> {
    let json = |words: &std::collections::BTreeSet<String>| serde_json::json!(words).to_string();
    let (source, place) = match &enabling.location {
        None => (None, None),
        Some(DataLocation::Declared(place)) => (Some(DECLARED), Some(place)),
        Some(DataLocation::Microsoft365(code)) => (Some(MICROSOFT_365), Some(code)),
    };
    sqlx::query("INSERT OR REPLACE INTO enabling VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
        .bind(org.0)
        .bind(enabling.premium_since.map(|at| at.0))
        .bind(enabling.enabled_at.map(|at| at.0))
        .bind(enabling.relationship_analytics)
        .bind(enabling.who_knows_whom)
        .bind(enabling.mailbox)
        .bind(match &enabling.roles {
            Roles::All => None,
            Roles::Selected(roles) => Some(json(roles)),
        })
        .bind(json(&enabling.excluded_groups))
        .bind(source)
        .bind(place)
        .bind(enabling.consent.as_str())
        .bind(enabling.consent_since.map(|at| at.0))
        .bind(enabling.requested_at.map(|at| at.0))
        .bind(&enabling.consent_text)
        .bind(enabling.keeps_stored)
        .execute(connection)
        .await?;
    Ok(())
}

async fn log(
    connection: &mut SqliteConnection,
    org: OrgId,
    now: Moment,
    actor: &str,
    changes: Vec<Change>,
) -> Result<(), StoreError> {
    for Change { action, before, after, at } in changes {
        // The log is in the order of noticing; what happened while nobody looked says when it did.
        let after = if at == now { after } else { format!("{after} (at {})", at.to_rfc3339()) };
        super::audit::record(connection, org, now, actor, &action, Some(&before), Some(&after)).await?;
    }
    Ok(())
}

/// A group that is excluded stays excluded under its new name.
pub(super) async fn rename_excluded_group(
    connection: &mut SqliteConnection,
    org: OrgId,
    (before, after): (&str, &str),
    (actor, now): (&str, Moment),
) -> Result<(), StoreError> {
    let stored = read(&mut *connection, org).await?;
    if is_same_group(before, after) || !stored.excludes(before) {
        return Ok(());
    }
    let mut enabling = stored.clone();
    enabling.excluded_groups.retain(|group| !is_same_group(group, before));
    enabling.excluded_groups.insert(after.to_owned());
    let changes = enabling.take_changes(&stored, now);
    write(&mut *connection, org, &enabling).await?;
    log(&mut *connection, org, now, actor, changes).await?;
    bump_facts(connection, org).await?;
    Ok(())
}

impl Store {
    /// What is switched on, as it was written last: the clock may have moved since ([`Enabling::settle`]).
    pub async fn enabling(&self, org: OrgId) -> Result<Enabling, StoreError> {
        read(&mut *self.readers().acquire().await?, org).await
    }

    /// Changes what is switched on, in one transaction with the entries of the audit log: first whatever time has changed by itself,
    /// then the command. What it is now, and what the command answered; a command that refuses changes nothing.
    pub async fn change_enabling<R>(
        &self,
        org: OrgId,
        policy: &GeographyPolicy,
        actor: &str,
        now: Moment,
        command: impl FnOnce(&mut Enabling) -> R,
    ) -> Result<(Enabling, R), StoreError> {
        let mut tx = self.begin().await?;
        let stored = read(&mut tx, org).await?;
        let mut enabling = stored.clone();
        enabling.settle(policy.judge(enabling.location.as_ref()), now);
        let by_clock = enabling.take_changes(&stored, now);
        let settled = enabling.clone();
        let answer = command(&mut enabling);
        // Where mailbox data lies may be another now.
        enabling.settle(policy.judge(enabling.location.as_ref()), now);
        let by_actor = enabling.take_changes(&settled, now);
        if enabling != stored {
            write(&mut tx, org, &enabling).await?;
            log(&mut tx, org, now, CLOCK, by_clock).await?;
            log(&mut tx, org, now, actor, by_actor).await?;
            bump_facts(&mut tx, org).await?;
            tx.commit().await?;
        }
        Ok((enabling, answer))
    }
}
