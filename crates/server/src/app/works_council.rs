//! Works council mode (05 section 6): no figure about a single employee for anyone but that employee. One person turns it on; turning it
//! off needs a second, the council's account.

use rapport_domain::{Moment, UserId};
use rapport_store::registry::WorksCouncil;

use super::{App, AppError, Caller, LOCAL_ADMINISTRATOR, View, viewer};

/// Works council mode as pages show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorksCouncilStatus {
    /// Since when it is on; `None`: it is off.
    pub since: Option<Moment>,
    /// The council's account: address and name.
    pub council: Option<(String, String)>,
    /// Who asked to turn it off, and when.
    pub off_asked: Option<(String, Moment)>,
    /// Whether the caller is the council.
    pub is_council: bool,
}

impl App {
    /// Whether works council mode is on, and what is asked.
    pub async fn works_council(&self) -> Result<WorksCouncilStatus, AppError> {
        let view = self.view().await?;
        let mode = view.works_council.clone();
        let council = mode.as_ref().map(|mode| view.directory.user(mode.council));
        Ok(WorksCouncilStatus {
            since: mode.as_ref().map(|mode| mode.since),
            council: council.map(|user| (user.email.clone(), user.name.clone())),
            is_council: mode.as_ref().is_some_and(|mode| self.is_council(mode)),
            off_asked: mode.and_then(|mode| mode.off_asked),
        })
    }

    /// Whether the council itself acts, in a browser: a program with its token is not its decision.
    fn is_council(&self, mode: &WorksCouncil) -> bool {
        matches!(self.caller(), Caller::User { user, through_token: false, .. } if *user == mode.council)
    }

    /// Turns the mode on; `council` is the address of the user without whom it is not turned off again.
    pub async fn turn_works_council_on(&self, council: &str) -> Result<WorksCouncilStatus, AppError> {
        let view = self.view().await?;
        let user = viewer::user_of(&view, council)?;
        if matches!(self.caller(), Caller::User { user: caller, .. } if *caller == user) {
            return Err(AppError::refused("the council's account is yours: one person alone could turn the mode off again")
                .with_hint("name the account of somebody from the works council"));
        }
        if view.directory.user(user).left_at.is_some_and(|at| at <= self.now()) || !self.can_sign_in(user).await? {
            return Err(AppError::refused(format!(
                "`{council}` cannot sign in, so that nobody could agree to turn the mode off"
            ))
            .with_hint("let them sign in first: App settings > Users, or `rapport sign-in invite ADDRESS`"));
        }
        let since = self.now();
        self.change_works_council(|mode| {
            if mode.is_some() {
                return Err(AppError::refused("works council mode is on already")
                    .with_hint("to change the council's account, turn it off first: both must agree"));
            }
            *mode = Some(WorksCouncil { since, council: user, off_asked: None });
            Ok("works_council.on")
        })
        .await
    }

    /// Asks the council to agree to turning the mode off.
    pub async fn ask_works_council_off(&self) -> Result<WorksCouncilStatus, AppError> {
        let (by, at) = (self.actor().to_owned(), self.now());
        self.change_works_council(|mode| {
            let mode = mode.as_mut().ok_or_else(is_off)?;
            if self.is_council_user(mode.council) {
                return Err(AppError::refused("the council does not ask itself: turning the mode off needs two people")
                    .with_hint("let the privacy administrator ask"));
            }
            mode.off_asked = Some((by, at));
            Ok("works_council.off_asked")
        })
        .await
    }

    /// The council's answer: agrees, so that the mode is off, or not, so that it stays on.
    pub async fn answer_works_council_off(&self, agrees: bool) -> Result<WorksCouncilStatus, AppError> {
        self.change_works_council(|mode| {
            let known = mode.as_mut().ok_or_else(is_off)?;
            if !self.is_council(known) {
                return Err(AppError::refused("only the council's account answers")
                    .with_hint("it signs in and answers under Privacy > Works council"));
            }
            if known.off_asked.is_none() {
                return Err(AppError::refused("nobody asks to turn works council mode off"));
            }
            if agrees {
                *mode = None;
                return Ok("works_council.off");
            }
            known.off_asked = None;
            Ok("works_council.kept_on")
        })
        .await
    }

    fn is_council_user(&self, council: UserId) -> bool {
        matches!(self.caller(), Caller::User { user, .. } if *user == council)
    }

    async fn change_works_council(
        &self,
        change: impl FnOnce(&mut Option<WorksCouncil>) -> Result<&'static str, AppError>,
    ) -> Result<WorksCouncilStatus, AppError> {
        self.store().change_works_council(self.org(), (self.actor(), self.now()), change).await??;
        self.announce(self.store().facts_version(self.org()).await?);
        self.works_council().await
    }

    /// Refuses what would let somebody sign in as the council while the mode is on, whoever they name.
    pub(crate) fn need_no_council(&self, view: &View) -> Result<(), AppError> {
        view.works_council.as_ref().map_or(Ok(()), |mode| self.need_not_council(view, mode.council))
    }

    /// Refuses to change how the council signs in, or who it is, while the mode is on: whoever could would turn it off alone.
    /// Whoever holds the store itself can do everything anyway.
    pub(crate) fn need_not_council(&self, view: &View, user: UserId) -> Result<(), AppError> {
        let is_council = view.works_council.as_ref().is_some_and(|mode| mode.council == user);
        if !is_council || self.is_council_user(user) || self.actor() == LOCAL_ADMINISTRATOR {
            return Ok(());
        }
        Err(AppError::refused("this is the council's account: while works council mode is on, nobody else changes it")
            .with_hint("turn works council mode off first: both must agree; who operates the server can use `rapport sign-in`"))
    }
}

fn is_off() -> AppError {
    AppError::refused("works council mode is off")
}
