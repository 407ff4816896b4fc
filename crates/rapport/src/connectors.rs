//! `rapport connector` and `rapport sync`.

use std::{fmt::Write as _, path::PathBuf};

use rapport_server::{
    App, AppError,
    api::connectors::ConnectorBody,
    app::connectors::{
        ApplicationProof, ConnectionSecurity, ConnectorSettings, ConnectorStatus, ImapSystem, JmapSystem, MailSystem,
        MailboxProbe, MailboxStatus, Microsoft365System, MicrosoftCloud, MicrosoftReads, OAuthService, OwnPassword, Secrets,
        SignIn, TenantPermissions, WebSystem,
    },
};
use serde_json::json;

use crate::{
    accounts::secret,
    arguments::{CloudName, ConnectorCommand, ConnectorKind, OAuthArguments, SecurityName, SignInArguments, SyncArguments},
    output,
};

/// Port of an IMAP server that encrypts from the beginning.
const IMAPS_PORT: u16 = 993;
/// Port of one that encrypts after a first word, or not at all.
const IMAP_PORT: u16 = 143;

pub(crate) async fn connector(app: &App, command: ConnectorCommand) -> Result<(), AppError> {
    match command {
        ConnectorCommand::Set { id, domains, kind } => {
            let (system, secrets) = system(kind)?;
            let settings = ConnectorSettings { system, domains: domains.into_iter().collect() };
            app.put_connector(&id, settings, secrets).await?;
            output::print("kept: `rapport sync --once` reads now, `rapport serve` reads as mail comes\n")
        }
        ConnectorCommand::List { print } => {
            let all = app.connectors().await?;
            if print.json {
                let now = app.now();
                let items: Vec<ConnectorBody> = all.into_iter().map(|one| ConnectorBody::new(one, now)).collect();
                return output::json(&json!({"items": items}));
            }
            output::print(&listed(&all))
        }
        ConnectorCommand::Check { id, mailbox } => {
            let mut text = permitted(&app.look_at_permissions(&id).await?);
            if let Some(mailbox) = mailbox {
                text.push_str(&tried(&mailbox, &app.probe_mailbox(&id, &mailbox).await?));
            }
            output::print(&text)
        }
        ConnectorCommand::Remove { id } => {
            app.delete_connector(&id).await?;
            output::print("removed: nothing is read by it any more; what it captured stays\n")
        }
        ConnectorCommand::Pause { id, mailbox } => {
            app.pause_capture(&id, mailbox.as_deref(), true).await?;
            output::print("paused\n")
        }
        ConnectorCommand::Resume { id, mailbox } => {
            app.pause_capture(&id, mailbox.as_deref(), false).await?;
            output::print("resumed\n")
        }
        ConnectorCommand::Restart { id, mailbox } => {
            app.restart_mailbox(&id, &mailbox).await?;
            output::print("it is read from its beginning once more; what is known already counts as a duplicate\n")
        }
        ConnectorCommand::Password { id, mailbox, user, secret_file, remove } => {
            let own = match secret_file {
                Some(file) if !remove => Some(OwnPassword { user, password: secret(&file)? }),
                _ => None,
            };
            let is_set = own.is_some();
            app.set_mailbox_login(&id, &mailbox, own).await?;
            output::print(if is_set { "kept, sealed\n" } else { "removed\n" })
        }
    }
}

fn system(kind: ConnectorKind) -> Result<(MailSystem, Secrets), AppError> {
    match kind {
        ConnectorKind::Imap { host, port, security, sign_in, oauth } => {
            let security = match security {
                SecurityName::Tls => ConnectionSecurity::Tls,
                SecurityName::StartTls => ConnectionSecurity::StartTls,
                SecurityName::None => ConnectionSecurity::None,
            };
            let usual = if security == ConnectionSecurity::Tls { IMAPS_PORT } else { IMAP_PORT };
            let (sign_in, mut secrets) = signing_in(sign_in)?;
            let oauth = by_token(oauth, &mut secrets)?;
            Ok((MailSystem::Imap(ImapSystem { host, port: port.unwrap_or(usual), security, sign_in, oauth }), secrets))
        }
        ConnectorKind::Caldav { url, sign_in } => {
            let (sign_in, secrets) = signing_in(sign_in)?;
            Ok((MailSystem::Caldav(WebSystem { url, sign_in }), secrets))
        }
        ConnectorKind::Jmap { url, token, sign_in } => {
            let (sign_in, secrets) = signing_in(sign_in)?;
            Ok((MailSystem::Jmap(JmapSystem { web: WebSystem { url, sign_in }, uses_token: token }), secrets))
        }
        ConnectorKind::Exchange { url, sign_in } => {
            let (sign_in, secrets) = signing_in(sign_in)?;
            Ok((MailSystem::Exchange(WebSystem { url, sign_in }), secrets))
        }
        ConnectorKind::Microsoft365 {
            tenant_id,
            client_id,
            cloud,
            secret_file,
            key_file,
            certificate_file,
            reads_users,
            message_traces,
        } => {
            let cloud = match cloud {
                CloudName::Global => MicrosoftCloud::Global,
                CloudName::UsGovernment => MicrosoftCloud::UsGovernment,
                CloudName::UsDefense => MicrosoftCloud::UsDefense,
                CloudName::China => MicrosoftCloud::China,
            };
            let proof = if key_file.is_some() { ApplicationProof::Certificate } else { ApplicationProof::Secret };
            let reads = if message_traces { MicrosoftReads::MessageTraces } else { MicrosoftReads::Mailboxes };
            let given: [(&str, Option<PathBuf>); 3] =
                [("client_secret", secret_file), ("private_key", key_file), ("certificate", certificate_file)];
            let mut secrets = Secrets::new();
            for (name, file) in given {
                if let Some(file) = file {
                    secrets.insert(name.to_owned(), secret(&file)?);
                }
            }
            Ok((MailSystem::Microsoft365(Microsoft365System { tenant_id, client_id, cloud, proof, reads_users, reads }), secrets))
        }
    }
}

fn signing_in(SignInArguments { user, account, secret_file }: SignInArguments) -> Result<(SignIn, Secrets), AppError> {
    let password = secret_file.as_deref().map(secret).transpose()?;
    let secrets = password.map(|password| ("password".to_owned(), password)).into_iter().collect();
    Ok((SignIn { user, account }, secrets))
}

fn permitted(permissions: &TenantPermissions) -> String {
    let mut text = String::new();
    for (name, is_granted) in &permissions.needed {
        _ = writeln!(text, "{name}  {}", if *is_granted == Some(true) { "granted" } else { "in no token" });
    }
    if permissions.may_be_limited() {
        text.push_str(
            "what is limited to some mailboxes (RBAC for Applications) stands in no token: --mailbox ADDRESS tries one\n",
        );
    }
    for name in &permissions.beyond_need {
        _ = writeln!(text, "{name}  granted, and more than is needed: take it back in Entra ID");
    }
    text
}

fn tried(mailbox: &str, probe: &MailboxProbe) -> String {
    let word = |is_open: bool| if is_open { "open" } else { "closed" };
    let reason = probe.reason.as_deref().map(|reason| format!(": {reason}")).unwrap_or_default();
    format!("{mailbox}  mail {}, calendars {}{reason}\n", word(probe.mail_is_open), word(probe.calendars_are_open))
}

/// The service whose tokens open mailboxes, if one is named; the secret that was given is then its own.
fn by_token(arguments: OAuthArguments, secrets: &mut Secrets) -> Result<Option<OAuthService>, AppError> {
    let OAuthArguments { token_url, client_id, service_account_file, scope } = arguments;
    let mut json = if let Some(file) = service_account_file {
        secrets.insert("service_account".to_owned(), secret(&file)?);
        json!({"grant": "service_account"})
    } else if let (Some(token_url), Some(client_id)) = (token_url, client_id) {
        if let Some(secret) = secrets.remove("password") {
            secrets.insert("client_secret".to_owned(), secret);
        }
        json!({"grant": "client_credentials", "token_url": token_url, "client_id": client_id})
    } else {
        return Ok(None);
    };
    if let Some(scope) = scope {
        json["scope"] = json!(scope);
    }
    // By JSON, so that scopes that are not given are those of the API.
    serde_json::from_value(json).map(Some).map_err(|error| AppError::invalid(error.to_string()))
}

fn listed(all: &[ConnectorStatus]) -> String {
    if all.is_empty() {
        return "no connector: `rapport connector set` adds one\n".to_owned();
    }
    let mut text = String::new();
    for one in all {
        let state = if one.paused { "  paused" } else { "" };
        _ = writeln!(text, "{}  {}  mailboxes: {}{state}", one.id, one.settings.kind(), one.mailboxes.len());
        if let Some((what, retry_at)) = &one.failure {
            _ = writeln!(text, "  fails: {what} (again at {})", retry_at.to_rfc3339());
        }
        if let Some(users) = &one.users {
            let read_at = users.read_at.map_or_else(|| "not yet".to_owned(), rapport_domain::Moment::to_rfc3339);
            let fails = users.error.as_deref().map(|what| format!("  fails: {what}")).unwrap_or_default();
            _ = writeln!(text, "  users: last read {read_at}{fails}");
        }
        if let Some(news) = news(one) {
            _ = writeln!(text, "  {news}");
        }
        for mailbox in &one.mailboxes {
            _ = writeln!(text, "  {}", line(mailbox));
        }
    }
    text
}

/// How news become known, where a mail system can tell of them by itself.
fn news(connector: &ConnectorStatus) -> Option<String> {
    let MailSystem::Microsoft365(_) = connector.settings.system else { return None };
    let (notified, polled): (Vec<_>, Vec<_>) = connector.mailboxes.iter().partition(|one| one.notified_until.is_some());
    let every = |of: &[&MailboxStatus]| of.first().map_or(0, |one| one.polled_every_s);
    let mut parts = Vec::new();
    if !notified.is_empty() {
        parts.push(format!("notified: {}, polled every {} min as the base", notified.len(), every(&notified).div_euclid(60)));
    }
    if !polled.is_empty() {
        parts.push(format!("polled every {} s: {}", every(&polled), polled.len()));
    }
    if let Some(why) = &connector.notification_failure {
        parts.push(format!("not notified: {why}"));
    }
    (!parts.is_empty()).then(|| parts.join("; "))
}

fn line(mailbox: &MailboxStatus) -> String {
    let mut text = format!("{}  {}", mailbox.address, mailbox.state.as_str());
    if mailbox.history_share < 1.0 {
        _ = write!(text, "  {:.0} % of the history", 100.0 * mailbox.history_share);
    }
    if let Some(left_s) = mailbox.history_left_s {
        _ = write!(text, ", {} min left", left_s.div_euclid(60) + 1);
    }
    if let Some(counts) = &mailbox.counts {
        let excluded: u64 = counts.excluded.values().sum();
        _ = write!(
            text,
            "  read {}, kept {}, known {}, excluded {excluded}, failed {}",
            counts.read, counts.kept, counts.duplicates, counts.failed
        );
    }
    if let Some(at) = mailbox.succeeded_at {
        _ = write!(text, "  last read {}", at.to_rfc3339());
    }
    if let Some((what, _)) = &mailbox.failure {
        _ = write!(text, "  fails: {what}");
    }
    text
}

pub(crate) async fn sync(app: &App, arguments: SyncArguments) -> Result<(), AppError> {
    let SyncArguments { connector, once, dry_run, mailbox, print } = arguments;
    if dry_run {
        let connector = connector.ok_or_else(|| AppError::invalid("--dry-run wants the connector to be named"))?;
        let mailbox = mailbox.ok_or_else(|| AppError::invalid("--dry-run wants --mailbox ADDRESS"))?;
        let preview = app.preview_mailbox(&connector, &mailbox).await?;
        return if print.json { output::json(&preview) } else { output::print(&output::preview(&preview)) };
    }
    if !once {
        let (stop, stopping) = tokio::sync::watch::channel(false);
        tokio::spawn(async move {
            // Without a signal to wait for, it is stopped like any program.
            if tokio::signal::ctrl_c().await.is_ok() {
                stop.send_replace(true);
            }
        });
        output::note("reading as mail comes; Ctrl-C stops");
        app.sync_until(connector.as_deref(), stopping).await;
        return Ok(());
    }
    let report = app.sync_once(connector.as_deref()).await?;
    let all = app.connectors().await?;
    let read: Vec<ConnectorStatus> =
        all.into_iter().filter(|one| connector.as_deref().is_none_or(|connector| one.id == connector)).collect();
    if print.json {
        let now = app.now();
        let items: Vec<ConnectorBody> = read.into_iter().map(|one| ConnectorBody::new(one, now)).collect();
        output::json(&json!({"mailboxes": report.mailboxes, "failed": report.failed, "connectors": items}))?;
    } else {
        output::print(&listed(&read))?;
    }
    if report.mailboxes == 0 {
        output::note(&why_none(app).await?);
    }
    if report.failed == 0 {
        return Ok(());
    }
    Err(AppError::refused(format!("could not be read to the end: {} of {} mailboxes", report.failed, report.mailboxes))
        .with_hint("`rapport connector list` says why of each"))
}

/// Why no mailbox was read: employees are still being told, or none may be.
async fn why_none(app: &App) -> Result<String, AppError> {
    let now = app.now();
    let notices = app.mailbox_notices().await?;
    let begins = notices.of.values().map(|notice| notice.capture_from).filter(|from| *from > now).min();
    Ok(match begins {
        Some(from) => format!(
            "no mailbox was read: employees are told {} days before, and reading begins at {}\n\
             hint: `rapport settings set capture.notice_days N` changes that, where they know already",
            notices.days,
            from.to_rfc3339()
        ),
        None => "no mailbox was read: consent, geography, roles, groups and opt-out decide which may be\n\
                 hint: `rapport consent show` says what is missing; a mailbox that failed a moment ago waits for its time"
            .to_owned(),
    })
}
