//! The notice that an employee is given before anything is read from their mailbox for the first time (05 section 5).

use std::collections::{BTreeMap, BTreeSet};

use rapport_domain::{Moment, UserId, time::DAY_US};
use rapport_store::registry::CLOCK;

use super::{App, AppError, View, settings};

/// The notice of one employee.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MailboxNotice {
    /// When it was given.
    pub given_at: Moment,
    /// From when their mailbox may be read.
    pub capture_from: Moment,
}

/// Notices of all whose mailbox is selected.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MailboxNotices {
    /// Days between notice and capture.
    pub days: i64,
    /// Of whom.
    pub of: BTreeMap<UserId, MailboxNotice>,
}

impl App {
    /// The notices that were given.
    pub async fn mailbox_notices(&self) -> Result<MailboxNotices, AppError> {
        let values = self.store().settings(self.org()).await?;
        let days = settings::value(&values, "capture.notice_days").parse().unwrap_or(0);
        let given = self.store().mailbox_notices(self.org()).await?;
        let notice = |given_at: Moment| MailboxNotice { given_at, capture_from: given_at.plus_us(days * DAY_US) };
        Ok(MailboxNotices { days, of: given.into_iter().map(|(user, at)| (user, notice(at))).collect() })
    }

    /// Whether something may be read from a mailbox now: consent, geography, roles, groups and opt-out allow it, and its user was told
    /// long enough ago. Whoever captures asks this before each request.
    pub async fn may_capture(&self, user: UserId) -> Result<bool, AppError> {
        let (view, notices) = (self.view().await?, self.mailbox_notices().await?);
        Ok(may_read(&view, &notices, user, self.now()))
    }

    /// Gives notice to everybody whose mailbox may be read and who has none; takes it back where it may not be read any more, so that
    /// whoever is selected again is told again. Twice comes to the same.
    pub(crate) async fn give_notices(&self) -> Result<(), AppError> {
        let view = self.view().await?;
        let now = self.now();
        let users = (1..=view.directory.users.len() as u32).map(UserId);
        let selected: BTreeSet<UserId> = users.filter(|user| is_selected(&view, *user, now)).collect();
        let given: BTreeSet<UserId> = self.store().mailbox_notices(self.org()).await?.into_keys().collect();
        let (new, gone) = (&selected - &given, &given - &selected);
        if new.is_empty() && gone.is_empty() {
            return Ok(());
        }
        self.store().set_mailbox_notices(self.org(), (&new, &gone), (CLOCK, now)).await?;
        self.announce(self.store().facts_version(self.org()).await?);
        Ok(())
    }
}

/// Whether something may be read from a mailbox at a moment.
pub(crate) fn may_read(view: &View, notices: &MailboxNotices, user: UserId, now: Moment) -> bool {
    let is_told = notices.of.get(&user).is_some_and(|notice| notice.capture_from <= now);
    is_told && is_selected(view, user, now)
}

/// Whether a user's mailbox may be read, apart from the notice; nobody reads the mailbox of who does not work here any more.
fn is_selected(view: &View, user: UserId, now: Moment) -> bool {
    let works_here = view.directory.user(user).left_at.is_none_or(|left_at| left_at > now);
    works_here && view.enabling.uses_mailbox(view.geography) && view.mailbox_exclusion(Some(user)).is_none()
}
