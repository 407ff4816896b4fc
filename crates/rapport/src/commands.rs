//! One function per command: arguments in, a use case, output.

use std::{
    fmt::Write as _,
    fs::File,
    io::BufWriter,
    path::{Path, PathBuf},
    sync::Arc,
};

use clap::CommandFactory;
use indicatif::{ProgressBar, ProgressStyle};
use rapport_domain::{
    Moment, Table,
    enabling::{Roles, Selection},
};
use rapport_server::{
    App, AppError, api,
    api::{
        Access,
        audit::{AuditCheckBody, AuditEntryBody},
        enabling::EnablingBody,
        wire::{RecordInsightsBody, WhoKnowsBody},
    },
    app::{
        self, Clock, Init, Place, SegmentStorage,
        audit::Noted,
        export::{Format, UntilClosed},
        import::{ImportOptions, ImportReport, Progress},
        maintenance::Sealed,
        records::InsightsQuery,
        settings,
        ties::WhoKnowsQuery,
    },
    bench,
};
use serde_json::json;

use crate::{
    accounts,
    arguments::{
        Arguments, AuditCommand, BenchArguments, Command, ConfigCommand, ConsentCommand, EnableArguments, ExportFormat,
        ExportWhat, ImportCommand, ImportFlags, LanguageName, PeopleCommand, RecordArguments, SecretsCommand, ServeArguments,
        SettingsCommand,
    },
    connectors, evaluation, output,
};

pub(crate) async fn run(arguments: Arguments) -> Result<(), AppError> {
    let Arguments { data, secret_key_file, org, segments, segments_cache_mb, segments_memory_mb, pass_memory_mb, .. } =
        &arguments;
    let place = segments.as_deref().filter(|url| !url.is_empty()).map(place_of).transpose()?;
    let bytes = |mb: u64| mb.saturating_mul(1 << 20);
    let storage =
        SegmentStorage { place, cache_max_bytes: bytes(*segments_cache_mb), memory_max_bytes: bytes(*segments_memory_mb) };
    let (data, secret_key_file, org, pass_memory_mb) = (data.clone(), secret_key_file.clone(), org.clone(), *pass_memory_mb);
    let context = Context { data, secret_key_file, storage, pass_memory_mb, org, clock: clock() };
    match arguments.command {
        Command::Init { internal_domains, time_zone } => init(&context, internal_domains, time_zone).await,
        Command::Demo { listen, load_only, as_of } => demo(&context, &listen, load_only, as_of.as_of).await,
        Command::Serve(ServeArguments { listen, require_sign_in, public_url, trusted_proxies }) => {
            serve(context.open().await?, &Access { listen, require_sign_in, public_url, trusted_proxies }).await
        }
        Command::SignIn { command } => accounts::sign_in(&context.open().await?, command).await,
        Command::Token { command } => accounts::token(&context.open().await?, command).await,
        Command::Settings { command } => run_settings(&context, command).await,
        Command::Enable(arguments) => enable(&context, arguments).await,
        Command::Consent { command } => consent(&context, command).await,
        Command::Import { command } => import(&context, command).await,
        Command::Contact(record) => show(&context, Table::Contacts, record).await,
        Command::Lead(record) => show(&context, Table::Leads, record).await,
        Command::Account(record) => show(&context, Table::Accounts, record).await,
        Command::Opportunity(record) => show(&context, Table::Opportunities, record).await,
        Command::WhoKnows { target, hops, limit, as_of, model, print } => {
            let query = WhoKnowsQuery { target, as_of: as_of.as_of, limit, hops, viewer: None };
            let app = context.open().await?.by_model(model.asked());
            let body = WhoKnowsBody::new(&app.who_knows(&query).await?);
            app.keep_looks().await?;
            if print.json { output::json(&body) } else { output::print(&output::who_knows(&body)) }
        }
        Command::Export { what, table, format, output, as_of, model } => {
            let app = context.open().await?.by_model(model.asked());
            export(&app, what, &table, format, output.as_deref(), as_of.as_of).await
        }
        Command::Objection { address, lift } => {
            let has_changed = context.open().await?.set_objection(&address, !lift).await?;
            output::print(match (has_changed, lift) {
                (true, false) => "objection kept: imports leave out whatever names them\n",
                (true, true) => "objection lifted: imports capture them again\n",
                (false, false) => "their objection was kept already\n",
                (false, true) => "there was no objection\n",
            })
        }
        Command::OptOut { address, undo } => {
            let has_changed = context.open().await?.opt_out(Some(&address), !undo).await?;
            output::print(match (has_changed, undo) {
                (true, false) => "opted out: their mailbox data is deleted, they appear in no tie\n",
                (true, true) => "opted in again\n",
                (false, false) => "opted out already\n",
                (false, true) => "not opted out\n",
            })
        }
        Command::Erase { address, no_objection, print } => {
            let erased = context.open().await?.erase(&address, !no_objection).await?;
            let body = json!({"state": "COMPLETED", "addresses": erased.addresses, "interactions_deleted": erased.interactions_deleted,
                "interactions_changed": erased.interactions_changed, "records": erased.records});
            if print.json {
                return output::json(&body);
            }
            output::print(&format!(
                "erased: {} addresses, {} interactions deleted, {} kept without them, {} records\n",
                erased.addresses, erased.interactions_deleted, erased.interactions_changed, erased.records
            ))
        }
        Command::Access { address } => {
            let app = context.open().await?;
            let held = app.access(&address).await?;
            app.keep_looks().await?;
            output::json(&held)
        }
        Command::People { command } => people(&context, command).await,
        Command::Rebuild { print } => {
            let bar = bar("rebuild");
            let rebuilt = context.open().await?.rebuild(&|done, total| set(&bar, done, total)).await?;
            bar.finish_and_clear();
            if print.json {
                return output::json(&json!({"interactions": rebuilt}));
            }
            output::print(&format!("rebuilt {rebuilt} interactions\n"))
        }
        Command::Evaluate(arguments) => evaluation::evaluate(&context.open().await?, arguments).await,
        Command::Audit { command } => audit(&context, command).await,
        Command::Connector { command } => connectors::connector(&context.open().await?, command).await,
        Command::Sync(arguments) => connectors::sync(&context.open().await?, arguments).await,
        Command::Secrets { command: SecretsCommand::Rotate } => {
            let count = context.open().await?.exchange_key().await?;
            output::print(&format!("secrets sealed with a new key: {count}; back the key up, apart from the database\n"))
        }
        Command::Doctor { deep, print } => doctor(&context, deep, print.json).await,
        Command::Seal { move_to: None, print } => seal(&context, print.json).await,
        Command::Seal { move_to: Some(place), print } => move_segments(&context, &place, print.json).await,
        Command::Config { command: ConfigCommand::Check } => config_check(&context).await,
        Command::Bench(arguments) => run_bench(&context, &arguments).await,
        Command::Openapi => output::print(&api::openapi_json()),
        Command::HelpMarkdown => output::print(&help_markdown()),
    }
}

struct Context {
    data: std::path::PathBuf,
    secret_key_file: Option<std::path::PathBuf>,
    storage: SegmentStorage,
    pass_memory_mb: u64,
    org: String,
    clock: Clock,
}

impl Context {
    async fn open(&self) -> Result<App, AppError> {
        let storage = self.storage.clone();
        let app = App::open_with(&self.data, self.secret_key_file.as_deref(), storage, &self.org, self.clock.clone()).await?;
        Ok(app.with_pass_memory(self.pass_memory_mb))
    }
}

/// The one place where the wall clock comes in.
#[expect(clippy::disallowed_methods, reason = "the clock is injected here, at the top")]
fn clock() -> Clock {
    Arc::new(|| {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        Moment(since.map_or(0, |duration| duration.as_micros() as i64))
    })
}

/// Object storage by its URL. The one place where credentials of the process come in.
fn place_of(url: &str) -> Result<Place, AppError> {
    let texts = std::env::vars_os().filter_map(|(key, value)| Some((key.into_string().ok()?, value.into_string().ok()?)));
    Ok(Place::parse(url, &texts.collect::<Vec<_>>())?)
}

fn bar(what: &str) -> ProgressBar {
    // Hidden by itself where stderr is no terminal.
    let style = ProgressStyle::with_template("{msg} [{bar:30}] {percent}% {pos}/{len}, {per_sec}, {eta} left")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(0).with_style(style).with_message(what.to_owned())
}

fn set(bar: &ProgressBar, done: u64, total: u64) {
    bar.set_length(total);
    bar.set_position(done);
}

async fn init(context: &Context, internal_domains: Vec<String>, time_zone: Option<String>) -> Result<(), AppError> {
    let init = Init { organization: context.org.clone(), internal_domains, time_zone };
    let (app, is_new) = App::init_with(&context.data, context.storage.clone(), &init, context.clock.clone()).await?;
    let domains = app.store().internal_domains(app.organization().id).await?;
    let verb = if is_new { "made" } else { "kept" };
    output::print(&format!(
        "{verb} organization `{}` in {}; internal domains: {}\n",
        context.org,
        context.data.display(),
        if domains.is_empty() { "none yet".to_owned() } else { domains.join(", ") }
    ))?;
    if domains.is_empty() {
        output::note("hint: say whose addresses are ours with `rapport init --internal-domain YOUR.DOMAIN`, or import users");
    }
    Ok(())
}

async fn demo(context: &Context, listen: &str, load_only: bool, as_of: Option<Moment>) -> Result<(), AppError> {
    let access = Access::local(listen);
    // Loading takes a while: what makes no sense is told before.
    access.check()?;
    let bar = bar("loading the demo organization");
    bar.enable_steady_tick(std::time::Duration::from_millis(100));
    let (app, report) = app::demo_load::load(&context.data, context.clock.clone(), as_of).await?;
    bar.finish_and_clear();
    output::note(&format!(
        "loaded the demo organization `{}`: {} interactions kept of {} copies read",
        app.organization().name,
        report.kept,
        report.read
    ));
    if load_only { Ok(()) } else { serve(app.with_pass_memory(context.pass_memory_mb), &access).await }
}

async fn serve(app: App, access: &Access) -> Result<(), AppError> {
    let server = api::bind(app.clone(), access).await?;
    let at = access.public_url.clone().unwrap_or_else(|| format!("http://{}", server.address()));
    // Nobody opens a link to every address of a machine; this one leads there from the machine itself.
    let here = at.replacen("//0.0.0.0", "//127.0.0.1", 1).replacen("//[::]", "//[::1]", 1);
    accounts::tell_first(&app, &server, access, &here).await?;
    // So that the first who opens a list need not wait for it; what fails here is said to whoever asks.
    tokio::spawn(async move { _ = app.list_table().await });
    output::print(&format!("Rapport is ready at {at}\n"))?;
    server
        .run(async {
            // Ctrl-C, or the terminate signal of a service manager; without either the server runs on.
            let terminate = async {
                match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
                    Ok(mut signal) => _ = signal.recv().await,
                    Err(_) => std::future::pending().await,
                }
            };
            tokio::select! { _ = tokio::signal::ctrl_c() => {}, () = terminate => {} }
        })
        .await
}

async fn enable(context: &Context, arguments: EnableArguments) -> Result<(), AppError> {
    let EnableArguments {
        roles,
        all_roles,
        excluded_groups,
        location,
        no_mailbox,
        keep_stored,
        no_analytics,
        no_who_knows,
        print,
    } = arguments;
    let app = context.open().await?;
    app.enable_premium().await?;
    if let Some(place) = location {
        app.declare_location(&place).await?;
    }
    if !excluded_groups.is_empty() {
        app.exclude_groups(excluded_groups.into_iter().collect()).await?;
    }
    let roles = if all_roles { Roles::All } else { Roles::Selected(roles.into_iter().collect()) };
    if !no_mailbox && !roles.is_any() {
        output::note("no security role is selected: nobody's mailbox is read, and nobody is asked for consent");
    }
    let selection =
        Selection { relationship_analytics: !no_analytics, who_knows_whom: !no_who_knows, mailbox: !no_mailbox, roles };
    app.save_enabling(selection, keep_stored).await?;
    show_enabling(&app, print.json).await
}

async fn consent(context: &Context, command: ConsentCommand) -> Result<(), AppError> {
    let app = context.open().await?;
    let mut json = false;
    match command {
        ConsentCommand::Show { print } => json = print.json,
        ConsentCommand::Grant { text } => _ = app.grant_consent(&text).await?,
        ConsentCommand::Decline => _ = app.decline_consent().await?,
        ConsentCommand::Revoke => _ = app.revoke_consent().await?,
        ConsentCommand::AskAgain => _ = app.ask_for_consent().await?,
        ConsentCommand::CrmOnly => _ = app.use_crm_data_only().await?,
    }
    show_enabling(&app, json).await
}

async fn show_enabling(app: &App, json: bool) -> Result<(), AppError> {
    let body = EnablingBody::of(app).await?;
    if json { output::json(&body) } else { output::print(&output::enabling(&body)) }
}

async fn run_settings(context: &Context, command: SettingsCommand) -> Result<(), AppError> {
    match command {
        SettingsCommand::Get { key: Some(key), print } => {
            settings::find(&key)?;
            let all = context.open().await?.settings().await?;
            let value = all.get(key.as_str()).cloned().unwrap_or_default();
            if print.json { output::json(&json!({key: value})) } else { output::print(&format!("{value}\n")) }
        }
        SettingsCommand::Get { key: None, print } => {
            let all = context.open().await?.settings().await?;
            if print.json {
                return output::json(&all);
            }
            let mut rows = vec![vec!["setting".to_owned(), "value".to_owned(), "what it does".to_owned()]];
            for setting in settings::SETTINGS {
                let value = all.get(setting.key).cloned().unwrap_or_default();
                rows.push(vec![setting.key.to_owned(), value, setting.about.to_owned()]);
            }
            output::print(&output::table(&rows))
        }
        SettingsCommand::Set { key, value } => {
            let app = context.open().await?;
            let before = app.settings().await?;
            app.set_setting(&key, &value).await?;
            let after = app.settings().await?;
            for (key, value) in after.iter().filter(|(key, value)| before.get(*key) != Some(*value)) {
                output::print(&format!("{key} = {value}\n"))?;
            }
            Ok(())
        }
        SettingsCommand::Describe => output::print(&settings::describe()),
    }
}

async fn import(context: &Context, command: ImportCommand) -> Result<(), AppError> {
    let app = context.open().await?;
    let bar = bar("import");
    let on_progress = |progress: &Progress| {
        if progress.bytes_total > 0 {
            set(&bar, progress.bytes, progress.bytes_total);
        } else {
            set(&bar, progress.read, progress.read);
        }
    };
    let options = |mailbox: Option<crate::arguments::Mailbox>, flags: &ImportFlags| ImportOptions {
        as_of: flags.as_of.as_of,
        consent: mailbox.as_ref().and_then(|m| m.consent.clone()),
        mailbox: mailbox.and_then(|m| m.mailbox),
        ..ImportOptions::default()
    };
    let (report, is_json) = match command {
        ImportCommand::Users { file, print } => (app.import_users(&file, &ImportOptions::default()).await, print.json),
        ImportCommand::Crm { dir, options: flags } => {
            (app.import_crm(&dir, &options(None, &flags), &on_progress).await, flags.print.json)
        }
        ImportCommand::Mail { paths, mailbox, dry_run: true, options: flags } => {
            bar.finish_and_clear();
            let preview = app.preview_mail(&paths, &options(Some(mailbox), &flags)).await?;
            return if flags.print.json { output::json(&preview) } else { output::print(&output::preview(&preview)) };
        }
        ImportCommand::Mail { paths, mailbox, dry_run: false, options: flags } => {
            (app.import_mail(&paths, &options(Some(mailbox), &flags), &on_progress).await, flags.print.json)
        }
        ImportCommand::Calendar { paths, mailbox, options: flags } => {
            (app.import_calendar(&paths, &options(Some(mailbox), &flags), &on_progress).await, flags.print.json)
        }
        ImportCommand::Interactions { file, mailbox, options: flags } => {
            (app.import_interactions(&file, &options(Some(mailbox), &flags), &on_progress).await, flags.print.json)
        }
    };
    bar.finish_and_clear();
    print_report(&report?, is_json)
}

fn print_report(report: &ImportReport, is_json: bool) -> Result<(), AppError> {
    if is_json { output::json(report) } else { output::print(&output::report(report)) }
}

async fn show(context: &Context, table: Table, record: RecordArguments) -> Result<(), AppError> {
    let app = context.open().await?.by_model(record.model.asked());
    let query = InsightsQuery { as_of: record.as_of.as_of, window_start: record.from, window_end: record.to };
    let (insights, view) = app.record_insights(table, &record.id, &query).await?;
    app.keep_looks().await?;
    let language = match record.language {
        LanguageName::En => rapport_server::app::Language::English,
        LanguageName::Nl => rapport_server::app::Language::Dutch,
    };
    let body = RecordInsightsBody::new(&insights, &view, language);
    if record.print.json { output::json(&body) } else { output::print(&output::record(&body)) }
}

async fn export(
    app: &App,
    what: ExportWhat,
    table: &str,
    format: ExportFormat,
    output: Option<&Path>,
    as_of: Option<Moment>,
) -> Result<(), AppError> {
    let as_of = as_of.unwrap_or_else(|| app.now());
    let table = Table::parse(table)
        .ok_or_else(|| AppError::invalid(format!("--table `{table}`: it is one of accounts, contacts, leads, opportunities")))?;
    let format = match format {
        ExportFormat::Csv => Format::Csv,
        ExportFormat::Jsonl => Format::Jsonl,
        ExportFormat::Parquet => Format::Parquet,
    };
    let rows = match output {
        None => export_to(app, what, table, as_of, format, BufWriter::new(UntilClosed(std::io::stdout()))).await?,
        Some(path) => {
            let file =
                File::create(path).map_err(|error| AppError::invalid(format!("cannot write `{}`: {error}", path.display())))?;
            export_to(app, what, table, as_of, format, BufWriter::new(file)).await?
        }
    };
    output::note(&format!("{rows} rows"));
    Ok(())
}

async fn export_to<W: std::io::Write + Send>(
    app: &App,
    what: ExportWhat,
    table: Table,
    as_of: Moment,
    format: Format,
    out: W,
) -> Result<u64, AppError> {
    match what {
        ExportWhat::Ties => app.export_ties(as_of, format, out).await,
        ExportWhat::Kpis => app.export_kpis(table, as_of, format, out).await,
        ExportWhat::Interactions => app.export_interactions(format, out).await,
        ExportWhat::Audit => app.export_audit(format, out).await,
    }
}

async fn people(context: &Context, command: PeopleCommand) -> Result<(), AppError> {
    let app = context.open().await?;
    match command {
        PeopleCommand::Merge { kept, merged } => {
            let merge = app.merge_people(&kept, &merged).await?;
            output::print(&format!("merged; `rapport people split {merge}` takes it back\n"))
        }
        PeopleCommand::Split { merge } => {
            app.split_people(merge).await?;
            output::print(&format!("took merge {merge} back\n"))
        }
        PeopleCommand::Merges { print } => {
            let merges = app.people_merges().await?;
            if print.json {
                let rows: Vec<_> = merges
                    .iter()
                    .map(|m| json!({"merge": m.merge_id, "kept": m.kept_key, "merged": m.merged_key, "merged_at": m.merged_at.to_rfc3339(),
                        "undone_at": m.undone_at.map(Moment::to_rfc3339)}))
                    .collect();
                return output::json(&rows);
            }
            let mut rows = vec![["merge", "kept", "merged", "state"].map(str::to_owned).to_vec()];
            for merge in merges {
                let state = if merge.undone_at.is_some() { "taken back" } else { "holds" };
                rows.push(vec![merge.merge_id.to_string(), merge.kept_key, merge.merged_key, state.to_owned()]);
            }
            output::print(&output::table(&rows))
        }
    }
}

async fn audit(context: &Context, command: AuditCommand) -> Result<(), AppError> {
    let app = context.open().await?;
    match command {
        AuditCommand::List { limit, print } => {
            let entries = app.audit_entries(None, limit).await?;
            if print.json {
                let rows: Vec<_> = entries.into_iter().map(AuditEntryBody::from).collect();
                return output::json(&rows);
            }
            let mut rows = vec![["number", "at", "actor", "action", "before", "after"].map(str::to_owned).to_vec()];
            for entry in entries {
                let [before, after] = [entry.before, entry.after].map(Option::unwrap_or_default);
                rows.push(vec![entry.number.to_string(), entry.at.to_rfc3339(), entry.actor, entry.action, before, after]);
            }
            output::print(&output::table(&rows))
        }
        AuditCommand::Verify { noted, print } => {
            let noted = noted.as_deref().map(Noted::parse).transpose()?;
            let check = app.verify_audit(noted.as_ref()).await?;
            if print.json {
                output::json(&AuditCheckBody::new(&check))?;
            } else {
                output::print(&output::audit_check(&check))?;
            }
            if check.problems.is_empty() {
                return Ok(());
            }
            Err(AppError::refused("the audit log is not as it was written")
                .with_hint("compare with a backup: `rapport --data BACKUP export audit` shows what it said then"))
        }
    }
}

async fn doctor(context: &Context, is_deep: bool, is_json: bool) -> Result<(), AppError> {
    let findings = context.open().await?.doctor(is_deep).await?;
    if is_json {
        output::json(&findings)?;
    } else {
        let mut rows = vec![["check", "result", "details"].map(str::to_owned).to_vec()];
        for finding in &findings {
            let result = if finding.ok { "ok" } else { "FAILED" };
            rows.push(vec![finding.check.to_owned(), result.to_owned(), finding.details.clone()]);
        }
        output::print(&output::table(&rows))?;
    }
    let failed: Vec<&str> = findings.iter().filter(|finding| !finding.ok).map(|finding| finding.check).collect();
    if failed.is_empty() {
        return Ok(());
    }
    if failed.iter().all(|check| matches!(*check, "connectors" | "secrets")) {
        // The store is as it was written.
        return Err(AppError::refused(format!("not everything is in order: {}", failed.join(", "))).with_hint(
            "`rapport connector list` says which mailboxes fail, and why; a key file comes back from its backup, or the secrets are given anew",
        ));
    }
    Err(AppError::refused("the store is not sound")
        .with_hint("make derived state anew with `rapport rebuild`; if the file itself is damaged, restore a backup"))
}

async fn seal(context: &Context, is_json: bool) -> Result<(), AppError> {
    let sealed = context.open().await?.seal().await?;
    if is_json {
        return output::json(&sealed);
    }
    let Sealed { segments, touches, bytes, folder } = sealed;
    output::print(&format!("{touches} touches in {segments} segments, {bytes} bytes: {folder}\n"))
}

/// Moves segments to a place, or to the store's folder, which is called `data`.
async fn move_segments(context: &Context, to: &str, is_json: bool) -> Result<(), AppError> {
    let place = if to == "data" { None } else { Some(place_of(to)?) };
    let start = place.as_ref().map_or("without `--segments`".to_owned(), |_| format!("with `--segments {to}`"));
    let segments = context.open().await?.move_segments(place).await?;
    if is_json {
        return output::json(&json!({"segments": segments}));
    }
    output::print(&format!("moved {segments} segments; start {start} from now on\n"))
}

async fn config_check(context: &Context) -> Result<(), AppError> {
    let app = context.open().await?;
    for (key, value) in app.settings().await? {
        settings::check(key, &value)?;
    }
    output::print(&format!(
        "data: {}\norganization: {}\nsettings: all {} make sense\n",
        context.data.display(),
        context.org,
        settings::SETTINGS.len()
    ))
}

async fn run_bench(context: &Context, arguments: &BenchArguments) -> Result<(), AppError> {
    let options = bench::Options {
        touches: arguments.touches,
        runs: arguments.runs,
        mail: arguments.mail.clone(),
        keep: arguments.keep.clone(),
        figures: arguments.figures.clone(),
    };
    if !arguments.plot.is_empty() {
        return output::print(&bench::svg(&reports(&arguments.plot)?));
    }
    if let (Some(step), Some(folder)) = (&arguments.step, &arguments.folder) {
        let step = bench::Step::parse(step).ok_or_else(|| AppError::invalid(format!("there is no step `{step}`")))?;
        return output::json(&bench::run_step(&options, &step, folder, context.clock.clone()).await?);
    }
    let in_process = |folder: &Path, step: &str| -> Result<Vec<bench::Figure>, AppError> {
        let failed = |error: String| AppError::invalid(format!("step `{step}` failed: {error}"));
        let program = std::env::current_exe().map_err(|error| failed(error.to_string()))?;
        let done = std::process::Command::new(program)
            .args([
                "bench",
                "--touches",
                &options.touches.to_string(),
                "--runs",
                &options.runs.to_string(),
                "--step",
                step,
                "--folder",
            ])
            .arg(folder)
            .stderr(std::process::Stdio::inherit())
            .output()
            .map_err(|error| failed(error.to_string()))?;
        serde_json::from_slice(&done.stdout).map_err(|error| failed(error.to_string()))
    };
    let report = bench::run(&options, &context.clock, &output::note, &in_process)?;
    if let Some(path) = &arguments.save {
        let cannot = |error: String| AppError::invalid(format!("cannot write `{}`: {error}", path.display()));
        let text = serde_json::to_string_pretty(&report).map_err(|error| cannot(error.to_string()))?;
        std::fs::write(path, text + "\n").map_err(|error| cannot(error.to_string()))?;
    }
    if arguments.print.json {
        return output::json(&report);
    }
    let mut rows = vec![["figure", "value", "unit", "want"].map(str::to_owned).to_vec()];
    for figure in report.figures {
        rows.push(vec![figure.name, format!("{:.3}", figure.value), figure.unit, figure.want]);
    }
    output::print(&output::table(&rows))
}

fn reports(paths: &[PathBuf]) -> Result<Vec<bench::Report>, AppError> {
    let report = |path: &PathBuf| {
        let cannot = |error: String| AppError::invalid(format!("cannot read `{}`: {error}", path.display()));
        let text = std::fs::read_to_string(path).map_err(|error| cannot(error.to_string()))?;
        serde_json::from_str(&text).map_err(|error| cannot(error.to_string()))
    };
    paths.iter().map(report).collect()
}

/// The reference of all commands, made of the same definitions as `--help`.
fn help_markdown() -> String {
    fn add(text: &mut String, command: &mut clap::Command, path: &str) {
        let path = format!("{path} {}", command.get_name()).trim().to_owned();
        let command_named = std::mem::take(command).bin_name(path.clone()).term_width(100);
        *command = command_named;
        _ = write!(text, "\n## `{path}`\n\n```text\n{}\n```\n", command.render_long_help().to_string().trim_end());
        for inner in command.get_subcommands_mut().filter(|inner| !inner.is_hide_set() && inner.get_name() != "help") {
            add(text, inner, &path);
        }
    }
    let mut text = "# Commands\n\nMade by `cargo xtask codegen` from the definitions of the commands.\n".to_owned();
    let mut root = Arguments::command();
    root.build();
    add(&mut text, &mut root, "");
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    lines.join("\n") + "\n"
}
