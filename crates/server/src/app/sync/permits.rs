//! What may be read and kept at this moment, without reading the whole organization before each request.
//!
//! What decides moves seldom, what is captured moves all the time, and both move the facts version. So what decides is known by its
//! grounds: as long as nobody but us wrote, or whoever wrote left the grounds as they were, what was known still holds.

use std::sync::{Arc, PoisonError, RwLock};

use rapport_domain::{Address, Moment, UserId};

use crate::app::{
    App, AppError,
    import::{FeedContext, Judge},
    notices::{MailboxNotices, may_read},
};

/// What held at some versions of facts and settings.
#[derive(Clone)]
pub(crate) struct Permits {
    pub(crate) judge: Judge,
    notices: Arc<MailboxNotices>,
    versions: (i64, i64),
}

impl Permits {
    /// Whether something may be read from a mailbox now.
    pub(crate) fn may_capture(&self, user: UserId, now: Moment) -> bool {
        let context = &self.judge.context;
        context.consented && may_read(&context.view, &self.notices, user, now)
    }

    /// Users whose mailbox may be read now, with their first addresses.
    pub(super) fn allowed(&self, now: Moment) -> Vec<(UserId, Address)> {
        let directory = &self.judge.context.view.directory;
        let users = (1..=directory.users.len() as u32).map(UserId).filter(|user| self.may_capture(*user, now));
        users.filter_map(|user| Some((user, Address::parse(&directory.user(user).email).ok()?))).collect()
    }

    /// First address of a user.
    pub(super) fn address(&self, user: UserId) -> Result<Address, AppError> {
        let email = &self.judge.context.view.directory.user(user).email;
        Address::parse(email).map_err(|error| AppError::invalid(error.to_string()))
    }

    /// What a copy is judged by, at a moment.
    pub(crate) fn context(&self, now: Moment) -> FeedContext {
        FeedContext { as_of: now, ..FeedContext::clone(&self.judge.context) }
    }
}

/// Permits that are shared by all who read.
#[derive(Default)]
pub(crate) struct KnownPermits(RwLock<Option<Permits>>);

impl KnownPermits {
    fn known(&self) -> Option<Permits> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, permits: &Permits) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some(permits.clone());
    }

    /// Notes that our own writing moved the versions, and nothing that decides.
    pub(super) fn moved(&self, versions: (i64, i64)) {
        if let Some(permits) = &mut *self.0.write().unwrap_or_else(PoisonError::into_inner) {
            permits.versions = versions;
        }
    }

    /// Asks anew who was told that their mailbox will be read: no version moves with that, nor with time.
    pub(super) fn renew(&self) {
        self.moved((-1, -1));
    }

    /// What holds now.
    pub(super) async fn now(&self, app: &App) -> Result<Permits, AppError> {
        let versions = app.store().versions(app.org()).await?;
        if let Some(mut known) = self.known() {
            if known.versions == versions {
                return Ok(known);
            }
            let with_records = known.judge.context.scope.needs_records();
            if app.store().grounds(app.org(), with_records).await? == known.judge.grounds {
                (known.versions, known.notices) = (versions, Arc::new(app.mailbox_notices().await?));
                self.set(&known);
                return Ok(known);
            }
        }
        let permits = Permits {
            judge: app.capture_judge().await?,
            notices: Arc::new(app.mailbox_notices().await?),
            // Read before all the rest: what moves meanwhile is noticed.
            versions,
        };
        self.set(&permits);
        Ok(permits)
    }
}
