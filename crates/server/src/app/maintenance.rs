//! Looking after the store: derived state anew, and whether everything is sound.

use rapport_domain::{AddressId, Side};
use rapport_store::ledger::{SegmentCheck, Tidied};
use serde::Serialize;

use super::{App, AppError, Place, View, connectors::MailboxState};

/// One thing that `doctor` looked at.
#[derive(Clone, Debug, Serialize)]
pub struct Finding {
    /// What was checked.
    pub check: &'static str,
    /// Whether it is sound.
    pub ok: bool,
    /// What was found.
    pub details: String,
}

/// The segments after [`App::seal`].
#[derive(Clone, Debug, Serialize)]
pub struct Sealed {
    /// Parquet files.
    pub segments: u64,
    /// Touches in them.
    pub touches: u64,
    /// Their size.
    pub bytes: u64,
    /// Where they lie.
    pub folder: String,
}

impl App {
    /// Makes touches and conversations anew from sightings; how many interactions. `progress(done, total)`.
    pub async fn rebuild(&self, progress: &(dyn Fn(u64, u64) + Sync)) -> Result<u64, AppError> {
        let view = self.view().await?;
        let rebuilt = self.store().rebuild(self.organization(), &view.ours, progress).await?;
        self.tidy().await?;
        Ok(rebuilt.interactions)
    }

    /// Moves touches from the database into segments where it holds many, and merges segments where there are many. No answer changes.
    pub async fn tidy(&self) -> Result<(), AppError> {
        let Tidied { sealed, merged, deleted } = self.store().tidy(self.org()).await?;
        if sealed + merged + deleted > 0 {
            tracing::info!(sealed, merged, deleted, "segments were tidied");
        }
        Ok(())
    }

    /// Moves all touches into one run of segments, as other tools read them: each touch once.
    pub async fn seal(&self) -> Result<Sealed, AppError> {
        let store = self.store();
        store.seal_all(self.org()).await?;
        let SegmentCheck { segments, touches, bytes, .. } = store.check_segments(self.org()).await?;
        let folder = store.segments_at(self.org());
        Ok(Sealed { segments, touches, bytes, folder })
    }

    /// Moves all segments to another place, or to the store's folder; how many.
    pub async fn move_segments(&self, to: Option<Place>) -> Result<u64, AppError> {
        Ok(self.store().move_segments(self.org(), to).await?)
    }

    /// Exchanges the key that secrets are sealed with; how many there are.
    pub async fn exchange_key(&self) -> Result<u64, AppError> {
        Ok(self.store().exchange_key(self.org(), (self.actor(), self.now())).await?)
    }

    /// Checks the store's file, its counts, and that every touch has its interaction. Deep: reads every segment whole, and compares all
    /// touches and identities with what the sightings say.
    pub async fn doctor(&self, is_deep: bool) -> Result<Vec<Finding>, AppError> {
        // First: where a segment is damaged nothing else can be read.
        let segments = if is_deep { Some(self.segments_finding().await?) } else { None };
        if let Some(segments) = segments.as_ref().filter(|segments| !segments.ok) {
            return Ok(vec![segments.clone()]);
        }
        let integrity = self.store().integrity().await?;
        let counts = self.store().ledger_counts(self.org()).await?;
        let view = self.view().await?;
        let mut touched = rustc_hash::FxHashSet::default();
        let mut strangers = 0_u64;
        let bounds = self.store().subject_bounds(self.org()).await?;
        let everything = rapport_store::Visibility::everything();
        self.store()
            .scan(self.org(), bounds, &everything, |subject, touches| {
                touched.extend(touches.interaction.iter().copied());
                let is_known = subject <= i64::from(view.stored_addresses());
                strangers +=
                    u64::from(!is_known || (subject > 0 && view.directory.address(AddressId(subject as u32)).side == Side::Ours));
            })
            .await?;
        let missing = counts.interactions.saturating_sub(touched.len() as u64);
        let audit = self.verify_audit(None).await?;
        let enabling = self.enabling().await?.enabling;
        let connectors = self.connectors().await?;
        let failing =
            connectors.iter().flat_map(|connector| &connector.mailboxes).filter(|mailbox| mailbox.state == MailboxState::Failing);
        let failing = failing.count();
        let mailboxes: usize = connectors.iter().map(|connector| connector.mailboxes.len()).sum();
        let notified = connectors.iter().flat_map(|one| &one.mailboxes).filter(|one| one.notified_until.is_some()).count();
        let unopened = self.unopened_secrets().await?;
        let mut findings = vec![
            Finding { check: "file", ok: integrity == "ok", details: integrity },
            Finding {
                check: "interactions",
                ok: missing == 0,
                details: format!("{} interactions, {} sightings, {missing} without a run", counts.interactions, counts.sightings),
            },
            Finding {
                check: "runs",
                ok: strangers == 0,
                details: format!("{strangers} runs under addresses that are ours now (rebuild moves them)"),
            },
            Finding {
                check: "users",
                ok: true,
                details: format!("{} users, {} internal domains", view.directory.users.len(), view.ours.domains.len()),
            },
            Finding {
                check: "audit",
                ok: audit.problems.is_empty(),
                details: match audit.problems.first() {
                    None => format!("{} entries, none changed or missing", audit.entries),
                    Some((number, fault)) => format!("entry {number}: {} (`rapport audit verify` has more)", fault.as_str()),
                },
            },
            Finding {
                check: "connectors",
                ok: failing == 0,
                details: format!(
                    "{} connectors, {mailboxes} mailboxes, {failing} failing{}{}",
                    connectors.len(),
                    if notified == 0 { String::new() } else { format!(", {notified} notified") },
                    if failing == 0 { "" } else { " (`rapport connector list` says why)" }
                ),
            },
            Finding {
                check: "secrets",
                ok: unopened.is_empty(),
                details: if unopened.is_empty() {
                    "every sealed secret opens with this key file".to_owned()
                } else {
                    format!("sealed with another key file: {}", unopened.join(", "))
                },
            },
            Finding { check: "consent", ok: true, details: format!("mailbox data: {}", enabling.consent.as_str()) },
        ];
        if let Some(segments) = segments {
            findings.extend([segments, self.touches_finding(&view).await?, self.identities_finding().await?]);
        }
        Ok(findings)
    }

    /// Whether every segment is as it was written.
    async fn segments_finding(&self) -> Result<Finding, AppError> {
        let check = self.store().check_segments(self.org()).await?;
        Ok(Finding {
            check: "segments",
            ok: check.problems.is_empty(),
            details: match check.problems.first() {
                None => format!("{} segments, {} touches, {} bytes, all as written", check.segments, check.touches, check.bytes),
                Some(problem) => format!("{problem} ({} problems)", check.problems.len()),
            },
        })
    }

    /// Whether all touches are what the sightings say.
    async fn touches_finding(&self, view: &View) -> Result<Finding, AppError> {
        let (stand, wanted) = self.store().compare_touches(self.organization(), &view.ours).await?;
        let (is, want) = (stand.touches, wanted.touches);
        let details = if stand == wanted {
            format!("{is} touches, as the sightings say")
        } else {
            format!("{is} touches differ from the {want} that the sightings say (`rapport rebuild` makes them anew)")
        };
        Ok(Finding { check: "touches", ok: stand == wanted, details })
    }

    /// Whether every interaction is known again when it is seen again, and none that is gone.
    async fn identities_finding(&self) -> Result<Finding, AppError> {
        let (lost, left) = self.store().check_identities(self.org()).await?;
        let details = match (lost, left) {
            (0, 0) => "every interaction has its identity".to_owned(),
            _ => format!(
                "{lost} interactions without their identity, {left} identities of none (`rapport rebuild` makes them anew)"
            ),
        };
        Ok(Finding { check: "identities", ok: (lost, left) == (0, 0), details })
    }
}
