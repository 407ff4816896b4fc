//! The record of processing and the annex to an impact assessment, written from what is set and held now: a draft for whoever keeps privacy.

use rapport_domain::enabling::Roles;
use rapport_insight::Language;

use super::{
    App, AppError,
    document::{Document, Section},
    settings,
};

/// Which document.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ProcessingDocument {
    /// Record of processing activities (article 30 of the GDPR).
    #[default]
    Record,
    /// Annex to a data protection impact assessment (article 35).
    Impact,
}

impl App {
    /// A document as of now.
    pub async fn processing_document(&self, document: ProcessingDocument, language: Language) -> Result<Document, AppError> {
        let status = self.enabling().await?;
        let enabling = &status.enabling;
        let counts = self.mailbox_counts().await?;
        let values = self.store().settings(self.org()).await?;
        let ledger = self.store().ledger_counts(self.org()).await?;
        let view = self.view().await?;
        let objections = self.store().objections(self.org()).await?.len();
        let opted_out = view.directory.users.iter().filter(|user| user.opted_out).count();
        let months = settings::value(&values, "retention.months").to_owned();
        let roles = match &enabling.roles {
            Roles::All => None,
            Roles::Selected(roles) => Some(roles.iter().cloned().collect::<Vec<_>>().join(", ")),
        };
        let now = self.now();
        let facts = Facts {
            organization: self.organization().name.clone(),
            now: now.to_rfc3339(),
            consent: enabling.consent.as_str(),
            consent_since: enabling.consent_since.map(rapport_domain::Moment::to_rfc3339),
            consent_text: enabling.consent_text.clone(),
            location: enabling.location.as_ref().map(|location| match location {
                rapport_domain::DataLocation::Declared(place) => place.clone(),
                rapport_domain::DataLocation::Microsoft365(code) => code.clone(),
            }),
            is_mailbox_used: enabling.uses_mailbox(status.geography),
            users: counts.users,
            mailboxes: counts.selected,
            roles,
            excluded_groups: enabling.excluded_groups.len(),
            opted_out,
            objections,
            interactions: ledger.interactions,
            records: view.records.len(),
            keeps_subjects: settings::value(&values, "capture.keep_subjects") == "true",
            scope: settings::value(&values, "capture.scope").to_owned(),
            months: (months != "0").then_some(months),
            works_council: view.works_council.is_some(),
        };
        let is_dutch = language == Language::Dutch;
        let (title, sections) = match (document, is_dutch) {
            (ProcessingDocument::Record, false) => ("Record of processing activities", facts.record_in_english()),
            (ProcessingDocument::Record, true) => ("Register van verwerkingsactiviteiten", facts.record_in_dutch()),
            (ProcessingDocument::Impact, false) => ("Annex to the data protection impact assessment", facts.impact_in_english()),
            (ProcessingDocument::Impact, true) => {
                ("Bijlage bij de gegevensbeschermingseffectbeoordeling", facts.impact_in_dutch())
            }
        };
        let intro = if is_dutch {
            format!(
                "{}, opgemaakt op {}. Rapport schreef dit uit wat nu is ingesteld en vastgelegd; vul aan wat Rapport niet weet, zoals contactgegevens.",
                facts.organization, facts.now
            )
        } else {
            format!(
                "{}, made on {}. Rapport wrote this from what is set and held now; add what Rapport does not know, such as contacts.",
                facts.organization, facts.now
            )
        };
        let language = if is_dutch { "nl" } else { "en" };
        Ok(Document { title: title.to_owned(), language, made_at: now, intro, sections })
    }
}

/// What the documents say, as it is now.
struct Facts {
    organization: String,
    now: String,
    consent: &'static str,
    consent_since: Option<String>,
    consent_text: String,
    location: Option<String>,
    is_mailbox_used: bool,
    users: usize,
    mailboxes: usize,
    roles: Option<String>,
    excluded_groups: usize,
    opted_out: usize,
    objections: usize,
    interactions: u64,
    records: usize,
    keeps_subjects: bool,
    scope: String,
    months: Option<String>,
    works_council: bool,
}

fn section(heading: &str, body: impl Into<String>) -> Section {
    Section { heading: heading.to_owned(), body: body.into() }
}

impl Facts {
    fn record_in_english(&self) -> Vec<Section> {
        let Self {
            organization, users, mailboxes, interactions, records, excluded_groups, opted_out, objections, consent, ..
        } = self;
        let since = self.consent_since.as_deref().unwrap_or("-");
        let text = if self.consent_text.is_empty() { "-" } else { &self.consent_text };
        let roles = self.roles.as_deref().map_or_else(
            || "everybody".to_owned(),
            |roles| if roles.is_empty() { "nobody".to_owned() } else { format!("users with the security roles {roles}") },
        );
        let retention = self.months.as_ref().map_or_else(
            || "Interactions are kept without limit: retention is switched off.".to_owned(),
            |months| format!("Interactions are deleted {months} months after they happened."),
        );
        vec![
            section("Controller", format!("{organization}. Contact and data protection officer: to be added.")),
            section(
                "Purpose",
                "Relationship analytics and introductions for the sales team: how each business relationship stands, and who can open a door. Figures help sellers; they are not for decisions on employment.",
            ),
            section(
                "Legal basis",
                format!(
                    "To be added by the controller. Use of mailbox data: consent of the organization is “{consent}” since {since}, in these words: {text}."
                ),
            ),
            section(
                "People concerned",
                format!("Employees ({users} users), and people of customers and prospects who are in touch with them."),
            ),
            section(
                "Categories of data",
                format!(
                    "Of interactions: kind, moment, addresses and roles, duration, response status, conversation, a keyed hash of the subject{}. Never the content of a message. Of records: what the CRM gives. Held now: {interactions} interactions, {records} records.",
                    if self.keeps_subjects { ", and the text of the subject" } else { "" }
                ),
            ),
            section(
                "Sources",
                format!(
                    "Activities of the CRM. Mailboxes and calendars: {}.",
                    if self.is_mailbox_used {
                        format!(
                            "used for {roles}: {mailboxes} of {users} users; {excluded_groups} security groups are left out; scope “{}”",
                            self.scope
                        )
                    } else {
                        "not used now".to_owned()
                    }
                ),
            ),
            section(
                "Recipients",
                "Users by their security roles and the depth of their rights. Nobody outside; no processor is used by the program itself.",
            ),
            section(
                "Where it lies",
                format!(
                    "Mailbox data: {}. The store: where the operator runs the program. No transfer to third countries by the program.",
                    self.location.as_deref().unwrap_or("not declared")
                ),
            ),
            section(
                "How long",
                format!(
                    "{retention} After consent is withdrawn, mailbox data is deleted from the live store within 24 hours and from backups within 30 days. The access log is kept for a year."
                ),
            ),
            section(
                "Security",
                "Sign-in with OpenID Connect or argon2id passwords; rights with depth, deny first; secrets sealed; every change in a hash-chained audit log; every look at a colleague's figures in an access log that the colleague can read.",
            ),
            section(
                "Rights of people",
                format!(
                    "Everybody exports what is held on them and opts out ({opted_out} did), is asked first, or keeps contacts private. People outside are exported and erased on request; {objections} objections are kept as keyed hashes. Works council mode is {}.",
                    if self.works_council { "on" } else { "off" }
                ),
            ),
        ]
    }

    fn record_in_dutch(&self) -> Vec<Section> {
        let Self {
            organization, users, mailboxes, interactions, records, excluded_groups, opted_out, objections, consent, ..
        } = self;
        let since = self.consent_since.as_deref().unwrap_or("-");
        let text = if self.consent_text.is_empty() { "-" } else { &self.consent_text };
        let roles = self.roles.as_deref().map_or_else(
            || "iedereen".to_owned(),
            |roles| if roles.is_empty() { "niemand".to_owned() } else { format!("gebruikers met de beveiligingsrollen {roles}") },
        );
        let retention = self.months.as_ref().map_or_else(
            || "Interacties worden onbeperkt bewaard: de bewaartermijn staat uit.".to_owned(),
            |months| format!("Interacties worden {months} maanden na afloop verwijderd."),
        );
        vec![
            section(
                "Verwerkingsverantwoordelijke",
                format!("{organization}. Contactgegevens en functionaris gegevensbescherming: aan te vullen."),
            ),
            section(
                "Doel",
                "Relatieanalyses en introducties voor het verkoopteam: hoe elke zakelijke relatie ervoor staat, en wie een deur kan openen. Cijfers helpen verkopers; ze zijn niet voor beslissingen over dienstverband.",
            ),
            section(
                "Rechtsgrond",
                format!(
                    "Aan te vullen door de verwerkingsverantwoordelijke. Gebruik van postvakgegevens: de toestemming van de organisatie is “{consent}” sinds {since}, met deze woorden: {text}."
                ),
            ),
            section(
                "Betrokkenen",
                format!("Medewerkers ({users} gebruikers), en mensen bij klanten en prospects die met hen contact hebben."),
            ),
            section(
                "Soorten gegevens",
                format!(
                    "Van interacties: soort, moment, adressen en rollen, duur, reactiestatus, gesprek, een hash met sleutel van het onderwerp{}. Nooit de inhoud van een bericht. Van records: wat het CRM geeft. Nu vastgelegd: {interactions} interacties, {records} records.",
                    if self.keeps_subjects { ", en de tekst van het onderwerp" } else { "" }
                ),
            ),
            section(
                "Bronnen",
                format!(
                    "Activiteiten van het CRM. Postvakken en agenda’s: {}.",
                    if self.is_mailbox_used {
                        format!(
                            "gebruikt voor {roles}: {mailboxes} van {users} gebruikers; {excluded_groups} beveiligingsgroepen blijven erbuiten; bereik “{}”",
                            self.scope
                        )
                    } else {
                        "nu niet gebruikt".to_owned()
                    }
                ),
            ),
            section(
                "Ontvangers",
                "Gebruikers volgens hun beveiligingsrollen en de diepte van hun rechten. Niemand daarbuiten; het programma zelf gebruikt geen verwerker.",
            ),
            section(
                "Waar het staat",
                format!(
                    "Postvakgegevens: {}. De opslag: waar de beheerder het programma draait. Geen doorgifte aan derde landen door het programma.",
                    self.location.as_deref().unwrap_or("niet opgegeven")
                ),
            ),
            section(
                "Hoe lang",
                format!(
                    "{retention} Na intrekken van de toestemming worden postvakgegevens binnen 24 uur uit de opslag en binnen 30 dagen uit back-ups verwijderd. Het inzagelogboek wordt een jaar bewaard."
                ),
            ),
            section(
                "Beveiliging",
                "Inloggen met OpenID Connect of argon2id-wachtwoorden; rechten met diepte, standaard geweigerd; geheimen verzegeld; elke wijziging in een auditlogboek als hashketen; elke blik op cijfers van een collega in een inzagelogboek dat die collega kan lezen.",
            ),
            section(
                "Rechten van betrokkenen",
                format!(
                    "Iedereen exporteert wat over hem of haar is vastgelegd, meldt zich af ({opted_out} deden dat), wordt eerst gevraagd, of houdt contacten privé. Mensen daarbuiten worden op verzoek geëxporteerd en gewist; {objections} bezwaren zijn bewaard als hash met sleutel. De ondernemingsraadmodus staat {}.",
                    if self.works_council { "aan" } else { "uit" }
                ),
            ),
        ]
    }

    fn impact_in_english(&self) -> Vec<Section> {
        let state = |is_on: bool| if is_on { "On" } else { "Off" };
        vec![
            section(
                "Necessity and proportionality",
                format!(
                    "Only metadata is read, only of selected mailboxes ({} of {}), only after consent (“{}”), and only what the scope “{}” keeps. Figures work from CRM data alone; mailbox data can be switched off at any time.",
                    self.mailboxes, self.users, self.consent, self.scope
                ),
            ),
            section(
                "Risk: employees are monitored",
                format!(
                    "Figures about how fast or how much somebody works could be used against them. Against it: works council mode ({}), which tells no figure about a single colleague, also by subtraction, and takes two people to turn off; the access log; opting out; the notice of purpose on every page of figures.",
                    state(self.works_council)
                ),
            ),
            section(
                "Risk: private contacts become known",
                format!(
                    "Against it: messages marked private are left out; private contacts are never captured; groups can be left out ({} are); who wants to be asked first is not named.",
                    self.excluded_groups
                ),
            ),
            section(
                "Risk: people outside do not know",
                format!(
                    "Against it: erasing and exporting on request, objections that outlive it ({} are kept), “gdpr_optout” on a record, retention ({}).",
                    self.objections,
                    self.months.as_ref().map_or_else(|| "off".to_owned(), |months| format!("{months} months"))
                ),
            ),
            section(
                "Risk: more is read than agreed",
                "The technical permission may cover all mailboxes. Against it: roles and groups decide at every read; limits of the mail server (RBAC for Applications) can be set and proven; the audit log shows every change of what is read.",
            ),
            section(
                "Risk: the data leaks",
                "Against it: metadata only; rights with depth; sealed secrets; sign-in with limits; no data leaves the operator's machines by the program.",
            ),
            section(
                "Remaining risk",
                "Health and the last contact of a customer whom one colleague alone tends say something of that colleague, too. To be judged by the controller, with the works council and the data protection officer.",
            ),
        ]
    }

    fn impact_in_dutch(&self) -> Vec<Section> {
        let state = |is_on: bool| if is_on { "aan" } else { "uit" };
        vec![
            section(
                "Noodzaak en evenredigheid",
                format!(
                    "Alleen metagegevens worden gelezen, alleen van gekozen postvakken ({} van {}), alleen na toestemming (“{}”), en alleen wat het bereik “{}” bewaart. Cijfers werken ook op CRM-gegevens alleen; postvakgegevens kunnen altijd uit.",
                    self.mailboxes, self.users, self.consent, self.scope
                ),
            ),
            section(
                "Risico: medewerkers worden gevolgd",
                format!(
                    "Cijfers over hoe snel of hoeveel iemand werkt kunnen tegen die persoon worden gebruikt. Daartegen: de ondernemingsraadmodus ({}), die geen cijfer over één collega geeft, ook niet door aftrekken, en die twee mensen vergt om uit te zetten; het inzagelogboek; afmelden; de vermelding van het doel bij elke pagina met cijfers.",
                    state(self.works_council)
                ),
            ),
            section(
                "Risico: privécontacten worden bekend",
                format!(
                    "Daartegen: berichten die als privé zijn gemarkeerd blijven erbuiten; privécontacten worden nooit vastgelegd; groepen kunnen erbuiten blijven (nu {}); wie eerst gevraagd wil worden, wordt niet genoemd.",
                    self.excluded_groups
                ),
            ),
            section(
                "Risico: mensen daarbuiten weten van niets",
                format!(
                    "Daartegen: wissen en exporteren op verzoek, bezwaren die dat overleven (nu {}), “gdpr_optout” bij een record, bewaartermijn ({}).",
                    self.objections,
                    self.months.as_ref().map_or_else(|| "uit".to_owned(), |months| format!("{months} maanden"))
                ),
            ),
            section(
                "Risico: er wordt meer gelezen dan afgesproken",
                "De technische machtiging kan alle postvakken omvatten. Daartegen: rollen en groepen beslissen bij elke lezing; grenzen van de mailserver (RBAC for Applications) kunnen worden gesteld en bewezen; het auditlogboek toont elke wijziging van wat wordt gelezen.",
            ),
            section(
                "Risico: de gegevens lekken",
                "Daartegen: alleen metagegevens; rechten met diepte; verzegelde geheimen; inloggen met grenzen; het programma laat geen gegevens de machines van de beheerder verlaten.",
            ),
            section(
                "Resterend risico",
                "De gezondheid en het laatste contact van een klant die één collega alleen bedient, zeggen ook iets over die collega. Te beoordelen door de verwerkingsverantwoordelijke, met de ondernemingsraad en de functionaris gegevensbescherming.",
            ),
        ]
    }
}
