//! Every command and flag, defined once: parsing, `--help` and the reference are made of this.

mod connectors;
mod sign_in;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use rapport_domain::Moment;
use rapport_server::app::passes::PASS_MEMORY_MB;

pub(crate) use self::{
    connectors::{CloudName, ConnectorCommand, ConnectorKind, SecurityName, SyncArguments},
    sign_in::{OAuthArguments, SignInArguments},
};

/// Open relationship intelligence: how each relationship stands, and who can open a door.
#[derive(Debug, Parser)]
#[command(name = "rapport", version, propagate_version = true, max_term_width = 110)]
pub(crate) struct Arguments {
    /// Folder of the embedded store.
    #[arg(long, global = true, env = "RAPPORT_DATA", default_value = "./rapport-data", value_name = "DIR")]
    pub(crate) data: PathBuf,
    /// Organization, when the store has more than one.
    #[arg(long, global = true, default_value = "default", value_name = "NAME")]
    pub(crate) org: String,
    /// File with the key that secrets are sealed with, where it does not lie in the store's folder.
    #[arg(long, global = true, env = "RAPPORT_SECRET_KEY_FILE", value_name = "FILE")]
    pub(crate) secret_key_file: Option<PathBuf>,
    /// Object storage that segments are kept in: `s3://BUCKET/PREFIX`, `az://CONTAINER/PREFIX`, `gs://BUCKET/PREFIX` or `file:///FOLDER`; else
    /// they lie in the store's folder. Credentials are taken from the provider's environment variables.
    #[arg(long, global = true, env = "RAPPORT_SEGMENTS", hide_env_values = true, value_name = "URL")]
    pub(crate) segments: Option<String>,
    /// Megabytes of segments in object storage that the store's folder holds as well, at most.
    #[arg(long, global = true, env = "RAPPORT_SEGMENTS_CACHE_MB", default_value_t = 10_240, value_name = "MB")]
    pub(crate) segments_cache_mb: u64,
    /// Megabytes of memory for segments that are kept decoded, so that lists are refreshed without reading them again: where all of an organization's
    /// fit, at about a million touches in 100 MB.
    #[arg(long, global = true, env = "RAPPORT_SEGMENTS_MEMORY_MB", default_value_t = 256, value_name = "MB")]
    pub(crate) segments_memory_mb: u64,
    /// Megabytes of interactions that a pass over all records keeps, at most, for accounts and others that are made of several people; beyond, it
    /// reads the store once more.
    #[arg(long, global = true, env = "RAPPORT_PASS_MEMORY_MB", default_value_t = PASS_MEMORY_MB, value_name = "MB", value_parser = clap::value_parser!(u64).range(16..=1_048_576))]
    pub(crate) pass_memory_mb: u64,
    /// What to log on stderr, e.g. `info` or `rapport=debug`.
    #[arg(long, global = true, env = "RAPPORT_LOG", value_name = "FILTER")]
    pub(crate) log: Option<String>,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The moment that figures are as of.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct AsOf {
    /// Moment of every figure, RFC 3339; now if absent.
    #[arg(long, value_name = "RFC3339", value_parser = Moment::parse)]
    pub(crate) as_of: Option<Moment>,
}

/// How to print.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct Print {
    /// Print JSON instead of text.
    #[arg(long)]
    pub(crate) json: bool,
}

/// The model of scores and strengths.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct Model {
    /// Model of scores and strengths; that of the setting `health.model` if absent.
    #[arg(long, value_enum, value_name = "MODEL")]
    model: Option<ModelName>,
}

impl Model {
    /// The model that was asked for.
    pub(crate) fn asked(self) -> Option<rapport_domain::Model> {
        self.model.map(|name| match name {
            ModelName::V1 => rapport_domain::Model::V1,
            ModelName::V2 => rapport_domain::Model::V2,
        })
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ModelName {
    /// Memory against what the relationship's age lets expect.
    V1,
    /// Memory, freshness and mutuality against one expectation.
    V2,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make the store, or add internal domains to it.
    Init {
        /// Domain whose addresses are ours; may be given several times.
        #[arg(long = "internal-domain", value_name = "DOMAIN")]
        internal_domains: Vec<String>,
        /// Time zone of days, weeks and midnight, e.g. Europe/Amsterdam.
        #[arg(long, value_name = "TZ")]
        time_zone: Option<String>,
    },
    /// Make a fresh store with the demo organization, then serve it.
    Demo {
        /// Address to listen on.
        #[arg(long, default_value = "127.0.0.1:8080", value_name = "ADDR")]
        listen: String,
        /// Load only, do not serve.
        #[arg(long)]
        load_only: bool,
        #[command(flatten)]
        as_of: AsOf,
    },
    /// Serve pages and API, and run the jobs.
    Serve(ServeArguments),
    /// Who may sign in with a password of this store.
    SignIn {
        #[command(subcommand)]
        command: SignInCommand,
    },
    /// Tokens of programs that act for a user.
    Token {
        #[command(subcommand)]
        command: TokenCommand,
    },
    /// Read and change settings.
    Settings {
        #[command(subcommand)]
        command: SettingsCommand,
    },
    /// Enable relationship intelligence, or change what is enabled; mailbox data waits for consent.
    Enable(EnableArguments),
    /// Show and give consent to mailbox data.
    Consent {
        #[command(subcommand)]
        command: ConsentCommand,
    },
    /// Import users, CRM files, mail, calendars or interactions.
    Import {
        #[command(subcommand)]
        command: ImportCommand,
    },
    /// KPIs, health and explanation of a contact.
    Contact(RecordArguments),
    /// KPIs, health and explanation of a lead.
    Lead(RecordArguments),
    /// KPIs, health and explanation of an account.
    Account(RecordArguments),
    /// KPIs, health and explanation of an opportunity.
    Opportunity(RecordArguments),
    /// Who of us can introduce me: introducers, strongest first.
    WhoKnows {
        /// An address, a domain, or the id of a contact, lead or account.
        target: String,
        /// 2 = also paths over one external person.
        #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=2))]
        hops: u8,
        /// Introducers at most.
        #[arg(long, default_value_t = 5)]
        limit: usize,
        #[command(flatten)]
        as_of: AsOf,
        #[command(flatten)]
        model: Model,
        #[command(flatten)]
        print: Print,
    },
    /// Export ties, KPIs or interactions.
    Export {
        /// What to export.
        #[arg(value_enum)]
        what: ExportWhat,
        /// Table of the KPIs.
        #[arg(long, default_value = "contacts")]
        table: String,
        /// Format.
        #[arg(long, value_enum, default_value = "csv")]
        format: ExportFormat,
        /// File to write; stdout if absent.
        #[arg(long, value_name = "FILE")]
        output: Option<PathBuf>,
        #[command(flatten)]
        as_of: AsOf,
        #[command(flatten)]
        model: Model,
    },
    /// Erase a person: afterwards nothing in the store names them.
    Erase {
        /// Any address of theirs.
        address: String,
        /// Let later imports capture them again; else their objection is kept, as a hash that names nobody.
        #[arg(long)]
        no_objection: bool,
        #[command(flatten)]
        print: Print,
    },
    /// Keep or lift the objection of an external person to being captured.
    Objection {
        /// Any address of theirs.
        address: String,
        /// Lift it: later imports capture them again.
        #[arg(long)]
        lift: bool,
    },
    /// Opt a user out: their mailbox data is deleted at once, and they appear in no tie.
    OptOut {
        /// Any address of theirs.
        address: String,
        /// Opt them in again.
        #[arg(long)]
        undo: bool,
    },
    /// Export all that is held on a person, as JSON.
    Access {
        /// Any address of theirs.
        address: String,
    },
    /// Merge and split people.
    People {
        #[command(subcommand)]
        command: PeopleCommand,
    },
    /// Self-validation: what score, strength and likelihood were worth on the store's own past.
    Evaluate(EvaluateArguments),
    /// Make derived state anew from the ledger.
    Rebuild {
        #[command(flatten)]
        print: Print,
    },
    /// Mail systems that mailboxes are captured from.
    Connector {
        #[command(subcommand)]
        command: ConnectorCommand,
    },
    /// Read mailboxes by connectors: as mail comes, or once.
    Sync(SyncArguments),
    /// The key that secrets are sealed with.
    Secrets {
        #[command(subcommand)]
        command: SecretsCommand,
    },
    /// Check the store.
    Doctor {
        /// Read everything: each segment's checksum, and every touch and identity against the sightings.
        #[arg(long)]
        deep: bool,
        #[command(flatten)]
        print: Print,
    },
    /// Move all touches into sorted Parquet files that other tools read.
    Seal {
        /// Move the files to other object storage, or to the store's folder (`data`), in place of sealing. Stop the server before, and name the
        /// new place with `--segments` from then on.
        #[arg(long, value_name = "URL")]
        move_to: Option<String>,
        #[command(flatten)]
        print: Print,
    },
    /// Read and check the audit log.
    Audit {
        #[command(subcommand)]
        command: AuditCommand,
    },
    /// Check the configuration.
    Config {
        #[command(subcommand)]
        command: ConfigCommand,
    },
    /// Measure speed and memory on generated worlds.
    Bench(BenchArguments),
    /// Print the OpenAPI document.
    #[command(hide = true)]
    Openapi,
    /// Print the reference of all commands as Markdown.
    #[command(hide = true)]
    HelpMarkdown,
}

#[derive(Debug, Args)]
pub(crate) struct EnableArguments {
    /// Security role whose users' mailboxes are used; may be given several times. None is nobody's.
    #[arg(long = "role", value_name = "ROLE", conflicts_with = "all_roles")]
    pub(crate) roles: Vec<String>,
    /// Use everybody's mailbox, whatever their roles.
    #[arg(long)]
    pub(crate) all_roles: bool,
    /// Security group whose members' mailboxes are left out; may be given several times.
    #[arg(long = "exclude-group", value_name = "GROUP")]
    pub(crate) excluded_groups: Vec<String>,
    /// Where the mail servers stand, in words.
    #[arg(long, value_name = "PLACE")]
    pub(crate) location: Option<String>,
    /// Use no mailbox data; what is stored of it is deleted.
    #[arg(long)]
    pub(crate) no_mailbox: bool,
    /// With --no-mailbox: keep what is stored, unused.
    #[arg(long, requires = "no_mailbox")]
    pub(crate) keep_stored: bool,
    /// Switch relationship analytics off.
    #[arg(long)]
    pub(crate) no_analytics: bool,
    /// Switch who knows whom off.
    #[arg(long)]
    pub(crate) no_who_knows: bool,
    #[command(flatten)]
    pub(crate) print: Print,
}

/// How to serve. On an address of this machine nobody need sign in until somebody can; on any other everybody must.
#[derive(Debug, Args)]
pub(crate) struct ServeArguments {
    /// Address to listen on.
    #[arg(long, env = "RAPPORT_LISTEN", default_value = "127.0.0.1:8080", value_name = "ADDR")]
    pub(crate) listen: String,
    /// Everybody must sign in, also on this machine.
    #[arg(long, env = "RAPPORT_REQUIRE_SIGN_IN")]
    pub(crate) require_sign_in: bool,
    /// Address under which browsers reach it, e.g. <https://rapport.example.com>.
    #[arg(long, env = "RAPPORT_PUBLIC_URL", value_name = "URL")]
    pub(crate) public_url: Option<String>,
    /// Reverse proxy whose word on who asks and how is taken: an address or network; may be given several times.
    #[arg(long = "trusted-proxy", env = "RAPPORT_TRUSTED_PROXIES", value_delimiter = ',', value_name = "ADDR")]
    pub(crate) trusted_proxies: Vec<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SignInCommand {
    /// Make a link by which a user chooses a password, for the first time or anew.
    Invite {
        /// An address of the user.
        address: String,
        /// Address of the server, for the link.
        #[arg(long, env = "RAPPORT_PUBLIC_URL", value_name = "URL")]
        server: Option<String>,
        #[command(flatten)]
        print: Print,
    },
    /// OpenID providers by which users sign in.
    Provider {
        #[command(subcommand)]
        command: ProviderCommand,
    },
    /// Take away how a user signs in: password, links, sessions and tokens.
    Remove {
        /// An address of the user.
        address: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum ProviderCommand {
    /// Add or change a provider; users are known there by their verified address.
    Set {
        /// A short word that stands in addresses, e.g. `entra`.
        id: String,
        /// Its issuer, e.g. <https://login.microsoftonline.com/TENANT/v2.0>.
        #[arg(long, value_name = "URL")]
        issuer: String,
        /// As what Rapport is registered there.
        #[arg(long, value_name = "ID")]
        client_id: String,
        /// What the sign-in page calls it.
        #[arg(long, default_value = "", hide_default_value = true)]
        name: String,
        /// Its addresses count as verified where it says nothing about that (a directory of your own, such as one tenant of Entra ID).
        #[arg(long)]
        trust_addresses: bool,
        /// How it says that somebody is a tenant administrator, who may consent without an account here: a claim and what it says, e.g.
        /// `wids=62e90394-69f5-4237-9190-012177145e10` (Entra ID).
        #[arg(long, value_name = "CLAIM=VALUE")]
        administrators: Option<String>,
        /// File with the client secret, which is kept sealed; `-` reads it from stdin.
        #[arg(long, value_name = "FILE")]
        secret_file: Option<PathBuf>,
    },
    /// List the providers, without their secrets.
    List {
        #[command(flatten)]
        print: Print,
    },
    /// Take a provider away: whoever signed in by it is signed out.
    Remove {
        /// Its id.
        id: String,
    },
}

#[derive(Clone, Copy, Debug, Subcommand)]
pub(crate) enum SecretsCommand {
    /// Make a new key and seal all secrets anew; interrupted, the same again goes on.
    Rotate,
}

#[derive(Debug, Subcommand)]
pub(crate) enum TokenCommand {
    /// Make a token; its text is printed once.
    Create {
        /// The user for whom it acts, by an address.
        #[arg(long, value_name = "ADDRESS")]
        user: String,
        /// What it is for.
        #[arg(long)]
        name: String,
        /// What it may do: `read`, `write` or `manage`; may be given several times. Never more than its user.
        #[arg(long = "scope", required = true, value_name = "SCOPE")]
        scopes: Vec<String>,
        /// Days that it is good for, 1 to 365.
        #[arg(long, default_value_t = 90)]
        days: u32,
        #[command(flatten)]
        print: Print,
    },
    /// List a user's tokens, without their texts.
    List {
        /// The user, by an address.
        #[arg(long, value_name = "ADDRESS")]
        user: String,
        #[command(flatten)]
        print: Print,
    },
    /// Delete a token: it is refused from now on.
    Delete {
        /// Its number.
        id: i64,
        /// The user, by an address.
        #[arg(long, value_name = "ADDRESS")]
        user: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConsentCommand {
    /// Show what is enabled, for whom, and where consent stands.
    Show {
        #[command(flatten)]
        print: Print,
    },
    /// Consent, while it is asked for.
    Grant {
        /// What is agreed to.
        text: String,
    },
    /// Say no, while it is asked for.
    Decline,
    /// Withdraw it: mailbox data is hidden at once, and deleted within 24 hours by `serve`.
    Revoke,
    /// Ask again: a new 14 days.
    AskAgain,
    /// After the 14 days: who knows whom goes on with CRM data.
    CrmOnly,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SettingsCommand {
    /// Print one setting, or all.
    Get {
        /// Key, e.g. `health.frequency_days`.
        key: Option<String>,
        #[command(flatten)]
        print: Print,
    },
    /// Change one setting.
    Set {
        /// Key, e.g. `health.frequency_days`.
        key: String,
        /// New value.
        #[arg(allow_hyphen_values = true)]
        value: String,
    },
    /// Print what can be set, as Markdown.
    #[command(hide = true)]
    Describe,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ImportCommand {
    /// Users from a CSV file.
    Users {
        /// `email,name,title,licence,roles,groups,manager,aliases`.
        file: PathBuf,
        #[command(flatten)]
        print: Print,
    },
    /// Accounts, contacts, leads, opportunities and activities from a folder of CSV files.
    Crm {
        /// Folder with any of accounts.csv, contacts.csv, leads.csv, opportunities.csv, activities.csv.
        dir: PathBuf,
        #[command(flatten)]
        options: ImportFlags,
    },
    /// Mail: mbox files, Maildirs, folders of .eml; gzip too.
    Mail {
        /// Files and folders.
        #[arg(required = true)]
        paths: Vec<PathBuf>,
        /// Keep nothing: say of each message whether it would be kept, and why not. Needs no consent.
        #[arg(long)]
        dry_run: bool,
        #[command(flatten)]
        mailbox: Mailbox,
        #[command(flatten)]
        options: ImportFlags,
    },
    /// Calendars: .ics files and folders.
    Calendar {
        /// Files and folders.
        #[arg(required = true)]
        paths: Vec<PathBuf>,
        #[command(flatten)]
        mailbox: Mailbox,
        #[command(flatten)]
        options: ImportFlags,
    },
    /// Interactions from a .csv, .jsonl or .parquet file.
    Interactions {
        /// The file.
        file: PathBuf,
        #[command(flatten)]
        mailbox: Mailbox,
        #[command(flatten)]
        options: ImportFlags,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Mailbox {
    /// The user whose mailbox this is.
    #[arg(long, value_name = "ADDR")]
    pub(crate) mailbox: Option<String>,
    /// Grant consent to mailbox data, in these words; recorded in the audit log.
    #[arg(long, value_name = "TEXT")]
    pub(crate) consent: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct ImportFlags {
    #[command(flatten)]
    pub(crate) as_of: AsOf,
    #[command(flatten)]
    pub(crate) print: Print,
}

/// What is asked of the past.
#[derive(Debug, Args)]
pub(crate) struct EvaluateArguments {
    /// Days that a moment looks ahead.
    #[arg(long, value_name = "DAYS", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=365))]
    pub(crate) horizon_days: u32,
    /// Past moment, taken as the beginning of its local day; may be given several times. Without: at 60 % and 75 % of the span.
    #[arg(long, value_name = "RFC3339", value_parser = Moment::parse)]
    pub(crate) at: Vec<Moment>,
    #[command(flatten)]
    pub(crate) as_of: AsOf,
    #[command(flatten)]
    pub(crate) model: Model,
    /// Then fit the likelihood to the months before now: figures follow at once.
    #[arg(long, conflicts_with = "as_of")]
    pub(crate) calibrate: bool,
    #[command(flatten)]
    pub(crate) print: Print,
}

#[derive(Debug, Args)]
pub(crate) struct RecordArguments {
    /// Its id, or an address of it.
    pub(crate) id: String,
    /// Start of the window; 1 January of last year if absent.
    #[arg(long, value_name = "RFC3339", value_parser = Moment::parse)]
    pub(crate) from: Option<Moment>,
    /// End of the window; as-of if absent.
    #[arg(long, value_name = "RFC3339", value_parser = Moment::parse)]
    pub(crate) to: Option<Moment>,
    /// Language of the sentences.
    #[arg(long, value_enum, default_value = "en")]
    pub(crate) language: LanguageName,
    #[command(flatten)]
    pub(crate) as_of: AsOf,
    #[command(flatten)]
    pub(crate) model: Model,
    #[command(flatten)]
    pub(crate) print: Print,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LanguageName {
    /// English.
    En,
    /// Dutch.
    Nl,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportWhat {
    /// Every tie between a colleague and an external person.
    Ties,
    /// One row per record.
    Kpis,
    /// Every sighting, in the columns of `import interactions`.
    Interactions,
    /// The whole audit log.
    Audit,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportFormat {
    /// Comma-separated values.
    Csv,
    /// One JSON object a line.
    Jsonl,
    /// Apache Parquet.
    Parquet,
}

#[derive(Debug, Subcommand)]
pub(crate) enum AuditCommand {
    /// Show the newest entries; `rapport export audit` writes all of them.
    List {
        /// Entries at most.
        #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=500))]
        limit: u32,
        #[command(flatten)]
        print: Print,
    },
    /// Check that no entry was changed or taken out; exit 1 if one was.
    Verify {
        /// An entry as it was written down earlier: proves that nothing up to it was changed, and nothing cut off.
        #[arg(long, value_name = "NUMBER:HASH")]
        noted: Option<String>,
        #[command(flatten)]
        print: Print,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum PeopleCommand {
    /// Make two people one; reversible.
    Merge {
        /// An address of the person who stays first.
        kept: String,
        /// An address of the person who joins.
        merged: String,
    },
    /// Take a merge back.
    Split {
        /// The merge's number, from `rapport people merges`.
        merge: i64,
    },
    /// List all merges.
    Merges {
        #[command(flatten)]
        print: Print,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Check that every setting, flag and environment variable makes sense.
    Check,
}

#[derive(Debug, Args)]
pub(crate) struct BenchArguments {
    /// Touches of the generated world.
    #[arg(long, default_value_t = 1_000_000)]
    pub(crate) touches: u64,
    /// Runs of each figure; the median counts.
    #[arg(long, default_value_t = 5)]
    pub(crate) runs: u32,
    /// An mbox, Maildir or folder of real mail to import as well.
    #[arg(long, value_name = "PATH")]
    pub(crate) mail: Option<PathBuf>,
    /// Leave the generated files and stores in this new folder; the store of the figures is `csv0`, that of the world of touches `scale`.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) keep: Option<PathBuf>,
    /// Measure only these, and what they need: parse, mail, interactions, pages, passes, lists, peers; of the world of touches: world, decode, whole,
    /// answers, warm, cold.
    #[arg(long, value_delimiter = ',', value_name = "NAMES")]
    pub(crate) figures: Vec<String>,
    /// Write what was measured to this file as well, as JSON.
    #[arg(long, value_name = "FILE")]
    pub(crate) save: Option<PathBuf>,
    /// Measure nothing; draw how figures grow between these files that `--save` wrote, as SVG.
    #[arg(long, value_delimiter = ',', value_name = "FILES", conflicts_with_all = ["step", "keep", "mail", "figures", "save"])]
    pub(crate) plot: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) print: Print,
    /// Run one step on generated files; the command starts itself so, a process a step.
    #[arg(long, hide = true, requires = "folder")]
    pub(crate) step: Option<String>,
    /// Folder of the generated files.
    #[arg(long, hide = true)]
    pub(crate) folder: Option<PathBuf>,
}
