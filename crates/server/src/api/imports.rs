//! `/api/v1/imports`: files in, progress, reports.

use axum::{
    Json,
    body::Body,
    extract::Request,
    http::{StatusCode, header},
    response::{
        IntoResponse, Response, Sse,
        sse::{Event, KeepAlive},
    },
};
use futures_util::{Stream, StreamExt};
use rapport_domain::{Moment, Table, Task};
use rapport_store::registry::ImportRow;
use serde::{Deserialize, Serialize};
use tokio::{
    io::AsyncWriteExt,
    sync::{OwnedSemaphorePermit, watch},
};
use utoipa::{IntoParams, ToSchema};

use super::{
    cursor::{decode_id, encode_id},
    events::KEEP_ALIVE,
    extract::{ApiPath, ApiQuery, NoParameters, moment},
    identify::Acting,
    import_queue::{ImportState, UploadedFile, failed},
    limits::{UPLOAD_MAX_BYTES, UPLOAD_PIECE_WAIT},
    lists::PAGE_ROWS,
    problem::{CommonProblems, Kind, Problem, ProblemBody},
    state::ServerState,
};
use crate::app::{
    import::{ImportFailure, ImportKind, ImportOptions, ImportReport, Progress},
    lists::PAGE_MAX,
};

/// The longest name of a file: common file systems take 255 bytes.
const FILE_NAME_MAX_BYTES: usize = 200;

/// Parameters of files of users and records.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub(crate) struct FileParameters {
    /// The file's name, which problems name.
    filename: Option<String>,
}

/// Parameters of a file of activities.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub(crate) struct ActivitiesParameters {
    /// The file's name, which problems name.
    filename: Option<String>,
    /// The moment against which dates are judged; now if absent.
    #[serde(deserialize_with = "moment")]
    #[param(value_type = Option<String>, format = DateTime)]
    as_of: Option<Moment>,
}

/// Parameters of files with mailbox data.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub(crate) struct MailboxParameters {
    /// The file's name, which problems name; its extension says what it is (.eml, .csv, .jsonl, .parquet, also .gz).
    filename: Option<String>,
    /// The user whose mailbox it comes from.
    mailbox: Option<String>,
    /// Grants consent to mailbox data: what was agreed to. Recorded in the audit log; holds for later imports.
    consent: Option<String>,
    /// The moment against which dates are judged; now if absent.
    #[serde(deserialize_with = "moment")]
    #[param(value_type = Option<String>, format = DateTime)]
    as_of: Option<Moment>,
}

impl From<FileParameters> for MailboxParameters {
    fn from(FileParameters { filename }: FileParameters) -> Self {
        Self { filename, ..Self::default() }
    }
}

impl From<ActivitiesParameters> for MailboxParameters {
    fn from(ActivitiesParameters { filename, as_of }: ActivitiesParameters) -> Self {
        Self { filename, as_of, ..Self::default() }
    }
}

/// The bytes of the file as they are; gzip is understood.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
#[allow(dead_code, reason = "stands in the OpenAPI document only")]
pub(crate) struct FileBytes(Vec<u8>);

/// One import.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"id": 3, "kind": "mail", "state": "queued", "started_at": "2026-03-02T09:00:00Z", "finished_at": null}))]
pub(crate) struct ImportBody {
    /// Its id.
    id: i64,
    /// `users`, `mail`, `calendar`, `interactions`, `activities`, or a table of records.
    kind: String,
    /// `queued`, `running`, `completed` or `failed`.
    state: String,
    /// When it began; when it was queued, while it waits.
    started_at: String,
    /// When it ended.
    finished_at: Option<String>,
    /// How far it is, while this server runs it.
    #[serde(skip_serializing_if = "Option::is_none")]
    progress: Option<ProgressBody>,
    /// What became of everything that was read, once it completed.
    #[serde(skip_serializing_if = "Option::is_none")]
    report: Option<ImportReport>,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<ProblemBody>,
}

/// How far an import is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProgressBody {
    /// `queued` or `running`.
    state: &'static str,
    /// Copies or rows read so far.
    read: u64,
    /// Bytes read so far.
    bytes: u64,
    /// Bytes of the file.
    bytes_total: u64,
}

impl ProgressBody {
    fn new(state: &'static str, progress: &Progress) -> Self {
        Self { state, read: progress.read, bytes: progress.bytes, bytes_total: progress.bytes_total }
    }
}

impl ImportBody {
    fn new(row: ImportRow, live: Option<&ImportState>) -> Self {
        let (mut progress, mut report, mut problem) = (None, None, None);
        match (ended(&row), live) {
            (Some(ImportState::Completed(end)), _) => report = Some(end),
            (Some(ImportState::Failed(end)), _) => problem = Some(end),
            (_, Some(ImportState::Queued)) => progress = Some(ProgressBody::new("queued", &Progress::default())),
            (_, Some(ImportState::Running(so_far))) => progress = Some(ProgressBody::new("running", so_far)),
            _ => {}
        }
        Self {
            id: row.import_id,
            kind: row.command.strip_prefix("import ").unwrap_or(&row.command).to_owned(),
            // While it runs here, this server knows better than the row that was read a moment ago.
            state: progress.as_ref().map_or(row.state, |progress| progress.state.to_owned()),
            started_at: row.started_at.to_rfc3339(),
            finished_at: row.finished_at.map(Moment::to_rfc3339),
            progress,
            report,
            problem,
        }
    }
}

/// How an import ended, as it was written down.
fn ended(row: &ImportRow) -> Option<ImportState> {
    match row.state.as_str() {
        "completed" => Some(ImportState::Completed(serde_json::from_str(&row.report).unwrap_or_default())),
        "failed" => {
            let plain = || ImportFailure { message: row.report.clone(), hint: None };
            let ImportFailure { message, hint } = serde_json::from_str(&row.report).unwrap_or_else(|_| plain());
            Some(ImportState::Failed(failed(&message, hint.as_deref())))
        }
        _ => None,
    }
}

/// Declares one upload per kind of file: handler, URL, operation, kind, parameters, summary.
macro_rules! uploads {
    ($($handler:ident, $path:tt, $operation:tt, $kind:expr, $parameters:ident, $summary:tt;)*) => {$(
        #[utoipa::path(post, path = $path, tag = "imports", operation_id = $operation, summary = $summary, params($parameters),
            request_body(content = FileBytes, content_type = "application/octet-stream", description = "The bytes of the file as they are; gzip is understood"),
            responses(
                (status = 202, description = "It waits for its turn; `Location` names it", body = ImportBody),
                (status = 403, description = "Consent to mailbox data is missing, or the write comes from another site", body = ProblemBody, content_type = "application/problem+json"),
                (status = 408, description = "The body comes too slowly", body = ProblemBody, content_type = "application/problem+json"),
                (status = 413, description = "The file is too large", body = ProblemBody, content_type = "application/problem+json"),
                (status = 507, description = "The disk is full", body = ProblemBody, content_type = "application/problem+json"),
                CommonProblems,
            ))]
        pub(crate) async fn $handler(
            Acting(state): Acting,
            ApiQuery(parameters): ApiQuery<$parameters>,
            request: Request,
        ) -> Result<Response, Problem> {
            import(state, $kind, parameters.into(), request).await
        }
    )*};
}

uploads! {
    users, "/api/v1/imports/users", "import_users", ImportKind::Users, FileParameters, "Imports users.csv";
    mail, "/api/v1/imports/mail", "import_mail", ImportKind::Mail, MailboxParameters, "Imports mail: an mbox or one message (.eml)";
    calendar, "/api/v1/imports/calendar", "import_calendar", ImportKind::Calendar, MailboxParameters, "Imports a calendar (.ics)";
    interactions, "/api/v1/imports/interactions", "import_interactions", ImportKind::Interactions, MailboxParameters,
        "Imports interactions: .csv, .jsonl or .parquet";
    accounts, "/api/v1/imports/accounts", "import_accounts", ImportKind::Records(Table::Accounts), FileParameters, "Imports accounts.csv";
    contacts, "/api/v1/imports/contacts", "import_contacts", ImportKind::Records(Table::Contacts), FileParameters, "Imports contacts.csv";
    leads, "/api/v1/imports/leads", "import_leads", ImportKind::Records(Table::Leads), FileParameters, "Imports leads.csv";
    opportunities, "/api/v1/imports/opportunities", "import_opportunities", ImportKind::Records(Table::Opportunities), FileParameters,
        "Imports opportunities.csv";
    activities, "/api/v1/imports/activities", "import_activities", ImportKind::Activities, ActivitiesParameters, "Imports activities.csv";
}

async fn import(
    state: ServerState,
    kind: ImportKind,
    parameters: MailboxParameters,
    request: Request,
) -> Result<Response, Problem> {
    let MailboxParameters { filename, mailbox, consent, as_of } = parameters;
    if consent.is_some() {
        state.app().need_any(&[Task::Consent]).await?;
    }
    // A file of users gives rights.
    if kind == ImportKind::Users {
        state.app().need_any(&[Task::ManageUsers]).await?;
    }
    if kind.is_mailbox_data() && consent.is_none() && !state.app().has_consent().await? {
        return Err(Problem::new(Kind::Refused, "mailbox data may not be read: consent is not granted")
            .with_hint("pass the query parameter `consent` with what was agreed to; it is recorded in the audit log and holds for later imports"));
    }
    let room = state.imports().reserve()?;
    let file = receive(&state, filename, kind, UPLOAD_MAX_BYTES, request).await?;
    let by = Some(state.app().caller().clone());
    let options = ImportOptions { as_of, mailbox, consent, by, upload: None };
    // On a task of its own: a client that hangs up now would leave a number without an import.
    let queue = state.clone();
    let queued = tokio::spawn(async move { queue.imports().enqueue(room, kind, options, file).await }).await;
    let import_id = queued.map_err(|error| Problem::new(Kind::Fault, error.to_string()))??;
    let row = state.app().import(import_id).await?;
    let location = format!("/api/v1/imports/{import_id}");
    let live = live(&state, import_id);
    Ok((StatusCode::ACCEPTED, [(header::LOCATION, location)], Json(ImportBody::new(row, live.as_ref()))).into_response())
}

/// Takes a file in.
pub(super) async fn receive(
    state: &ServerState,
    filename: Option<String>,
    kind: ImportKind,
    max_bytes: u64,
    request: Request,
) -> Result<UploadedFile, Problem> {
    let name = file_name(filename, kind)?;
    if content_length(&request).is_some_and(|length| length > max_bytes) {
        return Err(too_large(max_bytes));
    }
    let file = state.imports().place(&name).map_err(|error| cannot_write(&error))?;
    write(request.into_body(), &file, max_bytes).await?;
    Ok(file)
}

fn live(state: &ServerState, import_id: i64) -> Option<ImportState> {
    state.imports().watch(import_id).map(|receiver| receiver.borrow().clone())
}

fn content_length(request: &Request) -> Option<u64> {
    request.headers().get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

fn too_large(max_bytes: u64) -> Problem {
    Problem::new(Kind::TooLarge, format!("the file is larger than {} MiB", max_bytes >> 20))
        .with_hint("split it, or import it on the server's machine by `rapport import`")
}

fn cannot_write(error: &std::io::Error) -> Problem {
    if error.kind() == std::io::ErrorKind::StorageFull {
        return Problem::new(Kind::Full, "the disk is full; nothing of the file was kept")
            .with_hint("free some space and upload it again");
    }
    tracing::error!(%error, "an upload cannot be written");
    Problem::new(Kind::Store, "the file cannot be written down")
}

/// The name that the file gets: what was given, if that is a name and nothing more.
fn file_name(given: Option<String>, kind: ImportKind) -> Result<String, Problem> {
    let Some(name) = given else {
        let extension = match kind {
            ImportKind::Mail => "mbox",
            ImportKind::Calendar => "ics",
            _ => "csv",
        };
        return Ok(format!("{}.{extension}", kind.as_str()));
    };
    let is_plain = !name.is_empty() && name.len() <= FILE_NAME_MAX_BYTES && !name.starts_with('.');
    if is_plain && !name.contains(|c: char| c.is_control() || matches!(c, '/' | '\\')) {
        return Ok(name);
    }
    Err(Problem::invalid(format!("query: filename: it is a name without folders, of at most {FILE_NAME_MAX_BYTES} bytes")))
}

/// Writes the body to the disk piece by piece; what is not whole is gone with `file`.
async fn write(body: Body, file: &UploadedFile, max_bytes: u64) -> Result<(), Problem> {
    let mut written = tokio::fs::File::create_new(&file.path).await.map_err(|error| cannot_write(&error))?;
    let mut pieces = body.into_data_stream();
    let mut bytes = 0_u64;
    loop {
        let slow =
            |_| Problem::new(Kind::TooSlow, format!("no piece of the file within {} seconds", UPLOAD_PIECE_WAIT.as_secs()));
        let Some(piece) = tokio::time::timeout(UPLOAD_PIECE_WAIT, pieces.next()).await.map_err(slow)? else { break };
        let piece = piece.map_err(|error| Problem::invalid(format!("body: it broke off: {error}")))?;
        bytes += piece.len() as u64;
        if bytes > max_bytes {
            return Err(too_large(max_bytes));
        }
        written.write_all(&piece).await.map_err(|error| cannot_write(&error))?;
    }
    written.flush().await.map_err(|error| cannot_write(&error))?;
    if bytes == 0 {
        Err(Problem::invalid("body: it is empty").with_hint("send the bytes of the file as the body"))
    } else {
        Ok(())
    }
}

/// Parameters of the list of imports.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub(crate) struct ImportsParameters {
    /// Imports of the page.
    #[param(minimum = 1, maximum = 500, default = 50)]
    limit: u32,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

impl Default for ImportsParameters {
    fn default() -> Self {
        Self { limit: PAGE_ROWS, cursor: None }
    }
}

/// One page of the imports.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ImportsBody {
    /// From the newest.
    items: Vec<ImportBody>,
    /// Continues the list; null on its last page.
    next_cursor: Option<String>,
    /// All imports.
    total: u64,
}

/// Imports from the newest, also those of the command line
#[utoipa::path(get, path = "/api/v1/imports", tag = "imports", operation_id = "list_imports", params(ImportsParameters), responses(
    (status = 200, description = "A page", body = ImportsBody),
    CommonProblems,
))]
pub(crate) async fn list(
    Acting(state): Acting,
    ApiQuery(ImportsParameters { limit, cursor }): ApiQuery<ImportsParameters>,
) -> Result<Json<ImportsBody>, Problem> {
    if limit == 0 || limit > PAGE_MAX {
        return Err(Problem::invalid(format!("query: limit: `{limit}` is not from 1 to {PAGE_MAX}")));
    }
    let before = cursor.as_deref().map(decode_id).transpose()?;
    // One more tells whether there is a next page.
    let (mut rows, total) = state.app().imports(before, limit + 1).await?;
    let has_more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let next_cursor = rows.last().filter(|_| has_more).map(|row| encode_id(row.import_id));
    let items =
        rows.into_iter().map(|row| (live(&state, row.import_id), row)).map(|(live, row)| ImportBody::new(row, live.as_ref()));
    Ok(Json(ImportsBody { items: items.collect(), next_cursor, total }))
}

/// One import
#[utoipa::path(get, path = "/api/v1/imports/{id}", tag = "imports", operation_id = "get_import",
    params(("id" = i64, Path, description = "The import's id", example = 3)),
    responses(
        (status = 200, description = "How far it is, or how it ended", body = ImportBody),
        (status = 404, description = "There is no such import", body = ProblemBody, content_type = "application/problem+json"),
        CommonProblems,
    ))]
pub(crate) async fn get(
    Acting(state): Acting,
    ApiPath(import_id): ApiPath<i64>,
    _query: NoParameters,
) -> Result<Json<ImportBody>, Problem> {
    let live = live(&state, import_id);
    let row = state.app().import(import_id).await?;
    Ok(Json(ImportBody::new(row, live.as_ref())))
}

struct Subscriber {
    import: watch::Receiver<ImportState>,
    stopping: watch::Receiver<bool>,
    has_begun: bool,
    has_ended: bool,
    _room: OwnedSemaphorePermit,
}

/// Progress of one import, then `completed` with its report or `failed` with the problem
#[utoipa::path(get, path = "/api/v1/imports/{id}/events", tag = "imports", operation_id = "import_events",
    params(("id" = i64, Path, description = "The import's id", example = 3)),
    responses(
        (status = 200, description = "Server-sent events named `progress` (`ProgressBody`), and one `completed` (`ImportReport`) or `failed` (`ProblemBody`), which ends the stream; \
            whoever comes late gets the end at once", content_type = "text/event-stream", body = String,
            example = "event: progress\ndata: {\"state\":\"running\",\"read\":40000,\"bytes\":81788928,\"bytes_total\":163577856}\n\n"),
        (status = 404, description = "There is no such import", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "Another process runs it", body = ProblemBody, content_type = "application/problem+json"),
        CommonProblems,
    ))]
pub(crate) async fn events(
    Acting(state): Acting,
    ApiPath(import_id): ApiPath<i64>,
    _query: NoParameters,
) -> Result<Sse<impl Stream<Item = Result<Event, axum::Error>>>, Problem> {
    let room = state.stream()?;
    let import = match state.imports().watch(import_id) {
        Some(import) => import,
        // Its end is written down before it leaves the queue.
        None => match ended(&state.app().import(import_id).await?) {
            Some(end) => watch::channel(end).1,
            None => {
                return Err(Problem::new(Kind::Conflict, format!("import `{import_id}` is run by another process"))
                    .with_hint(format!("ask GET /api/v1/imports/{import_id} for its end")));
            }
        },
    };
    let subscriber = Subscriber { import, stopping: state.stopping(), has_begun: false, has_ended: false, _room: room };
    let events = futures_util::stream::unfold(subscriber, |mut subscriber| async move {
        let state = next(&mut subscriber).await?;
        Some((event(&state), subscriber))
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)))
}

/// The next state that was not told; `None` after the last.
async fn next(subscriber: &mut Subscriber) -> Option<ImportState> {
    if subscriber.has_ended || *subscriber.stopping.borrow() {
        return None;
    }
    if subscriber.has_begun {
        tokio::select! {
            changed = subscriber.import.changed() => changed.ok()?,
            _ = subscriber.stopping.changed() => return None,
        }
    }
    subscriber.has_begun = true;
    let state = subscriber.import.borrow_and_update().clone();
    subscriber.has_ended = state.is_final();
    Some(state)
}

fn event(state: &ImportState) -> Result<Event, axum::Error> {
    match state {
        ImportState::Queued => Event::default().event("progress").json_data(ProgressBody::new("queued", &Progress::default())),
        ImportState::Running(progress) => Event::default().event("progress").json_data(ProgressBody::new("running", progress)),
        ImportState::Completed(report) => Event::default().event("completed").json_data(report),
        ImportState::Failed(problem) => Event::default().event("failed").json_data(problem),
    }
}
