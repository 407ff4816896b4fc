//! Get introduced: a request to a colleague, and their answer. Whoever wants to be asked first is named only once they accept.

use rapport_domain::UserId;
use rapport_store::registry::IntroductionRow;

use super::{App, AppError, Caller, View, settings, ties::WhoKnowsQuery};

/// Characters of a message at most.
const MESSAGE_MAX_CHARS: usize = 4_000;

/// A request as somebody is told of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Introduction {
    /// The request.
    pub row: IntroductionRow,
    /// Whether the caller is asked, rather than asks.
    pub is_asked_of_me: bool,
    /// The other one: address and name; `None` while they want to be asked first and have not accepted.
    pub other: Option<(String, String)>,
}

/// What is asked for.
#[derive(Clone, Debug)]
pub struct NewIntroduction {
    /// Whom to meet, as for who knows whom.
    pub target: String,
    /// The colleague: an address, or the handle of somebody who wants to be asked first.
    pub introducer: String,
    /// What is written to them.
    pub message: String,
}

/// What is done with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IntroductionAnswer {
    /// The colleague will introduce.
    Accept,
    /// The colleague will not.
    Decline,
    /// The colleague has.
    Introduced,
    /// Whoever asked no longer does.
    Withdraw,
}

impl App {
    fn introducing_user(&self) -> Result<UserId, AppError> {
        match self.caller() {
            Caller::User { user, .. } => Ok(*user),
            _ => Err(AppError::refused("a request is somebody's: nobody is signed in")
                .with_hint("sign in: `rapport sign-in invite ADDRESS` makes a link for the first time")),
        }
    }

    /// The caller's requests, and those to them, the newest first.
    pub async fn introductions(&self) -> Result<Vec<Introduction>, AppError> {
        let user = self.introducing_user()?;
        let view = self.view().await?;
        let rows = self.store().introductions(self.org(), user).await?;
        Ok(rows.into_iter().map(|row| told(&view, user, row)).collect())
    }

    /// Asks a colleague to introduce.
    pub async fn ask_introduction(&self, new: NewIntroduction) -> Result<Introduction, AppError> {
        let user = self.introducing_user()?;
        let message = new.message.trim();
        if message.chars().count() > MESSAGE_MAX_CHARS {
            return Err(AppError::invalid(format!("`message` has more than {MESSAGE_MAX_CHARS} characters")));
        }
        let query = WhoKnowsQuery { target: new.target, as_of: None, limit: super::ties::LIMIT_MAX, hops: 1, viewer: None };
        let answer = self.who_knows(&query).await?;
        let view = &answer.view;
        let is_meant = |one: &&super::ties::Introducer| {
            let email = &view.directory.user(one.tie.user).email;
            if one.is_named { email.eq_ignore_ascii_case(new.introducer.trim()) } else { one.handle == new.introducer }
        };
        let found = answer.introducers.iter().find(is_meant);
        let colleague = found.map(|one| one.tie.user).ok_or_else(|| {
            AppError::missing("`introducer` knows nobody there")
                .with_hint("GET /api/v1/who-knows lists who does, with an address or a handle")
        })?;
        let values = self.store().settings(self.org()).await?;
        let open_max = settings::value(&values, "who_knows.open_requests").parse().unwrap_or(5);
        let mut row = IntroductionRow {
            id: 0,
            asked_by: user,
            colleague,
            target_key: answer.target_key.clone(),
            target_name: answer.target_name.clone(),
            message: message.to_owned(),
            state: "requested".to_owned(),
            asked_at: self.now(),
            answered_at: None,
        };
        let created = self.store().create_introduction(self.org(), &row, open_max).await?;
        row.id = created.ok_or_else(|| {
            AppError::refused("this colleague was asked that already, or has as many open requests as one gets at a time")
                .with_hint("wait for their answer, or ask somebody else")
        })?;
        Ok(told(view, user, row))
    }

    /// Answers a request, or takes it back.
    pub async fn answer_introduction(&self, id: i64, answer: IntroductionAnswer) -> Result<Introduction, AppError> {
        let user = self.introducing_user()?;
        let rows = self.store().introductions(self.org(), user).await?;
        let row =
            rows.into_iter().find(|row| row.id == id).ok_or_else(|| AppError::missing(format!("there is no request `{id}`")))?;
        let (whose, from, to) = match answer {
            IntroductionAnswer::Accept => (row.colleague, "requested", "accepted"),
            IntroductionAnswer::Decline => (row.colleague, "requested", "declined"),
            IntroductionAnswer::Introduced => (row.colleague, "accepted", "introduced"),
            IntroductionAnswer::Withdraw => (row.asked_by, "requested", "withdrawn"),
        };
        if whose != user || !self.store().move_introduction(self.org(), id, (from, to), self.now()).await? {
            return Err(AppError::refused(format!("the request is {}: this cannot be done now, or not by you", row.state)));
        }
        let view = self.view().await?;
        Ok(told(&view, user, IntroductionRow { state: to.to_owned(), answered_at: Some(self.now()), ..row }))
    }

    /// Who accepted to introduce the caller to a target.
    pub(crate) async fn accepted_introducers(&self, target: &str) -> Result<Vec<UserId>, AppError> {
        let Some(user) = self.acting_user() else { return Ok(Vec::new()) };
        let rows = self.store().introductions(self.org(), user).await?;
        let is_accepted = |row: &IntroductionRow| row.asked_by == user && row.target_key == target && is_known(row);
        Ok(rows.into_iter().filter(is_accepted).map(|row| row.colleague).collect())
    }
}

/// Whether whoever asked knows whom they asked.
pub(super) fn is_known(row: &IntroductionRow) -> bool {
    matches!(row.state.as_str(), "accepted" | "introduced")
}

pub(super) fn told(view: &View, user: UserId, row: IntroductionRow) -> Introduction {
    let is_asked_of_me = row.colleague == user;
    let other = if is_asked_of_me { row.asked_by } else { row.colleague };
    let is_told = is_asked_of_me || is_known(&row) || !view.asks_first(other);
    let other = is_told.then(|| {
        let user = view.directory.user(other);
        (user.email.clone(), user.name.clone())
    });
    Introduction { row, is_asked_of_me, other }
}
