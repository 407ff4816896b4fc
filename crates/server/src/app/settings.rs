//! Settings by key: what can be set, what it may be, what holds when nothing was set.

use std::{collections::BTreeMap, fmt::Write as _};

use rapport_domain::{BusinessDays, BusinessHours, Calendar, GeographyPolicy, InsightSettings, Model};

use super::{App, AppError};

/// One setting.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// Its key, e.g. `health.frequency_days`.
    pub key: &'static str,
    /// What holds until it is set.
    pub default: &'static str,
    /// What it may be.
    pub accepts: Accepts,
    /// What it does, in one sentence.
    pub about: &'static str,
}

/// What a value may be.
#[derive(Clone, Copy, Debug)]
pub enum Accepts {
    /// A whole number in a range, both ends included.
    Whole(i64, i64),
    /// A number in a range, both ends included.
    Number(f64, f64),
    /// One of some words or numbers.
    OneOf(&'static [&'static str]),
    /// An IANA time zone.
    TimeZone,
    /// Codes of three letters with `;` between them; none is possible.
    Codes,
    /// Days of the week.
    BusinessDays,
    /// Hours of a day.
    BusinessHours,
    /// A text of so many characters at most; none is possible.
    Text(usize),
}

impl Setting {
    /// What it may be, in words.
    pub fn accepted(&self) -> String {
        match self.accepts {
            Accepts::Whole(low, high) => format!("a whole number from {low} to {high}"),
            Accepts::Number(low, high) => format!("a number from {low} to {high}"),
            Accepts::OneOf(words) => format!("one of {}", words.join(", ")),
            Accepts::TimeZone => "an IANA time zone such as Europe/Amsterdam".to_owned(),
            Accepts::BusinessDays => {
                "days of the week, in ranges and with `,` between them, e.g. mon-fri or mon-thu,sun".to_owned()
            }
            Accepts::BusinessHours => {
                "two times of one day with `-` between them, the earlier first, e.g. 09:00-17:00".to_owned()
            }
            Accepts::Text(most) => format!("a text of at most {most} characters"),
            Accepts::Codes => "codes of three letters with `;` between them, e.g. EUR;NAM".to_owned(),
        }
    }
}

/// Every setting that exists.
pub const SETTINGS: &[Setting] = &[
    setting(
        "capture.history_months",
        "12",
        Accepts::Whole(0, 120),
        "whole months before today that capture reads of a mailbox, newest first",
    ),
    setting("capture.keep_subjects", "false", BOOL, "keep the text of subjects, so that pages can show it"),
    setting(
        "capture.notice_days",
        "7",
        Accepts::Whole(0, 90),
        "days between telling an employee that their mailbox will be read and reading it for the first time",
    ),
    setting(
        "capture.poll_seconds",
        "60",
        Accepts::Whole(10, 3_600),
        "seconds between two looks at a mailbox that sends no news by itself",
    ),
    setting(
        "capture.scope",
        "business",
        Accepts::OneOf(&["crm_people", "business", "everyone"]),
        "whose interactions capture keeps; file imports keep everyone's until this is set",
    ),
    setting("exclude.automatic", "true", BOOL, "leave out automatic answers"),
    setting("exclude.calendar_reply", "true", BOOL, "leave out answers to invitations"),
    setting("exclude.delivery_report", "true", BOOL, "leave out delivery reports"),
    setting("exclude.draft", "true", BOOL, "leave out drafts"),
    setting("exclude.internal_only", "true", BOOL, "leave out what only colleagues took part in"),
    setting("exclude.list", "true", BOOL, "leave out newsletters and mailing lists"),
    setting("exclude.no_colleague", "true", BOOL, "leave out what no colleague took part in"),
    setting("exclude.no_recipients", "true", BOOL, "leave out mail without recipients"),
    setting("exclude.noreply", "true", BOOL, "leave out senders such as noreply@"),
    setting("exclude.sensitive", "true", BOOL, "leave out what is marked private or confidential"),
    setting("exclude.too_many_recipients", "true", BOOL, "leave out mail to more than 50 people"),
    setting("geography.accepts_declared", "true", BOOL, "use mailbox data where the operator declared its location"),
    setting("geography.regions", "APC;EUR;NAM", Accepts::Codes, "macro regions of Microsoft 365 whose mailbox data is used"),
    setting("health.frequency_days", "7", Accepts::OneOf(&["1", "3", "7", "14", "30"]), "how often sellers should be in touch"),
    setting("health.grade.fair", "40", Accepts::Whole(1, 98), "lowest score that is fair; below that of good"),
    setting("health.grade.good", "60", Accepts::Whole(2, 100), "lowest score that is good"),
    setting("health.influence.email", "0", INFLUENCE, "influence of emails in percent"),
    setting("health.influence.meeting", "0", INFLUENCE, "influence of meetings in percent"),
    setting("health.influence.phone_call", "0", INFLUENCE, "influence of phone calls in percent"),
    setting("health.influence.task", "0", INFLUENCE, "influence of tasks in percent"),
    setting("health.model", "v2", Accepts::OneOf(&["v1", "v2"]), "model of health score and tie strength"),
    setting("health.show", "true", BOOL, "show health on pages; it is computed either way"),
    setting("kpis.email_reader_min", "2.5", Accepts::Number(0.0, 240.0), "minutes that an email costs the other side"),
    setting("kpis.email_sender_min", "5", Accepts::Number(0.0, 240.0), "minutes that an email costs the sender's side"),
    setting("kpis.response_within_h", "168", Accepts::Whole(1, 8_760), "hours within which a turn counts as answered"),
    setting(
        "response_time.business_days",
        "mon-fri",
        Accepts::BusinessDays,
        "days on which response times in business hours run, in the organization's time zone",
    ),
    setting("response_time.business_hours", "09:00-17:00", Accepts::BusinessHours, "hours of such a day in which they run"),
    setting("retention.months", "36", Accepts::Whole(0, 1_200), "months that interactions are to be kept; 0 = for ever"),
    setting("similar_deals.enabled", "true", BOOL, "compare opportunities with similar won ones"),
    setting("ties.medium", "30", Accepts::Whole(1, 99), "lowest strength of a medium tie; below that of a strong one"),
    setting("ties.strong", "60", Accepts::Whole(2, 100), "lowest strength of a strong tie"),
    setting("time_zone", "UTC", Accepts::TimeZone, "time zone of days, weeks and midnight"),
    setting("who_knows.introducers", "5", Accepts::Whole(1, 20), "colleagues that who knows whom shows on a record at most"),
    setting(
        "who_knows.open_requests",
        "5",
        Accepts::Whole(1, 100),
        "requests for an introduction that a colleague has open at a time at most",
    ),
    setting(
        "who_knows.template",
        "",
        Accepts::Text(TEMPLATE_MAX),
        "text that asks for an introduction, with {colleague}, {target} and {me}; empty = that of the reader's language",
    ),
];

/// Characters of the template for introductions.
const TEMPLATE_MAX: usize = 4_000;

const INFLUENCE: Accepts = Accepts::Whole(-50, 50);
const BOOL: Accepts = Accepts::OneOf(&["true", "false"]);

const fn setting(key: &'static str, default: &'static str, accepts: Accepts, about: &'static str) -> Setting {
    Setting { key, default, accepts, about }
}

/// The setting of a key.
pub fn find(key: &str) -> Result<&'static Setting, AppError> {
    SETTINGS.iter().find(|setting| setting.key == key).ok_or_else(|| {
        AppError::invalid(format!("there is no setting `{key}`")).with_hint("`rapport settings get` lists all settings")
    })
}

/// Checks a value and brings it into its one form.
pub fn check(key: &str, value: &str) -> Result<String, AppError> {
    let setting = find(key)?;
    let value = value.trim();
    let wrong = || AppError::invalid(format!("`{key}` cannot be `{value}`: it is {}", setting.accepted()));
    let digits = value.strip_prefix('+').unwrap_or(value);
    match setting.accepts {
        Accepts::Whole(low, high) => {
            let number: i64 = digits.parse().map_err(|_| wrong())?;
            if (low..=high).contains(&number) { Ok(number.to_string()) } else { Err(wrong()) }
        }
        Accepts::Number(low, high) => {
            let number: f64 = digits.parse().map_err(|_| wrong())?;
            if (low..=high).contains(&number) { Ok(number.to_string()) } else { Err(wrong()) }
        }
        Accepts::OneOf(words) => words.iter().find(|word| **word == digits).map(|word| (*word).to_owned()).ok_or_else(wrong),
        Accepts::Text(most) => {
            if value.chars().count() <= most {
                Ok(value.to_owned())
            } else {
                Err(wrong())
            }
        }
        Accepts::Codes => {
            let codes: std::collections::BTreeSet<String> =
                value.split(';').map(|code| code.trim().to_ascii_uppercase()).filter(|code| !code.is_empty()).collect();
            let is_code = |code: &String| code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_uppercase());
            if codes.iter().all(is_code) { Ok(codes.into_iter().collect::<Vec<_>>().join(";")) } else { Err(wrong()) }
        }
        Accepts::BusinessDays => value.parse::<BusinessDays>().map(|days| days.to_string()).map_err(|_| wrong()),
        Accepts::BusinessHours => value.parse::<BusinessHours>().map(|hours| hours.to_string()).map_err(|_| wrong()),
        Accepts::TimeZone => Calendar::of(value).map(|calendar| calendar.zone_name().to_owned()).map_err(|_| wrong()),
    }
}

/// The reference of all settings, as Markdown.
pub fn describe() -> String {
    let mut text = "# Settings\n\nMade by `cargo xtask codegen` from the definitions of the settings.\n\n".to_owned();
    text.push_str("| key | default | accepts | what it does |\n| --- | --- | --- | --- |\n");
    for setting in SETTINGS {
        _ = writeln!(text, "| `{}` | `{}` | {} | {} |", setting.key, setting.default, setting.accepted(), setting.about);
    }
    text
}

/// The value of a key that holds.
pub fn value<'a>(values: &'a BTreeMap<String, String>, key: &'static str) -> &'a str {
    let default = || SETTINGS.iter().find(|setting| setting.key == key).map_or("", |setting| setting.default);
    values.get(key).map_or_else(default, String::as_str)
}

fn number(values: &BTreeMap<String, String>, key: &'static str) -> f64 {
    // Values were checked when they were set; the default stands for one that no longer fits.
    value(values, key).parse().unwrap_or_default()
}

/// Whether a setting decides which grade a tie has. Frequency and influences do not: a tie has a frequency of its own and no influences.
fn decides_grades(key: &str) -> bool {
    matches!(key, "health.model" | "ties.medium" | "ties.strong")
}

/// The settings that figures depend on.
pub fn insight_settings(values: &BTreeMap<String, String>) -> InsightSettings {
    let influence = |key| 1.0 + number(values, key) / 100.0;
    InsightSettings {
        model: Model::parse(value(values, "health.model")).unwrap_or_default(),
        frequency_days: number(values, "health.frequency_days") as u32,
        influence: [
            influence("health.influence.email"),
            influence("health.influence.meeting"),
            influence("health.influence.phone_call"),
            influence("health.influence.task"),
        ],
        good_min: number(values, "health.grade.good") as u32,
        fair_min: number(values, "health.grade.fair") as u32,
        email_sender_min: number(values, "kpis.email_sender_min"),
        email_reader_min: number(values, "kpis.email_reader_min"),
        response_within_h: number(values, "kpis.response_within_h") as u32,
        business_days: value(values, "response_time.business_days").parse().unwrap_or_default(),
        business_hours: value(values, "response_time.business_hours").parse().unwrap_or_default(),
        strong_min: number(values, "ties.strong") as u32,
        medium_min: number(values, "ties.medium") as u32,
    }
}

/// Where mailbox data may be used (05 section 4).
pub fn geography_policy(values: &BTreeMap<String, String>) -> GeographyPolicy {
    GeographyPolicy {
        regions: value(values, "geography.regions").split(';').filter(|code| !code.is_empty()).map(str::to_owned).collect(),
        accepts_declared: value(values, "geography.accepts_declared") == "true",
    }
}

impl App {
    /// All settings with the value that holds, by key.
    pub async fn settings(&self) -> Result<BTreeMap<&'static str, String>, AppError> {
        let values = self.store.settings(self.org()).await?;
        Ok(SETTINGS.iter().map(|setting| (setting.key, value(&values, setting.key).to_owned())).collect())
    }

    /// Sets one setting; what it is now. Moving one minimum past its neighbour's moves the neighbour's (03).
    pub async fn set_setting(&self, key: &str, given: &str) -> Result<String, AppError> {
        let checked = check(key, given)?;
        if decides_grades(key) {
            // Moved point by point, a minimum would tell the exact strength of every tie from where its grade changes.
            let what = format!("`{key}` decides the grades by which colleagues are told, and stays as it is");
            self.view().await?.need_no_works_council(&what)?;
        }
        if key.starts_with("response_time.") {
            // By hours moved minute by minute it would be told when somebody answers.
            let what = format!("`{key}` decides how response times are counted, and stays as it is");
            self.view().await?.need_no_works_council(&what)?;
        }
        let current = self.settings().await?;
        let of = |key| current.get(key).and_then(|value: &String| value.parse::<i64>().ok()).unwrap_or(0);
        let new: i64 = checked.parse().unwrap_or(0);
        let mut values = vec![(key.to_owned(), checked.clone())];
        for (upper, lower) in [("health.grade.good", "health.grade.fair"), ("ties.strong", "ties.medium")] {
            if key == upper && of(lower) >= new {
                values.push((lower.to_owned(), (new - 1).to_string()));
            }
            if key == lower && of(upper) <= new {
                values.push((upper.to_owned(), (new + 1).to_string()));
            }
        }
        self.store.set_settings(self.org(), &values, self.actor(), self.now()).await?;
        // Where mailbox data may be used decides whether consent is asked for.
        self.settle_enabling().await?;
        // Figures follow settings: live pages ask again.
        self.announce(self.store.facts_version(self.org()).await?);
        Ok(checked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_default_is_a_value_that_is_accepted() {
        for setting in SETTINGS {
            assert_eq!(check(setting.key, setting.default).unwrap(), setting.default, "{}", setting.key);
        }
        assert_eq!(insight_settings(&BTreeMap::new()), InsightSettings::default());
        assert_eq!(geography_policy(&BTreeMap::new()), GeographyPolicy::default());
    }

    #[test]
    fn a_wrong_value_says_what_is_right() {
        let error = check("health.frequency_days", "5").unwrap_err();
        assert_eq!(error.to_string(), "`health.frequency_days` cannot be `5`: it is one of 1, 3, 7, 14, 30");
        assert!(check("health.influence.email", "51").unwrap_err().is_invalid());
        assert_eq!(check("health.influence.email", "+20").unwrap(), "20");
        assert_eq!(check("geography.regions", " nam; eur;").unwrap(), "EUR;NAM");
        assert_eq!(check("geography.regions", "").unwrap(), "");
        assert!(check("geography.regions", "Europe").unwrap_err().is_invalid());
        assert_eq!(check("who_knows.template", " Hi {colleague}\n").unwrap(), "Hi {colleague}");
        assert!(check("who_knows.template", &"x".repeat(4_001)).unwrap_err().is_invalid());
        assert!(check("nonsense", "1").unwrap_err().hint().is_some());
        let error = check("response_time.business_hours", "17:00-09:00").unwrap_err().to_string();
        assert!(
            error.starts_with("`response_time.business_hours` cannot be `17:00-09:00`: it is two times of one day"),
            "{error}"
        );
        let error = check("response_time.business_days", "weekdays").unwrap_err().to_string();
        assert!(error.starts_with("`response_time.business_days` cannot be `weekdays`: it is days of the week"), "{error}");
        assert_eq!(check("response_time.business_days", "Sun-Thu").unwrap(), "mon-thu,sun");
        assert_eq!(check("response_time.business_hours", "8:30-16:30").unwrap(), "08:30-16:30");
        assert_eq!(check("time_zone", "Europe/Amsterdam").unwrap(), "Europe/Amsterdam");
    }
}
