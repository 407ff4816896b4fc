//! The same mail with Rapport and with whichever mail indexers this machine has.

use std::{io::Write, path::Path};

use super::{
    Figure, OURS, consent, seconds, store,
    world::{write, write_maildir, write_mbox},
};
use crate::{AppError, app::Clock};

const MAILDIR: &str = "maildir";
const MBOX: &str = "maildir.mbox";
/// How many times faster we want to be.
const WANT: &str = "at least 10";

/// A Maildir, and the same messages as one mbox.
pub(super) fn generate(folder: &Path, messages: u64, people: u64) -> Result<(), AppError> {
    write_maildir(&folder.join(MAILDIR), messages, people)?;
    write(&folder.join(MBOX), |out| write_mbox(out, messages, people))
}

/// Imports both forms, then lets peers index the Maildir, which is the only form they read.
pub(super) async fn measure(figures: &mut Vec<Figure>, folder: &Path, clock: &Clock) -> Result<(), AppError> {
    let mut ours = Vec::new();
    for (form, path) in [("Maildir", MAILDIR), ("mbox", MBOX)] {
        let app = store(folder, &format!("{path}-store"), clock, OURS).await?;
        let report = app.import_mail(&[folder.join(path)], &consent(), &|_| {}).await?;
        let rate = report.read as f64 / report.elapsed_s.max(1e-6);
        figures.push(Figure::new(format!("{form} of {} messages, rapport import", report.read), rate, "messages/s", ""));
        ours.push((form, rate, report.read));
    }
    let maildir = folder.join(MAILDIR);
    let config = folder.join("notmuch-config");
    write(&config, |out| {
        write!(out, "[database]\npath={}\n[user]\nname=bench\nprimary_email=bench@{OURS}\n", maildir.display())
    })?;
    let mu_home = folder.join("mu-home").display().to_string();
    let maildir_option = format!("--maildir={}", maildir.display());
    let mu_option = format!("--muhome={mu_home}");
    let commands: [(&str, Vec<Vec<&str>>); 2] = [
        ("notmuch", vec![vec!["new", "--quiet"]]),
        ("mu", vec![vec!["init", &mu_option, &maildir_option, "--quiet"], vec!["index", &mu_option, "--quiet"]]),
    ];
    for (program, calls) in commands {
        let started = clock();
        let mut is_done = true;
        for arguments in calls {
            let status = std::process::Command::new(program)
                .args(arguments)
                .env("NOTMUCH_CONFIG", &config)
                .stdout(std::process::Stdio::null())
                .status();
            is_done &= status.is_ok_and(|status| status.success());
        }
        let taken_s = seconds(clock, started);
        if !is_done {
            figures.push(Figure::new(
                format!("the same Maildir, {program}: SKIPPED, not installed or failed"),
                0.0,
                "messages/s",
                "",
            ));
            continue;
        }
        let read = ours.first().map_or(0, |(_, _, read)| *read);
        let theirs = read as f64 / taken_s;
        figures.push(Figure::new(format!("the same Maildir, {program}"), theirs, "messages/s", ""));
        figures.extend(
            ours.iter()
                .map(|(form, rate, _)| Figure::new(format!("rapport from {form} to {program}"), rate / theirs, "times", WANT)),
        );
    }
    Ok(())
}
