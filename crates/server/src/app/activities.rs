//! One activity of the CRM, read and written: by the very rows of `activities.csv`, so that both ways in agree.

use rapport_capture::{Verdict, crm};
use rapport_domain::{ActivityState, Depth, Kind, Moment, RecordRef, Role, Sighting};
use rapport_store::ledger::{Appender, SOURCE_CRM, StoredSighting};

use super::{App, AppError, View, caller::Reach, import::ImportOptions, settings, view::Record};

/// An activity.
#[derive(Clone, Debug, PartialEq)]
pub struct Activity {
    /// The CRM's id.
    pub id: String,
    /// Email, meeting, phone call or task.
    pub kind: Kind,
    /// Open, scheduled, completed or cancelled.
    pub state: ActivityState,
    /// When it was or is to be; a meeting's start.
    pub at: Moment,
    /// Sender, organizer or caller: address or reference.
    pub from: Option<String>,
    /// Recipients, required attendees, callees.
    pub to: Vec<String>,
    /// Copies, optional attendees.
    pub cc: Vec<String>,
    /// Seconds.
    pub duration_s: Option<u32>,
    /// Its subject; on reading only where the organization keeps subjects.
    pub subject: Option<String>,
    /// The record that it regards.
    pub regarding: Option<RecordRef>,
}

impl Activity {
    /// The keys of all who take part.
    fn keys(&self) -> Vec<String> {
        self.from.iter().chain(&self.to).chain(&self.cc).cloned().collect()
    }
}

/// What a write came to.
#[derive(Clone, Debug, PartialEq)]
pub enum WrittenActivity {
    /// It was created.
    Created(Box<Activity>),
    /// It was there: changed, or the same.
    Is(Box<Activity>),
    /// Another create came with this key before.
    KeyTaken,
    /// There is one of this id.
    Exists,
    /// It is not what was expected.
    Unexpected,
}

impl App {
    /// The activity of an id.
    pub async fn activity(&self, id: &str) -> Result<Activity, AppError> {
        let view = self.view().await?;
        let known = self.known_activity(id).await?;
        // In works council mode nobody counts what others did.
        let is_told = |known: &Activity| view.works_council.is_none() || self.takes_part(&view, &known.keys());
        let known = known.filter(|known| self.concerns(&view, &self.reach(&view), known.regarding.as_ref(), &known.keys()));
        let known = known.filter(is_told);
        known.ok_or_else(|| no_activity(id))
    }

    /// Whether an activity is about something within reach: a record, or the caller.
    fn concerns(&self, view: &View, reach: &Reach, regarding: Option<&RecordRef>, keys: &[String]) -> bool {
        if reach.is_all() || regarding.and_then(|id| view.record(id)).is_some_and(|record| reach.allows(record.record)) {
            return true;
        }
        let names = |record: &Record| {
            let own = format!("{}:{}", record.reference.table.singular(), record.reference.id);
            let document = record.document.as_ref();
            let emails = document.into_iter().flat_map(|document| document.email.iter().chain(&document.emails));
            keys.contains(&own) || emails.into_iter().any(|email| keys.contains(email))
        };
        self.takes_part(view, keys) || view.records.iter().any(|record| reach.allows(record.record) && names(record))
    }

    /// Whether the caller is among some keys.
    fn takes_part(&self, view: &View, keys: &[String]) -> bool {
        self.acting_user().is_some_and(|caller| keys.iter().any(|key| view.user_of(key) == Some(caller)))
    }

    /// Refuses an activity that is about nothing for which the caller may write. A record that they may not write and one that is not
    /// there are refused alike.
    async fn need_writable(&self, regarding: Option<&RecordRef>, keys: &[String]) -> Result<(), AppError> {
        let view = self.view().await?;
        let writable = self.writable(&view);
        let is_writable = |id: &RecordRef| view.record(id).is_some_and(|record| writable.allows(record.record));
        let regards_other = !writable.is_all() && regarding.is_some_and(|id| !is_writable(id));
        if self.rights(&view).writes > Depth::None && !regards_other && self.concerns(&view, &writable, regarding, keys) {
            return Ok(());
        }
        Err(AppError::refused("the activity is about no record that you may write, and you do not take part in it")
            .with_hint("name yourself, or somebody whose record is yours"))
    }

    async fn known_activity(&self, id: &str) -> Result<Option<Activity>, AppError> {
        let Some(interaction) = self.store().activity_interaction(self.org(), id).await? else { return Ok(None) };
        let view = self.view().await?;
        let sightings = self.store().sightings_of(self.org(), &[interaction]).await?;
        let crm = sightings.into_iter().find(|(_, source, _)| *source == SOURCE_CRM);
        Ok(crm.map(|(_, _, sighting)| read(&view, id, &sighting, self.now())))
    }

    /// Creates an activity; without an id under a new one, which a `key` decides: the same create sent twice is one.
    pub async fn create_activity(&self, mut activity: Activity, key: Option<&str>) -> Result<WrittenActivity, AppError> {
        let _writing = self.making.activities.lock().await;
        let is_named = !activity.id.is_empty();
        if is_named {
            self.need_all_in_reach().await?;
        } else {
            activity.id = match key {
                Some(key) => blake3::keyed_hash(&self.organization().hash_key, key.as_bytes()).to_hex()[..32].to_owned(),
                None => self.new_record_id()?,
            };
        }
        let sighting = self.parsed(&activity).await?;
        match self.known_activity(&activity.id).await? {
            None => self.write(&activity.id, sighting).await.map(|written| WrittenActivity::Created(Box::new(written))),
            Some(_) if is_named => Ok(WrittenActivity::Exists),
            Some(known) if same(&known, &activity) => Ok(WrittenActivity::Created(Box::new(known))),
            Some(_) => Ok(WrittenActivity::KeyTaken),
        }
    }

    /// Creates or replaces an activity, if `is_expected` says so of what is there.
    pub async fn put_activity(
        &self,
        activity: &Activity,
        is_expected: impl Fn(Option<&Activity>) -> bool,
    ) -> Result<WrittenActivity, AppError> {
        let _writing = self.making.activities.lock().await;
        let known = self.known_activity(&activity.id).await?;
        let view = self.view().await?;
        let reach = self.reach(&view);
        match &known {
            Some(known) if self.concerns(&view, &reach, known.regarding.as_ref(), &known.keys()) => {
                self.need_writable(known.regarding.as_ref(), &known.keys()).await?;
            }
            // Whoever does not see everything is not told by an id of their own which others there are.
            None if reach.is_all() => {}
            Some(_) | None => return Err(no_activity(&activity.id)),
        }
        let sighting = self.parsed(activity).await?;
        if !is_expected(known.as_ref()) {
            return Ok(WrittenActivity::Unexpected);
        }
        let written = Box::new(self.write(&activity.id, sighting).await?);
        Ok(if known.is_some() { WrittenActivity::Is(written) } else { WrittenActivity::Created(written) })
    }

    /// An activity as `activities.csv` would be read, refused if it would not be kept or the caller may not write it.
    async fn parsed(&self, activity: &Activity) -> Result<Sighting, AppError> {
        let context = self.feed_context(&ImportOptions::default(), true).await?;
        let file = row(activity)?;
        let in_row = |what: String| {
            let what = what.strip_suffix(": left out").unwrap_or(&what);
            AppError::invalid(what.strip_prefix("column ").unwrap_or(what))
        };
        let mut rows = crm::activities(file.as_slice()).map_err(|problem| in_row(problem.what))?;
        let captured = rows.next().ok_or_else(|| AppError::invalid("the activity says nothing"))?;
        let captured = captured.map_err(|problem| in_row(problem.what))?;
        // What a file's import would only note is refused here.
        if let Some(note) = captured.notes.first() {
            return Err(in_row(note.clone()));
        }
        match context.judge(&captured) {
            Verdict::Keep => {}
            Verdict::Fail(what) => return Err(AppError::invalid(what)),
            Verdict::Exclude(reason) => {
                return Err(AppError::invalid(format!("it would not be kept: `{}`", reason.as_str()))
                    .with_hint("name somebody of ours and somebody of theirs, or the record that it regards"));
            }
        }
        let sighting = captured.sighting;
        let keys: Vec<String> = sighting.participants.iter().map(|participant| participant.who.key().into_owned()).collect();
        self.need_writable(sighting.regarding.as_ref(), &keys).await?;
        Ok(sighting)
    }

    async fn write(&self, id: &str, sighting: Sighting) -> Result<Activity, AppError> {
        let view = self.view().await?;
        let values = self.store().settings(self.org()).await?;
        let keeps_subjects = settings::value(&values, "capture.keep_subjects") == "true";
        let mut appender = Appender::new(self.store(), self.organization(), (*view.ours).clone(), keeps_subjects);
        appender.append(vec![sighting], &[]).await?;
        self.announce(self.store().facts_version(self.org()).await?);
        self.known_activity(id).await?.ok_or_else(|| AppError::missing("the activity was erased meanwhile"))
    }
}

fn no_activity(id: &str) -> AppError {
    AppError::missing(format!("there is no activity `{id}`"))
}

/// Whether a second create asks for what the first one made; a subject that is not kept cannot tell them apart.
fn same(known: &Activity, asked: &Activity) -> bool {
    let normal = |keys: &[String]| {
        let mut keys: Vec<String> = keys.iter().map(|key| key.trim().to_lowercase()).collect();
        keys.sort_unstable();
        keys
    };
    let from = |activity: &Activity| activity.from.as_deref().map(|key| key.trim().to_lowercase());
    (known.kind, known.state, known.at, &known.regarding) == (asked.kind, asked.state, asked.at, &asked.regarding)
        && from(known) == from(asked)
        && normal(&known.to) == normal(&asked.to)
        && normal(&known.cc) == normal(&asked.cc)
        && known.duration_s.unwrap_or(0) == asked.duration_s.unwrap_or(0)
}

/// A row of `activities.csv` with its header.
fn row(activity: &Activity) -> Result<Vec<u8>, AppError> {
    let joined = |name: &str, keys: &[String]| match keys.iter().find(|key| key.contains([';', '"'])) {
        Some(key) => Err(AppError::invalid(format!("`{name}`: `{key}` has a `;` or `\"` inside"))),
        None => Ok(keys.join(";")),
    };
    let from = activity.from.clone().into_iter().collect::<Vec<_>>();
    let cells = [
        ("id", activity.id.clone()),
        ("occurred_at", activity.at.to_rfc3339()),
        ("kind", activity.kind.as_str().to_owned()),
        ("from", joined("from", &from)?),
        ("to", joined("to", &activity.to)?),
        ("cc", joined("cc", &activity.cc)?),
        ("duration_s", activity.duration_s.map(|seconds| seconds.to_string()).unwrap_or_default()),
        ("subject", activity.subject.clone().unwrap_or_default()),
        ("regarding", activity.regarding.as_ref().map(|record| format!("{}/{}", record.table, record.id)).unwrap_or_default()),
        ("state", activity.state.as_str().to_owned()),
    ];
    let cannot = |error: csv::Error| AppError::invalid(error.to_string());
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(cells.iter().map(|(name, _)| name)).map_err(cannot)?;
    writer.write_record(cells.iter().map(|(_, value)| value)).map_err(cannot)?;
    writer.into_inner().map_err(|error| AppError::invalid(error.to_string()))
}

/// What was written, as it is kept.
fn read(view: &View, id: &str, sighting: &StoredSighting, now: Moment) -> Activity {
    let keys = |roles: &[Role]| {
        let of_roles = sighting.participants.iter().filter(|(_, role)| roles.contains(role));
        of_roles.map(|(address, _)| view.directory.address(rapport_domain::AddressId(*address)).key.to_string()).collect()
    };
    let from: Vec<String> = keys(&[Role::From, Role::Organizer, Role::Caller]);
    let at = Moment(sighting.at_us);
    // Without a word of its state a meeting is scheduled until it begins, everything else was done (02 section 2.4).
    let unsaid = if sighting.kind == Kind::Meeting && at > now { ActivityState::Scheduled } else { ActivityState::Completed };
    Activity {
        id: id.to_owned(),
        kind: sighting.kind,
        state: sighting.state.unwrap_or(unsaid),
        at,
        from: from.into_iter().next(),
        to: keys(&[Role::To, Role::Required, Role::Callee]),
        cc: keys(&[Role::Cc, Role::Optional]),
        duration_s: sighting.duration_s,
        subject: (!sighting.subject.is_empty()).then(|| sighting.subject.clone()),
        regarding: view.record_numbered(sighting.regarding).map(|record| record.reference.clone()),
    }
}
