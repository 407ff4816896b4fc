//! The demo organization, loaded by the importers that users use.

use std::path::Path;

use rapport_domain::Moment;

use super::{
    App, AppError, Clock, Init,
    demo::{self, DemoFile},
    import::{ImportOptions, ImportReport},
};

/// Seed of the demo organization: the same figures everywhere, relative to `as_of`.
pub const SEED: u64 = 20_261;

/// What the audit log says about the demo's mailbox data.
const CONSENT: &str = "generated mailboxes of the demo organization; nobody's mail";

/// Makes a fresh store with the demo organization in `folder`; what was imported.
pub async fn load(folder: &Path, clock: Clock, as_of: Option<Moment>) -> Result<(App, ImportReport), AppError> {
    let as_of = as_of.unwrap_or_else(|| clock());
    if folder.join(rapport_store::STORE_FILE).exists() {
        let known = App::open(folder, "default", clock.clone()).await;
        let is_demo = match &known {
            Ok(app) => app.store().internal_domains(app.org()).await?.iter().any(|domain| domain == demo::INTERNAL_DOMAIN),
            Err(_) => false,
        };
        if !is_demo {
            return Err(AppError::refused(format!("`{}` holds a store that is not the demo's", folder.display()))
                .with_hint("give the demo a folder of its own, e.g. `rapport --data ./rapport-demo demo`"));
        }
        if let Ok(app) = known {
            app.store().clone().close().await;
        }
        for suffix in ["", "-wal", "-shm"] {
            _ = std::fs::remove_file(folder.join(format!("{}{suffix}", rapport_store::STORE_FILE)));
        }
    }
    let init = Init {
        organization: "default".to_owned(),
        internal_domains: vec![demo::INTERNAL_DOMAIN.to_owned()],
        time_zone: Some(demo::TIME_ZONE.to_owned()),
    };
    let (app, _) = App::init(folder, &init, clock).await?;
    app.set_setting("capture.keep_subjects", "true").await?;
    // Their mailboxes have been read for long: nobody is told that it is about to begin.
    app.set_setting("capture.notice_days", "0").await?;
    let files = folder.join("demo-files");
    let report = import(&app, &files, demo::files(as_of.0, SEED), as_of).await;
    // The files were only the way in.
    _ = std::fs::remove_dir_all(&files);
    Ok((app, report?))
}

async fn import(app: &App, files: &Path, generated: Vec<DemoFile>, as_of: Moment) -> Result<ImportReport, AppError> {
    let cannot =
        |error: std::io::Error| AppError::invalid(format!("cannot write the demo's files to `{}`: {error}", files.display()));
    for file in generated {
        let path = files.join(&file.path);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).map_err(cannot)?;
        }
        std::fs::write(path, file.bytes).map_err(cannot)?;
    }
    let silent = |_: &super::import::Progress| {};
    let options = ImportOptions { as_of: Some(as_of), consent: Some(CONSENT.to_owned()), ..ImportOptions::default() };
    app.import_users(&files.join("users.csv"), &ImportOptions::default()).await?;
    let mut total =
        app.import_crm(&files.join("crm"), &ImportOptions { as_of: Some(as_of), ..ImportOptions::default() }, &silent).await?;
    total.add(app.import_mail(&[files.join("mail")], &options, &silent).await?);
    // A calendar file is named by the mailbox it comes from.
    let cannot_list = |error: std::io::Error| AppError::invalid(format!("cannot read the demo's calendars: {error}"));
    let mut calendars: Vec<_> =
        std::fs::read_dir(files.join("calendar")).map_err(cannot_list)?.filter_map(Result::ok).map(|e| e.path()).collect();
    calendars.sort();
    for path in calendars {
        let mailbox = path.file_stem().map(|name| name.to_string_lossy().into_owned());
        let options = ImportOptions { mailbox, ..options.clone() };
        total.add(app.import_calendar(&[path], &options, &silent).await?);
    }
    Ok(total)
}
