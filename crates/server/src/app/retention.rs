//! What time brings by itself: consent that expires, mailbox data and old interactions that are deleted.

use std::sync::PoisonError;

use rapport_domain::{Calendar, Moment};
use rapport_store::registry::CLOCK;

use super::{App, AppError, settings};

impl App {
    /// Does whatever is due. Late or twice comes to the same.
    pub async fn run_due(&self) -> Result<(), AppError> {
        self.settle_enabling().await?;
        self.give_notices().await?;
        self.delete_withheld().await?;
        self.delete_private().await?;
        self.delete_old().await?;
        self.store().forget_begun_sign_ins(self.org(), self.now()).await?;
        self.tend_looks().await?;
        self.finish_privacy_requests().await?;
        self.tidy().await
    }

    /// Deletes interactions that are older than they are to be kept: whole months at a time, at the beginning of the next.
    async fn delete_old(&self) -> Result<(), AppError> {
        let view = self.view().await?;
        let values = self.store().settings(self.org()).await?;
        let months = settings::value(&values, "retention.months").parse().unwrap_or(0);
        let now = self.now();
        let Some(before) = kept_from(&view.calendar, now, months) else { return Ok(()) };
        // Looking reads every sighting: once a month, and after an import.
        let looked = (before, view.versions.0);
        if *self.nothing_before.lock().unwrap_or_else(PoisonError::into_inner) == Some(looked) {
            return Ok(());
        }
        let deleted = self.store().delete_before(self.organization(), &view.ours, before, (CLOCK, now)).await?;
        *self.nothing_before.lock().unwrap_or_else(PoisonError::into_inner) = Some(looked);
        if deleted.sightings > 0 {
            self.announce(self.store().facts_version(self.org()).await?);
        }
        Ok(())
    }
}

/// The local beginning of the month that lies `months` months back; `None` where everything is kept.
pub(crate) fn kept_from(calendar: &Calendar, now: Moment, months: i64) -> Option<Moment> {
    if months == 0 {
        return None;
    }
    calendar.month_start(calendar.day_of(now), -months)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_are_whole_and_local() {
        let calendar = Calendar::of("Europe/Amsterdam").unwrap();
        let at = |text: &str| Moment::parse(text).unwrap();
        let from = |now: &str, months| kept_from(&calendar, at(now), months);
        assert_eq!(from("2026-03-31T12:00:00Z", 1), Some(at("2026-02-01T00:00:00+01:00")));
        // Already April in Amsterdam.
        assert_eq!(from("2026-03-31T22:30:00Z", 1), Some(at("2026-03-01T00:00:00+01:00")));
        assert_eq!(from("2026-01-15T12:00:00Z", 36), Some(at("2023-01-01T00:00:00+01:00")));
        assert_eq!(from("2026-01-15T12:00:00Z", 0), None);
    }
}
