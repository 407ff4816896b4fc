//! What the commands print: JSON as the API answers it, or text for people.

use std::{fmt::Write as _, io::Write as _};

use rapport_server::{
    AppError,
    api::{
        enabling::{ChoiceBody, EnablingBody},
        wire::{ContactedBody, OccurrenceBody, RecordInsightsBody, ResponseTimeBody, WhoKnowsBody},
    },
    app::{
        audit::AuditCheck,
        import::{ImportReport, Preview},
    },
};
use serde::Serialize;

/// Problems that the text form of a report shows; `--json` lists more.
const PROBLEMS_SHOWN: usize = 10;

/// Contributions that the text form of a score shows; `--json` lists all.
const CONTRIBUTIONS_SHOWN: usize = 5;

/// Writes data to stdout; a reader that went away is no error.
pub(crate) fn print(text: &str) -> Result<(), AppError> {
    let mut stdout = std::io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(AppError::invalid(format!("cannot write to stdout: {error}")))
        }
        _ => Ok(()),
    }
}

/// One JSON document and a line break.
pub(crate) fn json<T: Serialize>(value: &T) -> Result<(), AppError> {
    let text = serde_json::to_string(value).map_err(|error| AppError::invalid(format!("cannot print JSON: {error}")))?;
    print(&(text + "\n"))
}

/// Tells people something on stderr.
pub(crate) fn note(text: &str) {
    // Nobody is left to tell when stderr is gone.
    _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// What the chain of the audit log shows.
pub(crate) fn audit_check(check: &AuditCheck) -> String {
    let mut text = format!("{} entries, {} of them changed by an erasure\n", check.entries, check.redacted);
    for (number, fault) in &check.problems {
        _ = writeln!(text, "entry {number}: {}", fault.as_str());
    }
    if let Some((number, hash)) = check.head.as_ref().filter(|_| check.problems.is_empty()) {
        _ = writeln!(
            text,
            "nothing was changed; write down {number}:{hash}, and `--noted` proves later that nothing was cut off"
        );
    }
    text
}

/// What is enabled, for whom, and where consent stands.
pub(crate) fn enabling(body: &EnablingBody) -> String {
    let on = |is_on: bool| if is_on { "on" } else { "off" }.to_owned();
    let since = |at: &Option<String>| at.as_ref().map_or_else(|| "off".to_owned(), |at| format!("on since {at}"));
    let mailbox = &body.mailbox;
    let chosen = |choices: &[ChoiceBody]| {
        let names: Vec<&str> = choices.iter().filter(|choice| choice.is_chosen).map(|choice| choice.name.as_str()).collect();
        if names.is_empty() { "none".to_owned() } else { names.join("; ") }
    };
    let used = if mailbox.is_used { "used" } else { "not used" };
    let roles = if mailbox.all_roles { "all".to_owned() } else { chosen(&mailbox.roles) };
    let location = body.geography.location.as_deref().map_or_else(String::new, |location| format!(": {location}"));
    let consent = &body.consent;
    let more = match (&consent.deadline, consent.days_left, &consent.delete_live_by) {
        (Some(deadline), Some(days), _) => format!(", until {deadline} ({days} days left)"),
        (_, _, Some(by)) => format!(", mailbox data is deleted by {by}"),
        _ if consent.text.is_empty() => String::new(),
        _ => format!(": {}", consent.text),
    };
    let rows = [
        ("premium features", since(&body.premium_since)),
        ("enabled", since(&body.enabled_at)),
        ("relationship analytics", on(body.relationship_analytics)),
        ("who knows whom", on(body.who_knows_whom)),
        ("mailbox data", format!("{}, {used}", on(mailbox.is_on))),
        ("security roles", format!("{roles} ({} of {} users)", mailbox.selected_users, mailbox.users)),
        ("excluded groups", chosen(&mailbox.excluded_groups)),
        ("data location", format!("{}{location}", body.geography.state)),
        ("consent", format!("{}{more}", consent.state)),
    ];
    rows.iter().fold(String::new(), |mut text, (name, value)| {
        _ = writeln!(text, "{name:<24}{value}");
        text
    })
}

/// Columns padded to their widest cell, the first row underlined.
pub(crate) fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.first().map_or(0, Vec::len);
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for (i, row) in rows.iter().enumerate() {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            _ = write!(line, "{cell}{}  ", " ".repeat(width - cell.chars().count()));
        }
        text.push_str(line.trim_end());
        text.push('\n');
        if i == 0 {
            let total: usize = widths.iter().sum::<usize>() + 2 * columns.saturating_sub(1);
            text.push_str(&"-".repeat(total));
            text.push('\n');
        }
    }
    text
}

/// An import's report for people.
pub(crate) fn report(report: &ImportReport) -> String {
    let mut text = format!(
        "read {}, kept {}, duplicates {}, failed {}, excluded {}   ({:.1} s)\n",
        report.read,
        report.kept,
        report.duplicates,
        report.failed,
        report.excluded.values().sum::<u64>(),
        report.elapsed_s
    );
    for (reason, count) in &report.excluded {
        _ = writeln!(text, "  excluded {reason}: {count}");
    }
    for note in &report.notes {
        _ = writeln!(text, "  note: {note}");
    }
    for problem in report.problems.iter().take(PROBLEMS_SHOWN) {
        _ = writeln!(text, "  problem {}: {}", problem.place, problem.what);
    }
    let more = report.problems.len().saturating_sub(PROBLEMS_SHOWN) as u64 + report.problems_omitted;
    if more > 0 {
        _ = writeln!(text, "  ... and {more} more problems (--json lists them)");
    }
    text
}

/// What a dry run found: a line for each message, then the counts.
pub(crate) fn preview(preview: &Preview) -> String {
    let mut text = String::new();
    for item in &preview.items {
        let of = |roles: &[&str]| {
            let mut all = item.participants.iter().filter(|one| roles.contains(&one.role)).map(|one| one.address.as_str());
            let first = all.next().unwrap_or("-").to_owned();
            let more = all.count();
            if more == 0 { first } else { format!("{first} and {more} more") }
        };
        let verdict = item.reason.as_ref().map_or_else(|| item.verdict.to_owned(), |reason| format!("{} {reason}", item.verdict));
        _ = writeln!(
            text,
            "{}  {}  from {} to {}: {verdict}",
            item.place,
            item.at,
            of(&["from", "organizer"]),
            of(&["to", "cc", "required", "optional"])
        );
    }
    if preview.items_omitted > 0 {
        _ = writeln!(text, "... and {} more", preview.items_omitted);
    }
    _ = write!(text, "nothing was kept; an import would say:\n{}", report(&preview.report));
    text
}

fn count(n: u32, word: &str) -> String {
    format!("{n} {word}{}", if n == 1 { "" } else { "s" })
}

fn number(value: Option<f64>, unit: &str) -> String {
    value.map_or_else(|| "-".to_owned(), |value| format!("{value:.2}{unit}"))
}

fn response_time(time: Option<&ResponseTimeBody>) -> String {
    time.map_or_else(
        || "-".to_owned(),
        |time| {
            let [mean, p50, p90] = [time.mean, time.p50, time.p90].map(|value| number(value, " h"));
            format!("mean {mean}, median {p50}, p90 {p90} ({} answered, {} unanswered)", time.n, time.unanswered)
        },
    )
}

/// Medians that count what waits, business hours, and chance.
fn medians(text: &mut String, time: Option<&ResponseTimeBody>) {
    let Some((time, business)) = time.and_then(|time| Some((time, time.business.as_ref()?))) else { return };
    let mut parts = Vec::new();
    if time.n > 0 {
        let [p50, km_p50, in_business] = [time.p50, time.km_p50, business.p50].map(|value| number(value, " h"));
        parts.push(format!("median {p50}, with unanswered {km_p50}, in business hours {in_business}"));
    }
    if let Some(estimate) = &time.estimated {
        let (p50, chance) = (number(estimate.p50, " h"), 100.0 * estimate.chance_share);
        parts.push(format!("estimated {p50} ({} pairs, {chance:.0} % by chance)", estimate.n));
    }
    if !parts.is_empty() {
        _ = writeln!(text, "                {}", parts.join(", "));
    }
}

fn occurrence(occurrence: Option<&OccurrenceBody>, none: &str) -> String {
    occurrence.map_or_else(|| none.to_owned(), |one| format!("{} {} ({})", one.at, one.kind, one.direction))
}

fn contacted(text: &mut String, title: &str, entries: &[ContactedBody]) {
    _ = writeln!(text, "{title}");
    for entry in entries {
        let email = entry.email.as_deref().unwrap_or("no address");
        let (Some(interactions), Some(last_at)) = (entry.interactions, &entry.last_at) else {
            _ = writeln!(text, "  {} <{email}>", entry.name);
            continue;
        };
        let told = |number: Option<u32>, noun| count(number.unwrap_or_default(), noun);
        _ = writeln!(
            text,
            "  {} <{email}>: {} ({}, {}, {}), last {last_at}",
            entry.name,
            count(interactions, "interaction"),
            told(entry.emails, "email"),
            told(entry.meetings, "meeting"),
            told(entry.phone_calls, "phone call"),
        );
    }
    if entries.is_empty() {
        text.push_str("  nobody in this window\n");
    }
}

/// A number that is perhaps not told.
fn whole(number: Option<u32>) -> String {
    number.map_or_else(|| "-".to_owned(), |number| number.to_string())
}

/// A record's insights for people.
pub(crate) fn record(body: &RecordInsightsBody) -> String {
    let mut text = format!("{} ({}/{}), as of {}, data: {}\n\n", body.name, body.table, body.id, body.as_of, body.data);
    let health = &body.health;
    let score = health.score.map_or_else(|| "no score".to_owned(), |score| format!("score {score}"));
    _ = writeln!(text, "Health          {} - {score}, trend {} (model {})", health.state, health.trend, health.model);
    _ = write!(text, "  memory {:.3} of expected {:.3}, engagement {:.2}", health.memory, health.expectation, health.engagement);
    if let (Some(mutual), Some(freshness)) = (health.mutual, health.freshness) {
        _ = write!(text, ", mutual {mutual:.2}, freshness {freshness:.2}");
    }
    text.push('\n');
    if let Some(likelihood) = health.likelihood_30d {
        let surprise = health.silence_surprise.unwrap_or(1.0);
        _ = writeln!(text, "  likely to be in touch within 30 days: {:.0} %; silence surprise {surprise:.2}", 100.0 * likelihood);
    }
    if let Some(score) = health.score_if_met_today {
        _ = writeln!(text, "  if you met today: {score}");
    }
    for day in health.contributions.iter().take(CONTRIBUTIONS_SHOWN) {
        _ = writeln!(text, "  {} {:<10} age {:>3} d  adds {:.3}", day.date, day.kind, day.age_days, day.value);
    }
    if health.contributions.len() > CONTRIBUTIONS_SHOWN {
        _ = writeln!(text, "  ... and {} earlier active days", health.contributions.len() - CONTRIBUTIONS_SHOWN);
    }
    let kpis = &body.kpis;
    _ = writeln!(text, "\nFrom {} to {}", kpis.window_start, kpis.window_end);
    _ = writeln!(text, "Emails          {} sent, {} received", whole(kpis.emails_sent), kpis.emails_received);
    _ = writeln!(text, "Meetings        {} sent, {} received", whole(kpis.meetings_sent), kpis.meetings_received);
    _ = writeln!(text, "Phone calls     {} made, {} received", whole(kpis.phone_calls_made), kpis.phone_calls_received);
    let [ours, theirs] = [kpis.time_spent_by_us_min, kpis.time_spent_by_them_min]
        .map(|minutes| minutes.map_or_else(|| "-".to_owned(), |minutes| format!("{:.2} h", minutes / 60.0)));
    _ = writeln!(text, "Time spent      {ours} by us, {theirs} by them");
    _ = writeln!(text, "Response by us  {}", response_time(kpis.response_time_by_us_h.as_ref()));
    medians(&mut text, kpis.response_time_by_us_h.as_ref());
    _ = writeln!(text, "         them   {}", response_time(kpis.response_time_by_them_h.as_ref()));
    medians(&mut text, kpis.response_time_by_them_h.as_ref());
    let percent = |rate: Option<f64>| rate.map_or_else(|| "-".to_owned(), |rate| format!("{:.0} %", 100.0 * rate));
    _ = writeln!(
        text,
        "Response rate   {} by us, {} by them",
        percent(kpis.response_rate_by_us),
        percent(kpis.response_rate_by_them)
    );
    _ = writeln!(
        text,
        "Send/receive    {} by us, {} by them, sent share {}",
        number(kpis.send_receive_ratio_by_us, ""),
        number(kpis.send_receive_ratio_by_them, ""),
        percent(kpis.sent_share)
    );
    // In works council mode the past tells neither.
    let absent = |name: &str, word| if body.unavailable.get(name) == Some(&"not_permitted") { "not told" } else { word };
    let (last, next) = (absent("last_interaction", "none"), absent("next_interaction", "not scheduled"));
    _ = writeln!(text, "Last            {}", occurrence(kpis.last_interaction.as_ref(), last));
    _ = writeln!(text, "Next            {}", occurrence(kpis.next_interaction.as_ref(), next));
    contacted(&mut text, "Most contacted", &kpis.most_contacted);
    contacted(&mut text, "Most contacted by", &kpis.most_contacted_by);
    if !body.summary.is_empty() {
        text.push_str("\nSummary\n");
        for sentence in &body.summary {
            _ = writeln!(text, "  {sentence}");
        }
    }
    text
}

/// Who knows whom for people.
pub(crate) fn who_knows(body: &WhoKnowsBody) -> String {
    let mut text = format!("Who knows {}? As of {}, data: {}\n\n", body.target, body.as_of, body.data);
    if body.introducers.is_empty() {
        text.push_str("Nobody of us has been in touch within the last two years.\n");
    } else {
        let head = ["colleague", "strength", "grade", "activity", "directness", "mutuality", "30 days", "interactions", "last"];
        let mut rows = vec![head.map(str::to_owned).to_vec()];
        for one in &body.introducers {
            let part = |part: Option<f64>| part.map_or_else(|| "-".to_owned(), |part| format!("{part:.0}"));
            rows.push(vec![
                match (&one.name, &one.colleague) {
                    (Some(name), Some(colleague)) => format!("{name} <{colleague}>"),
                    _ => "a colleague, to be asked first".to_owned(),
                },
                whole(one.strength),
                one.grade.to_owned(),
                part(one.activity),
                part(one.directness),
                part(one.mutuality),
                one.likelihood_30d.map_or_else(|| "-".to_owned(), |likelihood| format!("{:.0} %", 100.0 * likelihood)),
                whole(one.interactions),
                one.last_at.as_deref().and_then(|at| at.get(..10)).unwrap_or("-").to_owned(),
            ]);
        }
        text.push_str(&table(&rows));
    }
    for path in &body.paths {
        _ = writeln!(
            text,
            "path: {} -> {} ({}) -> {} ({})",
            path.colleague.as_deref().unwrap_or("a colleague"),
            path.via,
            whole(path.strength_first),
            path.target,
            whole(path.strength_second)
        );
    }
    if !body.missing.is_empty() {
        let mut reasons: std::collections::BTreeMap<&str, usize> = std::collections::BTreeMap::new();
        for missing in &body.missing {
            *reasons.entry(missing.reason).or_default() += 1;
        }
        let reasons: Vec<String> = reasons.iter().map(|(reason, count)| format!("{count} {reason}")).collect();
        _ = writeln!(text, "\nNot introducers: {} (--json lists them)", reasons.join(", "));
    }
    text
}
