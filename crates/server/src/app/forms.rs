//! The registry of forms (01): our own record pages, and pages of host applications that carry our widgets.

use rapport_domain::{Moment, Table};
use rapport_store::registry::FormRow;

use super::{App, AppError};

/// Widgets that a form can carry.
pub const WIDGETS: [&str; 3] = ["relationship_health", "relationship_analytics", "who_knows_whom"];
/// Kinds of clients.
pub const CLIENTS: [&str; 3] = ["web", "phone", "tablet"];
/// Name of our own pages' application.
const OWN: &str = "Rapport";
/// Characters of a name at most.
const NAME_MAX_CHARS: usize = 200;

/// A form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Form {
    /// Its number; `None`: one of ours.
    pub id: Option<i64>,
    /// Name of the application.
    pub application: String,
    /// Whose records it shows.
    pub table: Table,
    /// Name of the tab.
    pub tab: String,
    /// Names of its widgets.
    pub widgets: Vec<String>,
    /// Clients that show it.
    pub clients: Vec<String>,
    /// When a registered one was seen last.
    pub last_seen: Option<Moment>,
}

impl App {
    /// All forms: ours, then registered ones.
    pub async fn forms(&self) -> Result<Vec<Form>, AppError> {
        let own = Table::ALL.into_iter().map(|table| {
            let has_introducers = matches!(table, Table::Contacts | Table::Leads);
            Form {
                id: None,
                application: OWN.to_owned(),
                table,
                tab: "Relationship Analytics".to_owned(),
                widgets: WIDGETS
                    .iter()
                    .filter(|widget| has_introducers || **widget != "who_knows_whom")
                    .map(|w| (*w).to_owned())
                    .collect(),
                clients: CLIENTS.map(str::to_owned).to_vec(),
                last_seen: None,
            }
        });
        let registered = self.store().forms(self.org()).await?.into_iter().map(|row| Form {
            id: Some(row.id),
            application: row.application,
            table: row.table,
            tab: row.tab,
            widgets: row.widgets,
            clients: row.clients,
            last_seen: Some(row.last_seen),
        });
        Ok(own.chain(registered).collect())
    }

    /// Registers a page of a host application, or says that it was seen again.
    pub async fn put_form(&self, form: Form) -> Result<Form, AppError> {
        let name = |field: &str, text: &str| {
            let text = text.trim();
            if text.is_empty() || text.chars().count() > NAME_MAX_CHARS || text.chars().any(char::is_control) {
                return Err(AppError::invalid(format!("`{field}` is empty, or longer than {NAME_MAX_CHARS} characters")));
            }
            Ok(text.to_owned())
        };
        let (application, tab) = (name("application", &form.application)?, name("tab", &form.tab)?);
        if application.eq_ignore_ascii_case(OWN) {
            return Err(AppError::invalid("`application`: our own forms are registered by themselves"));
        }
        let words = |field: &str, given: &[String], known: &[&str]| {
            let mut all: Vec<String> = given.to_vec();
            all.sort();
            all.dedup();
            match all.iter().find(|word| !known.contains(&word.as_str())) {
                Some(word) => Err(AppError::invalid(format!("`{field}`: `{word}` is none of {}", known.join(", ")))),
                None if all.is_empty() => {
                    Err(AppError::invalid(format!("`{field}` is empty: it is some of {}", known.join(", "))))
                }
                None => Ok(all),
            }
        };
        let widgets = words("widgets", &form.widgets, &WIDGETS)?;
        let clients = words("clients", &form.clients, &CLIENTS)?;
        let row = FormRow { id: 0, application, table: form.table, tab, widgets, clients, last_seen: self.now() };
        let id = self.store().put_form(self.org(), &row, (self.actor(), self.now())).await?;
        let FormRow { application, table, tab, widgets, clients, last_seen, .. } = row;
        Ok(Form { id: Some(id), application, table, tab, widgets, clients, last_seen: Some(last_seen) })
    }

    /// Takes a registered page away.
    pub async fn delete_form(&self, id: i64) -> Result<(), AppError> {
        if self.store().delete_form(self.org(), id, (self.actor(), self.now())).await? {
            return Ok(());
        }
        Err(AppError::missing(format!("there is no registered form `{id}`")))
    }
}
