//! Arguments of `rapport connector` and `rapport sync`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::{OAuthArguments, Print, SignInArguments};

#[derive(Debug, Args)]
pub(crate) struct SyncArguments {
    /// The connector; all if absent.
    pub(crate) connector: Option<String>,
    /// Read until nothing is left to read, then end.
    #[arg(long)]
    pub(crate) once: bool,
    /// Keep nothing: say of each message of the last month whether it would be kept, and why not.
    #[arg(long, requires = "mailbox")]
    pub(crate) dry_run: bool,
    /// The mailbox of the dry run, by an address of its user.
    #[arg(long, value_name = "ADDRESS", requires = "dry_run")]
    pub(crate) mailbox: Option<String>,
    #[command(flatten)]
    pub(crate) print: Print,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConnectorCommand {
    /// Add or change a connector; nothing is read before consent and notice.
    Set {
        /// A short word that stands in addresses, e.g. `office-mail`.
        id: String,
        /// It reads the mailboxes of users at this domain; may be given several times. Everybody's if absent.
        #[arg(long = "domain", value_name = "DOMAIN")]
        domains: Vec<String>,
        #[command(subcommand)]
        kind: ConnectorKind,
    },
    /// List the connectors with their mailboxes: how far each is read, and why it fails.
    List {
        #[command(flatten)]
        print: Print,
    },
    /// Ask Microsoft what a tenant permits a connector now, and try whether a mailbox is open: proves that a limit to some mailboxes holds.
    Check {
        /// The connector's id.
        id: String,
        /// A mailbox to try; the id of a folder and of a calendar is read, and nothing else.
        #[arg(long, value_name = "ADDRESS")]
        mailbox: Option<String>,
    },
    /// Take a connector away; what it captured stays.
    Remove {
        /// Its id.
        id: String,
    },
    /// Stop reading, until it is resumed.
    Pause {
        /// Its id.
        id: String,
        /// One mailbox alone, by an address of its user.
        #[arg(long, value_name = "ADDRESS")]
        mailbox: Option<String>,
    },
    /// Go on reading.
    Resume {
        /// Its id.
        id: String,
        /// One mailbox alone, by an address of its user.
        #[arg(long, value_name = "ADDRESS")]
        mailbox: Option<String>,
    },
    /// Read a mailbox from its beginning once more.
    Restart {
        /// Its id.
        id: String,
        /// The mailbox, by an address of its user.
        #[arg(long, value_name = "ADDRESS")]
        mailbox: String,
    },
    /// Set the password of one mailbox, which is kept sealed.
    Password {
        /// The connector's id.
        id: String,
        /// The mailbox, by an address of its user.
        #[arg(long, value_name = "ADDRESS")]
        mailbox: String,
        /// Its name at the server, where it is another than the connector says.
        #[arg(long)]
        user: Option<String>,
        /// File with the password; `-` reads it from stdin.
        #[arg(long, value_name = "FILE", required_unless_present = "remove")]
        secret_file: Option<PathBuf>,
        /// Take its own password away.
        #[arg(long)]
        remove: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConnectorKind {
    /// Mail by IMAP: Dovecot, Cyrus, Gmail and nearly every other server.
    Imap {
        /// Its host.
        #[arg(long)]
        host: String,
        /// Its port; 993 with tls, else 143, if absent.
        #[arg(long)]
        port: Option<u16>,
        /// How the connection is kept secret.
        #[arg(long, value_enum, default_value = "tls")]
        security: SecurityName,
        #[command(flatten)]
        sign_in: SignInArguments,
        #[command(flatten)]
        oauth: OAuthArguments,
    },
    /// Calendars by CalDAV: Cyrus, Radicale, Nextcloud and others.
    Caldav {
        /// The server's address, from which the rest is found; or where a user's calendars are, with `{address}`, `{local}`, `{domain}`.
        #[arg(long)]
        url: String,
        #[command(flatten)]
        sign_in: SignInArguments,
    },
    /// Mail by JMAP: Cyrus, Stalwart, Fastmail and others.
    Jmap {
        /// The server's address, or that of its JMAP session.
        #[arg(long)]
        url: String,
        /// Passwords are API tokens of the provider.
        #[arg(long)]
        token: bool,
        #[command(flatten)]
        sign_in: SignInArguments,
    },
    /// Mail and calendars of an Exchange server of one's own, by its web services.
    Exchange {
        /// Their address, e.g. `https://mail.example.com/EWS/Exchange.asmx`; that path is added where there is none.
        #[arg(long)]
        url: String,
        #[command(flatten)]
        sign_in: SignInArguments,
    },
    /// Mail and calendars of Microsoft 365, read as an application.
    #[command(name = "microsoft-365")]
    Microsoft365 {
        /// Directory (tenant) id.
        #[arg(long, value_name = "ID")]
        tenant_id: String,
        /// Application (client) id of Rapport there.
        #[arg(long, value_name = "ID")]
        client_id: String,
        /// Which cloud the tenant lives in.
        #[arg(long, value_enum, default_value = "global")]
        cloud: CloudName,
        /// File with the client secret, which is kept sealed; `-` reads it from stdin.
        #[arg(long, value_name = "FILE", conflicts_with = "key_file")]
        secret_file: Option<PathBuf>,
        /// File with the private key of a certificate (PEM), instead of a client secret.
        #[arg(long, value_name = "FILE", requires = "certificate_file")]
        key_file: Option<PathBuf>,
        /// File with the certificate (PEM).
        #[arg(long, value_name = "FILE", requires = "key_file")]
        certificate_file: Option<PathBuf>,
        /// Users come from there too, with their names, addresses, security groups and licences.
        #[arg(long)]
        reads_users: bool,
        /// Read who sent mail to whom from message traces of the last 90 days, without opening any mailbox; no calendars.
        #[arg(long)]
        message_traces: bool,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum CloudName {
    /// That of nearly everybody.
    Global,
    /// Government of the United States, level 4.
    UsGovernment,
    /// Government of the United States, level 5.
    UsDefense,
    /// China, operated by 21Vianet.
    China,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SecurityName {
    /// Encrypted from the beginning.
    Tls,
    /// Encrypted after a first word.
    StartTls,
    /// Not at all: on the same machine alone.
    None,
}
