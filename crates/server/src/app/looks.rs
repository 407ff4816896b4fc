//! The access log: who was shown what about an employee. Kept in memory for seconds, so that no page waits for a disk, then in the store.

use std::{
    collections::HashMap,
    io::Write,
    sync::{Arc, Mutex, PoisonError},
};

use rapport_domain::{Day, Moment, UserId};
use rapport_store::registry::{Look, LookMark};

use super::{
    App, AppError, View,
    export::{Cell, ColumnType, Format, TableWriter},
    lists::sheet::unrun,
    viewer,
};

/// Columns of the file.
const COLUMNS: &[(&str, ColumnType)] = &[
    ("about", ColumnType::Text),
    ("about_name", ColumnType::Text),
    ("day", ColumnType::Text),
    ("viewer", ColumnType::Text),
    ("viewer_name", ColumnType::Text),
    ("what", ColumnType::Text),
    ("times", ColumnType::Whole),
    ("last_at", ColumnType::Text),
];

/// Months that the access log is kept.
const KEPT_DAYS: i32 = 366;
/// Rows of a page at most.
pub const LOOKS_MAX: u32 = 1_000;
/// Rows in memory from which they are written at once.
const BUFFERED_MAX: usize = 2_000;

/// What somebody was shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Shown {
    /// A record with those of us who are in touch most.
    Record,
    /// Who knows whom.
    WhoKnows,
    /// A timeline.
    Timeline,
    /// Everything that is held on somebody.
    Export,
}

impl Shown {
    fn as_str(self) -> &'static str {
        match self {
            Self::Record => "record",
            Self::WhoKnows => "who_knows",
            Self::Timeline => "timeline",
            Self::Export => "export",
        }
    }
}

/// Looks that are not in the store yet: how often, and when last.
pub(crate) type Looks = Arc<Mutex<HashMap<(UserId, Day, Option<UserId>, Shown), (u64, Moment)>>>;

/// A look as it is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToldLook {
    /// About whom: address and name.
    pub about: (String, String),
    /// Who looked: address and name; `None`: the local administrator.
    pub viewer: Option<(String, String)>,
    /// The look.
    pub look: Look,
}

impl App {
    /// Notes that the caller was shown something about some users. Oneself is nobody's business.
    pub(crate) fn note_looks(&self, view: &View, about: impl IntoIterator<Item = UserId>, what: Shown) {
        let (viewer, now) = (self.acting_user(), self.now());
        let day = view.calendar.day_of(now);
        let is_full = {
            let mut looks = self.looks.lock().unwrap_or_else(PoisonError::into_inner);
            for about in about.into_iter().filter(|about| viewer != Some(*about)) {
                let (times, last_at) = looks.entry((about, day, viewer, what)).or_insert((0, now));
                *times += 1;
                *last_at = now;
            }
            looks.len() >= BUFFERED_MAX
        };
        if is_full {
            let app = self.clone();
            tokio::spawn(async move {
                if let Err(error) = app.keep_looks().await {
                    tracing::warn!(%error, "the access log could not be written");
                }
            });
        }
    }

    /// Writes the access log.
    pub async fn keep_looks(&self) -> Result<(), AppError> {
        let taken = std::mem::take(&mut *self.looks.lock().unwrap_or_else(PoisonError::into_inner));
        let look = |((about, day, viewer, what), (times, last_at)): (_, (u64, Moment))| {
            let what: Shown = what;
            Look { about, day, viewer, what: what.as_str().to_owned(), times, last_at }
        };
        let looks: Vec<Look> = taken.into_iter().map(look).collect();
        if looks.is_empty() {
            return Ok(());
        }
        Ok(self.store().add_looks(self.org(), &looks).await?)
    }

    /// Who was shown what about the caller, the newest first.
    pub async fn my_looks(&self, viewer: Option<&str>) -> Result<Vec<ToldLook>, AppError> {
        let view = self.view().await?;
        let user = self.myself(&view, viewer)?;
        self.told_looks(&view, Some(user), None, LOOKS_MAX).await
    }

    /// Who was shown what about whom, the newest first; `about` narrows it to one user, `after` goes on where a page ended.
    pub async fn all_looks(&self, about: Option<&str>, after: Option<&LookMark>, limit: u32) -> Result<Vec<ToldLook>, AppError> {
        let view = self.view().await?;
        let about = about.map(|address| viewer::user_of(&view, address)).transpose()?;
        self.told_looks(&view, about, after, limit).await
    }

    /// Writes the access log as a file, the newest first; how many rows.
    pub async fn export_looks<W: Write + Send>(&self, about: Option<&str>, out: W) -> Result<u64, AppError> {
        let mut writer = TableWriter::new(Format::Csv, COLUMNS, out)?;
        let (mut after, mut count) = (None, 0);
        loop {
            let looks = self.all_looks(about, after.as_ref(), LOOKS_MAX).await?;
            let Some(last) = looks.last() else { break };
            after = Some(LookMark::from(&last.look));
            count += looks.len() as u64;
            for ToldLook { about: (about, about_name), viewer, look } in looks {
                let (viewer, viewer_name) = viewer.unzip();
                // Names are what people call themselves: none is run as a formula on somebody's desk.
                let text = |text: String| Cell::Text(unrun(&text));
                let maybe = |known: Option<String>| known.map_or(Cell::Null, text);
                writer.row(vec![
                    text(about),
                    text(about_name),
                    Cell::Text(look.day.to_iso()),
                    maybe(viewer),
                    maybe(viewer_name),
                    Cell::Text(look.what),
                    Cell::Whole(look.times as i64),
                    Cell::Text(look.last_at.to_rfc3339()),
                ])?;
            }
        }
        writer.finish()?;
        Ok(count)
    }

    async fn told_looks(
        &self,
        view: &View,
        about: Option<UserId>,
        after: Option<&LookMark>,
        limit: u32,
    ) -> Result<Vec<ToldLook>, AppError> {
        self.keep_looks().await?;
        let named = |user: UserId| {
            let user = view.directory.user(user);
            (user.email.clone(), user.name.clone())
        };
        let looks = self.store().looks(self.org(), about, after, limit).await?;
        Ok(looks.into_iter().map(|look| ToldLook { about: named(look.about), viewer: look.viewer.map(named), look }).collect())
    }

    /// Writes the access log, and forgets what is older than a year.
    pub(crate) async fn tend_looks(&self) -> Result<(), AppError> {
        self.keep_looks().await?;
        let today = self.view().await?.calendar.day_of(self.now());
        let mut forgotten = self.looks_forgotten.lock().await;
        if *forgotten != Some(today) {
            self.store().forget_looks(self.org(), today.plus(-KEPT_DAYS)).await?;
            *forgotten = Some(today);
        }
        Ok(())
    }
}
