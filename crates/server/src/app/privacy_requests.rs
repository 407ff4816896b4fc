//! Requests of people about what is held on them: erasing and exporting, as jobs that a crash only interrupts.

use std::sync::PoisonError;

use rapport_domain::{Address, Moment, time::DAY_US};
use rapport_store::registry::PrivacyRequestRow;
use serde_json::Value;

use super::{App, AppError};

/// Days within which an export can be fetched.
const FETCH_US: i64 = 7 * DAY_US;

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PrivacyRequestKind {
    /// Erase a person.
    Erase {
        /// Whether their objection is kept as a keyed hash.
        keeps_objection: bool,
    },
    /// Everything that is held on them.
    Export,
}

impl App {
    /// All requests, the newest first.
    pub async fn privacy_requests(&self) -> Result<Vec<PrivacyRequestRow>, AppError> {
        Ok(self.store().privacy_requests(self.org()).await?)
    }

    /// One request.
    pub async fn privacy_request(&self, id: i64) -> Result<PrivacyRequestRow, AppError> {
        let all = self.privacy_requests().await?;
        all.into_iter().find(|row| row.id == id).ok_or_else(|| AppError::missing(format!("there is no request `{id}`")))
    }

    /// Keeps a request and begins to carry it out.
    pub async fn ask_privacy_request(&self, kind: PrivacyRequestKind, address: &str) -> Result<PrivacyRequestRow, AppError> {
        let parsed = Address::parse(address).map_err(|error| AppError::invalid(format!("`address`: `{address}`: {error}")))?;
        let view = self.view().await?;
        if matches!(kind, PrivacyRequestKind::Erase { .. }) && view.ours.is_our_key(parsed.as_str()) {
            return Err(AppError::refused(format!("`{parsed}` is ours: erasing is for external people"))
                .with_hint("an employee opts out, on their page under Privacy"));
        }
        if view.ours.is_our_key(parsed.as_str()) {
            view.need_no_works_council("what is held on a colleague is told to them alone")?;
        }
        let told = match kind {
            PrivacyRequestKind::Erase { keeps_objection } => ("erase", parsed.as_str(), keeps_objection),
            PrivacyRequestKind::Export => ("export", parsed.as_str(), false),
        };
        let id = self.store().create_privacy_request(self.org(), told, (self.actor(), self.now())).await?;
        let row = self.privacy_request(id).await?;
        let (app, begun) = (self.clone(), row.clone());
        tokio::spawn(async move {
            if let Err(error) = app.carry_out(begun).await {
                tracing::warn!(%error, "a privacy request is not done yet");
            }
        });
        Ok(row)
    }

    /// Carries out whatever was asked and is not done: a crash may have come between.
    pub(crate) async fn finish_privacy_requests(&self) -> Result<(), AppError> {
        for row in self.privacy_requests().await?.into_iter().filter(|row| row.state == "PROCESSING") {
            self.carry_out(row).await?;
        }
        let kept_from = Moment(self.now().0 - FETCH_US);
        if self.privacy_requests().await?.iter().any(|row| row.address.is_some() && row.ended_at.is_some_and(|at| at < kept_from))
        {
            self.store().forget_addresses(self.org(), kept_from).await?;
        }
        Ok(())
    }

    async fn carry_out(&self, row: PrivacyRequestRow) -> Result<(), AppError> {
        let is_new = self.carrying_out.lock().unwrap_or_else(PoisonError::into_inner).insert(row.id);
        if !is_new {
            return Ok(());
        }
        // Meanwhile somebody else may have done it.
        let row = self.privacy_request(row.id).await?;
        if row.state != "PROCESSING" {
            self.carrying_out.lock().unwrap_or_else(PoisonError::into_inner).remove(&row.id);
            return Ok(());
        }
        let done = self.try_to_carry_out(&row).await;
        let (state, outcome) = match &done {
            Ok(outcome) => ("COMPLETED", outcome.clone()),
            // What has nothing to say about somebody is done, too.
            Err(error) if error.is_missing() => ("COMPLETED", "nothing was held".to_owned()),
            Err(error) if error.is_transient() => {
                self.carrying_out.lock().unwrap_or_else(PoisonError::into_inner).remove(&row.id);
                return done.map(drop);
            }
            Err(error) => ("FAILED", without_address(&error.to_string(), row.address.as_deref())),
        };
        let ended = self.store().end_privacy_request(self.org(), row.id, (state, &outcome), (self.actor(), self.now())).await;
        self.carrying_out.lock().unwrap_or_else(PoisonError::into_inner).remove(&row.id);
        Ok(ended?)
    }

    async fn try_to_carry_out(&self, row: &PrivacyRequestRow) -> Result<String, AppError> {
        let Some(address) = &row.address else {
            // The facts were gone already; the bytes may not have been.
            self.store().finish_erasure().await?;
            return Ok("erased".to_owned());
        };
        if row.kind == "export" {
            let held = self.access(address).await?;
            let count = |name: &str| held[name].as_array().map_or(0, Vec::len);
            return Ok(format!("{} records, {} interactions", count("records"), count("interactions")));
        }
        let erased = self.erase(address, row.keeps_objection).await?;
        let interactions = erased.interactions_deleted + erased.interactions_changed;
        Ok(format!("{} addresses, {} records, {interactions} interactions", erased.addresses, erased.records))
    }

    /// Everything that is held on the person of a request, while it can be fetched.
    pub async fn privacy_request_file(&self, id: i64) -> Result<Value, AppError> {
        let row = self.privacy_request(id).await?;
        match row.address {
            Some(address) if row.kind == "export" && row.state == "COMPLETED" => {
                let view = self.view().await?;
                if view.ours.is_our_key(&address) {
                    view.need_no_works_council("what is held on a colleague is told to them alone")?;
                }
                self.access(&address).await
            }
            _ => Err(AppError::missing("there is no file of this request, or no longer")
                .with_hint("exports can be fetched for seven days")),
        }
    }
}

fn without_address(text: &str, address: Option<&str>) -> String {
    address.map_or_else(|| text.to_owned(), |address| text.replace(address, "(the address)"))
}
