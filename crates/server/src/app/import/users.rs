//! `import users`: rows of users.csv to the registry.

use std::{fs::File, io::BufReader, path::Path};

use rapport_capture::crm;
use rapport_store::registry::{NewUser, RecordChange};

use super::{App, AppError, ImportOptions, ImportReport, crm::seen_twice};
use crate::app::{Caller, View, connectors::keep_what_a_tenant_told, records::UserDocument, users::new_user};

impl App {
    /// Creates and changes users. Kept = created or changed, duplicates = unchanged.
    pub async fn import_users(&self, file: &Path, options: &ImportOptions) -> Result<ImportReport, AppError> {
        let begun = self.begin_import("import users", options).await?;
        let done = self.put_users(file, options).await;
        self.finish_import(begun, options, done).await
    }

    async fn put_users(&self, file: &Path, options: &ImportOptions) -> Result<ImportReport, AppError> {
        let name = file.display().to_string();
        let view = self.view().await?;
        let mut report = ImportReport::default();
        let importer = self.importer(options);
        let rows = read(file, &name, &view, &importer, &mut report)?;
        let changes = self.store().put_users(self.org(), &rows, (importer.actor(), self.now())).await?;
        for change in changes {
            if change == RecordChange::Unchanged { report.duplicates += 1 } else { report.kept += 1 }
        }
        Ok(report)
    }
}

fn read(file: &Path, name: &str, view: &View, importer: &App, report: &mut ImportReport) -> Result<Vec<NewUser>, AppError> {
    let opened = File::open(file).map_err(|error| AppError::invalid(format!("cannot read `{name}`: {error}")))?;
    let rows = crm::users(BufReader::new(opened), &view.calendar)
        .map_err(|problem| AppError::invalid(format!("{}: {}", problem.place.within(name), problem.what)))?;
    let mut users: Vec<(String, String)> = Vec::new();
    let mut positions = rustc_hash::FxHashMap::default();
    for row in rows {
        report.read += 1;
        let row = match row {
            Ok(row) => row,
            Err(problem) => {
                report.failed += 1;
                report.problem(problem.place.within(name), problem.what);
                continue;
            }
        };
        for note in row.notes {
            report.problem(note.place.within(name), note.what);
        }
        let user = row.value;
        let mut document = UserDocument {
            name: user.name,
            title: user.title,
            licence: user.licence,
            roles: user.roles,
            groups: user.groups,
            business_unit: user.business_unit,
            teams: user.teams,
            manager: user.manager.map(|address| address.to_string()),
            aliases: user.aliases.iter().map(ToString::to_string).filter(|alias| *alias != user.email.as_str()).collect(),
            left_at: user.left_at.map(rapport_domain::Moment::to_rfc3339),
            custom: user.custom,
            ..UserDocument::default()
        };
        keep_what_a_tenant_told(
            view.user_of(user.email.as_str()).map(|user| &view.user_documents[user.0 as usize - 1]),
            &mut document,
        );
        let (email, place) = (user.email.to_string(), format!("{name}:{}", row.line));
        // Whoever holds the store itself may do everything; an address that two users call theirs is its first owner's.
        if *importer.caller() != Caller::LocalAdministrator
            && let Err(error) = importer.need_may_change(view, view.user_of(&email), &document)
        {
            report.failed += 1;
            report.problem(place, error.to_string());
            continue;
        }
        let document = serde_json::to_string(&document).map_err(|error| AppError::invalid(error.to_string()))?;
        seen_twice((&mut users, &mut positions), email, document, &place, report);
    }
    let row = |(email, document): (String, String)| {
        let known = view.user_of(&email).filter(|user| view.directory.user(*user).email == email);
        let before = known.map(|user| &view.user_documents[user.0 as usize - 1]);
        let after = serde_json::from_str(&document).map_err(|error| AppError::invalid(error.to_string()))?;
        new_user(&email, before, &after)
    };
    users.into_iter().map(row).collect()
}
