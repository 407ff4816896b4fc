//! Everything transactional that is no interaction: organizations, settings, enabling, users, records, people, imports, audit.

mod accounts;
mod audit;
mod enabling;
mod idempotency;
mod imports;
mod introductions;
mod list_views;
mod objections;
mod organizations;
mod people;
mod record_write;
mod records;
mod roles;
mod sessions;
mod settings;
mod users;
mod works_council;

pub use accounts::{BegunSignIn, PasswordLink, ProviderRow};
pub use audit::{AuditCheck, AuditEntry, AuditFault};
pub(crate) use audit::{record as audit_record, record_erasure as audit_erasure, redact as audit_redact, seal as audit_seal};
pub use enabling::CLOCK;
pub use idempotency::IdempotencyKey;
pub use imports::ImportRow;
pub use introductions::IntroductionRow;
pub use list_views::{ListViewRow, PutListView};
pub use objections::ObjectionHash;
pub(crate) use objections::keep as keep_objections;
pub(crate) use organizations::bump_facts;
pub use organizations::{NewOrganization, Organization};
pub use people::{AddressRow, MergeRow};
pub use record_write::{Creation, Expected};
pub use records::{RecordChange, RecordRow};
pub use roles::CustomRole;
pub use sessions::{ApiTokenRow, Ended, NewApiToken, NewSession, SessionRow, TokenHash, token_hash};
pub use users::UserRow;
pub use works_council::WorksCouncil;
