//! What a tenant of Microsoft 365 permits. What its administrator consented to is proven by a token of this moment; where it is limited to
//! some mailboxes (RBAC for Applications) it stands in no token, and opening one of them proves it.

use rapport_connect::{
    SourceError,
    graph::{Access, Graph, Probe, beyond_need},
};
use rapport_domain::UserId;
use rapport_store::registry::ConnectorRow;

use super::{App, AppError, MailSystem, no_connector, settings_of};
use crate::app::Caller;

/// Mailboxes that are tried at most before it is believed that none is open.
const TRIED_MAX: usize = 20;

/// What a connector to Microsoft 365 may read, as somebody looked last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TenantPermissions {
    /// The connector.
    pub connector: String,
    /// The tenant's id, or one of its domains.
    pub tenant: String,
    /// Permissions that it needs, and whether a token carries each, or one that allows more; `None`: nobody looked yet.
    pub needed: Vec<(&'static str, Option<bool>)>,
    /// Permissions of the token that allow more than is ever read.
    pub beyond_need: Vec<String>,
}

/// Whether a mailbox is open to a connector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailboxProbe {
    /// Whether its mail is.
    pub mail_is_open: bool,
    /// Whether its calendars are.
    pub calendars_are_open: bool,
    /// What Microsoft says of what is closed; none if nothing is.
    pub reason: Option<String>,
}

impl TenantPermissions {
    fn of(row: &ConnectorRow) -> Option<Self> {
        let settings = settings_of(row).ok()?;
        let MailSystem::Microsoft365(system) = &settings.system else { return None };
        let (granted, read) = (known(row), system.accesses());
        let allows = |access: &Access| granted.as_ref().map(|granted| access.is_allowed_by(granted));
        Some(Self {
            connector: row.id.clone(),
            tenant: system.tenant_id.clone(),
            needed: read.iter().map(|access| (access.permission(), allows(access))).collect(),
            beyond_need: beyond_need(granted.as_deref().unwrap_or_default(), &read).map(str::to_owned).collect(),
        })
    }

    /// Whether one is missing that may be limited to some mailboxes, and then stands in no token.
    pub fn may_be_limited(&self) -> bool {
        let limitable = [Access::Mail, Access::Calendars].map(Access::permission);
        self.needed.iter().any(|(name, is_granted)| limitable.contains(name) && *is_granted != Some(true))
    }

    /// Whether a token carries everything that is needed.
    pub fn is_whole(&self) -> bool {
        self.needed.iter().all(|(_, is_granted)| *is_granted == Some(true))
    }
}

/// Permissions that were there when somebody looked last.
fn known(row: &ConnectorRow) -> Option<Vec<String>> {
    serde_json::from_str(row.permissions.as_deref()?).ok()
}

impl App {
    /// What each connector to Microsoft 365 may read, by id.
    pub async fn permissions(&self) -> Result<Vec<TenantPermissions>, AppError> {
        let mut all = Vec::new();
        for row in self.store().connectors(self.org()).await? {
            let Some(permissions) = TenantPermissions::of(&row) else { continue };
            // A tenant administrator is shown nothing of another tenant, nor of one that does not say who administers it.
            let is_shown = match self.caller() {
                Caller::TenantAdministrator { .. } => self.need_own_tenant(&row.id, &self.graph(&row)?).await.is_ok(),
                _ => true,
            };
            if is_shown {
                all.push(permissions);
            }
        }
        Ok(all)
    }

    /// Asks what a connector may read now.
    pub async fn look_at_permissions(&self, connector: &str) -> Result<TenantPermissions, AppError> {
        let row = self.microsoft_connector(connector).await?;
        let graph = self.graph(&row)?;
        self.need_own_tenant(connector, &graph).await?;
        self.granted_now(&row, &graph, self.actor()).await.map_err(|error| not_permitted(connector, &error))?;
        TenantPermissions::of(&self.microsoft_connector(connector).await?).ok_or_else(|| no_connector(connector))
    }

    /// Whether a mailbox is open to a connector: so whoever limited it to some can prove that the others are closed. The id of a folder and
    /// of a calendar is asked for, and nothing else.
    pub async fn probe_mailbox(&self, connector: &str, mailbox: &str) -> Result<MailboxProbe, AppError> {
        let address = rapport_domain::Address::parse(mailbox.trim())
            .map_err(|error| AppError::invalid(format!("`mailbox`: `{mailbox}`: {error}")))?;
        let row = self.microsoft_connector(connector).await?;
        if settings_of(&row)?.reads_traces() {
            return Err(AppError::refused(format!("the connector `{connector}` reads message traces and opens no mailbox"))
                .with_hint("what it may read is for the tenant as a whole: ExchangeMessageTrace.Read.All"));
        }
        let graph = self.graph(&row)?;
        self.need_own_tenant(connector, &graph).await?;
        let ask = async |access| graph.probe(address.as_str(), access).await;
        let refused = |error: SourceError| not_permitted(connector, &error);
        let told = [ask(Access::Mail).await.map_err(refused)?, ask(Access::Calendars).await.map_err(refused)?];
        let [mail_is_open, calendars_are_open] = [0, 1].map(|which| told[which] == Probe::Readable);
        let word = |is_open: bool| if is_open { "open" } else { "closed" };
        let noted = format!("{connector}: {address}: mail {}, calendars {}", word(mail_is_open), word(calendars_are_open));
        self.store().note_probe(self.org(), &noted, (self.actor(), self.now())).await?;
        let reason = told.into_iter().find_map(|probe| match probe {
            Probe::Closed(reason) => Some(reason),
            Probe::Readable => None,
        });
        Ok(MailboxProbe { mail_is_open, calendars_are_open, reason })
    }

    /// Refuses to consent to mailbox data of a tenant of Microsoft 365 that has not consented itself, or of another than the one that
    /// whoever answers administers.
    pub(crate) async fn need_permissions(&self) -> Result<(), AppError> {
        for row in self.store().connectors(self.org()).await? {
            if let MailSystem::Microsoft365(system) = settings_of(&row)?.system {
                let graph = self.graph(&row)?;
                self.need_own_tenant(&row.id, &graph).await?;
                // A paused one reads nothing, and what it lacks stops no other.
                if !row.paused {
                    self.need_permissions_of(&row, &graph, system.reads.accesses()).await?;
                }
            }
        }
        Ok(())
    }

    async fn need_permissions_of(&self, row: &ConnectorRow, graph: &Graph, needed: &[Access]) -> Result<(), AppError> {
        let granted = self.granted_now(row, graph, self.actor()).await.map_err(|error| not_permitted(&row.id, &error))?;
        for access in needed.iter().copied() {
            if access.is_allowed_by(&granted) {
                continue;
            }
            // Limited to some mailboxes it stands in no token. Whoever consents asks for this; nothing of the mailbox is kept.
            let mut is_open = false;
            let tried = if access == Access::Traces { Vec::new() } else { self.selected_mailboxes(row).await? };
            for mailbox in tried {
                let probe = graph.probe(&mailbox, access).await.map_err(|error| not_permitted(&row.id, &error))?;
                is_open |= probe == Probe::Readable;
            }
            if !is_open {
                let what = format!("the tenant of connector `{}` has not granted `{}`", row.id, access.permission());
                return Err(AppError::refused(what).with_hint(
                    "its administrator consents at Microsoft first: open the link for consent, sign in, and go to Microsoft from there",
                ));
            }
        }
        Ok(())
    }

    /// Some mailboxes that a connector would read if there were consent.
    async fn selected_mailboxes(&self, row: &ConnectorRow) -> Result<Vec<String>, AppError> {
        let (view, settings, now) = (self.whole_view().await?, settings_of(row)?, self.now());
        let users = (1..=view.directory.users.len() as u32).map(UserId);
        let selected = users.filter(|user| view.mailbox_exclusion(Some(*user)).is_none());
        let here = selected.map(|user| view.directory.user(user)).filter(|user| user.left_at.is_none_or(|left_at| left_at > now));
        let addresses = here.filter_map(|user| rapport_domain::Address::parse(&user.email).ok());
        Ok(addresses.filter(|address| settings.covers(address)).map(|address| address.to_string()).take(TRIED_MAX).collect())
    }

    /// Refuses a tenant administrator whose tenant is another one: theirs is the one whose login host let them in.
    pub(crate) async fn need_own_tenant(&self, connector: &str, graph: &Graph) -> Result<(), AppError> {
        let Caller::TenantAdministrator { issuer, .. } = self.caller() else { return Ok(()) };
        let region = graph.tenant_region().await.map_err(|error| not_permitted(connector, &error))?;
        if region.issuer.as_ref() == Some(issuer) {
            return Ok(());
        }
        Err(AppError::refused(format!("you do not administer the tenant of connector `{connector}`"))
            .with_hint("sign in with Microsoft, as an administrator of that tenant"))
    }

    /// The permissions of a token of this moment; noted with the connector.
    pub(crate) async fn granted_now(&self, row: &ConnectorRow, graph: &Graph, actor: &str) -> Result<Vec<String>, SourceError> {
        let granted = graph.granted_roles().await?;
        let noted = self.store().note_permissions(self.org(), &row.id, &granted, (actor, self.now())).await;
        if let Err(error) = noted {
            tracing::warn!(connector = row.id, %error, "the permissions of a connector were not noted");
        }
        Ok(granted)
    }

    /// A connector to Microsoft 365.
    pub(crate) async fn microsoft_connector(&self, id: &str) -> Result<ConnectorRow, AppError> {
        let row = self.store().connectors(self.org()).await?.into_iter().find(|row| row.id == id);
        let row = row.ok_or_else(|| no_connector(id))?;
        match settings_of(&row)?.system {
            MailSystem::Microsoft365(_) => Ok(row),
            _ => Err(AppError::refused(format!("the connector `{id}` reads no tenant of Microsoft 365"))
                .with_hint("permissions are granted by tenants of Microsoft 365 alone")),
        }
    }

    /// The tenant of a connector.
    pub(crate) fn graph(&self, row: &ConnectorRow) -> Result<Graph, AppError> {
        let settings = settings_of(row)?.graph(&self.secrets_of(row)?);
        let settings = settings.ok_or_else(|| AppError::invalid(format!("the secrets of `{}` are missing", row.id)))?;
        Graph::new(settings, self.clock()).map_err(|error| not_permitted(&row.id, &error))
    }
}

fn not_permitted(connector: &str, error: &SourceError) -> AppError {
    let what = format!("what the tenant of connector `{connector}` permits cannot be told: {error}");
    let hint = match () {
        () if error.is_revoked() => "its administrator consents at Microsoft first",
        () if error.is_transient() => "try again in a while",
        () => "correct the connector: Sales Insights settings > Connectors",
    };
    AppError::refused(what).with_hint(hint)
}
