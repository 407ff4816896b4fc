//! The KPIs of a record (02 §3).

use super::Data;
use super::business::business_us;
use super::conversations::conversations;
use super::local::{HOUR_US, Local, date_of_day, rfc3339};
use super::read::{Facts, Interaction, Kind};
use super::records::Record;
use jiff::civil::Date;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// An answer counts for the response rate within this time.
const ANSWER_WITHIN_US: i64 = 168 * HOUR_US;
/// `activity_by_day` covers ages 0..=59.
const DAYS_SHOWN: i64 = 60;
/// An email costs the sender's side 5 minutes, the other side half of it.
const EMAIL_SENDER_S: i64 = 300;
const EMAIL_OTHER_S: i64 = 150;

/// `kpis`, `unavailable`, `activity_by_day`, `activity_by_week` of the pinned JSON.
pub(super) fn insights(facts: &Facts<'_>, record: &Record, local: &Local, as_of: i64, data: Data) -> Value {
    let ever = record.interactions(facts, as_of);
    let window_start = window_start(local, as_of);
    let window: Vec<&Interaction> = ever.iter().copied().filter(|i| i.moment >= window_start).collect();
    let mut kpis = Map::new();
    counts_and_time(facts, &window, &mut kpis);
    let mut unavailable = Map::new();
    answers(facts, (&ever, &window), (local, as_of), data, &mut kpis, &mut unavailable);
    ratios(&mut kpis, &mut unavailable);
    let everybody: BTreeSet<String> = window.iter().flat_map(|i| i.participants()).collect();
    kpis.insert("colleagues".into(), json!(facts.users(&everybody).len()));
    kpis.insert("people".into(), json!(facts.persons(&everybody).len()));
    kpis.insert("last_interaction".into(), ever.last().map_or(Value::Null, |last| moment_json(facts, last)));
    let coming = facts.interactions.iter().filter(|i| i.moment > as_of && i.is_scheduled(as_of) && record.owns(facts, i));
    let next = coming.min_by_key(|i| (i.moment, i.identity.clone()));
    kpis.insert("next_interaction".into(), next.map_or(Value::Null, |next| moment_json(facts, next)));
    kpis.insert("most_contacted".into(), most_contacted(facts, &window));
    kpis.insert("most_contacted_by".into(), most_contacted_by(facts, &window));
    json!({
        "kpis": kpis,
        "unavailable": unavailable,
        "activity_by_day": by_day(facts, &ever, local, as_of),
        "activity_by_week": by_week(facts, &window, local, as_of),
    })
}

/// 1 January 00:00 of the year before.
pub(super) fn window_start(local: &Local, as_of: i64) -> i64 {
    local.midnight(Date::constant(local.date(as_of).year() - 1, 1, 1))
}

fn counts_and_time(facts: &Facts<'_>, window: &[&Interaction], kpis: &mut Map<String, Value>) {
    let count = |kind: Kind, outgoing: bool| window.iter().filter(|i| i.kind == kind && facts.is_outgoing(i) == outgoing).count();
    for (name, kind, outgoing) in [
        ("emails_sent", Kind::Email, true),
        ("emails_received", Kind::Email, false),
        ("meetings_sent", Kind::Meeting, true),
        ("meetings_received", Kind::Meeting, false),
        ("phone_calls_made", Kind::PhoneCall, true),
        ("phone_calls_received", Kind::PhoneCall, false),
    ] {
        kpis.insert(name.into(), json!(count(kind, outgoing)));
    }
    let (mut by_us_s, mut by_them_s) = (0_i64, 0_i64);
    for interaction in window {
        let (us, them) = time_spent_s(facts, interaction);
        by_us_s += us;
        by_them_s += them;
    }
    kpis.insert("time_spent_by_us_min".into(), json!(by_us_s as f64 / 60.0));
    kpis.insert("time_spent_by_them_min".into(), json!(by_them_s as f64 / 60.0));
}

fn time_spent_s(facts: &Facts<'_>, interaction: &Interaction) -> (i64, i64) {
    match interaction.kind {
        Kind::Email if facts.is_outgoing(interaction) => (EMAIL_SENDER_S, EMAIL_OTHER_S),
        Kind::Email => (EMAIL_OTHER_S, EMAIL_SENDER_S),
        Kind::Meeting => {
            let present = interaction.participants();
            let ours = facts.ours(&present);
            let users = facts.users(&ours).len();
            let without_user = ours.iter().filter(|key| facts.people.user_of(key).is_none()).count();
            let theirs = i64::from(!facts.theirs(&present).is_empty());
            (interaction.duration_s * (users + without_user) as i64, interaction.duration_s * theirs)
        }
        Kind::PhoneCall | Kind::Task => (interaction.duration_s, interaction.duration_s),
    }
}

/// One maximal run of messages of one side.
struct Turn {
    ours: bool,
    first: i64,
}

/// Turns, replies, response times and rates, for both sides.
fn answers(
    facts: &Facts<'_>,
    (ever, window): (&[&Interaction], &[&Interaction]),
    (local, as_of): (&Local, i64),
    data: Data,
    kpis: &mut Map<String, Value>,
    unavailable: &mut Map<String, Value>,
) {
    let all = turns(facts, ever, window);
    for (side, by_us) in [("us", true), ("them", false)] {
        let mut answered: Vec<(i64, i64)> = Vec::new();
        let mut waiting: Vec<(i64, i64)> = Vec::new();
        for turns in &all {
            for (at, turn) in turns.iter().enumerate().filter(|(_, turn)| turn.ours != by_us) {
                match turns.get(at + 1) {
                    Some(reply) => answered.push((turn.first, reply.first)),
                    None => waiting.push((turn.first, as_of)),
                }
            }
        }
        let plain = |spans: &[(i64, i64)]| spans.iter().map(|(from, to)| to - from).collect::<Vec<i64>>();
        let (answered_us, waiting_us) = (plain(&answered), plain(&waiting));
        kpis.insert(format!("replies_by_{side}"), json!(answered_us.len()));
        let in_time = answered_us.iter().filter(|time| **time <= ANSWER_WITHIN_US).count();
        let judged = answered_us.len() + waiting_us.iter().filter(|age| **age >= ANSWER_WITHIN_US).count();
        let rate = (judged > 0).then(|| in_time as f64 / judged as f64);
        set(&format!("response_rate_by_{side}"), rate.map(|rate| json!(rate)), "not_enough_data", kpis, unavailable);
        let (time, reason) = if data == Data::Crm {
            (None, "no_mailbox_data")
        } else if answered_us.is_empty() && waiting_us.is_empty() {
            (None, "not_enough_data")
        } else {
            let business =
                |spans: &[(i64, i64)]| spans.iter().map(|(from, to)| business_us(local, *from, *to)).collect::<Vec<i64>>();
            let mut time = response_time(&answered_us, &waiting_us);
            let mut in_business = response_time(&business(&answered), &business(&waiting));
            // Numbers of turns are the same by every clock.
            in_business.as_object_mut().expect("a map").retain(|name, _| !matches!(name.as_str(), "n" | "unanswered"));
            time["business"] = in_business;
            (Some(time), "")
        };
        set(&format!("response_time_by_{side}_h"), time, reason, kpis, unavailable);
    }
}

/// The turns of each conversation, from the record's emails in the window.
fn turns(facts: &Facts<'_>, ever: &[&Interaction], window: &[&Interaction]) -> Vec<Vec<Turn>> {
    let names = conversations(&facts.interactions, ever);
    let mut all: BTreeMap<&String, Vec<Turn>> = BTreeMap::new();
    for email in window.iter().filter(|i| i.kind == Kind::Email) {
        let turns = all.entry(&names[&email.identity]).or_default();
        let ours = facts.is_outgoing(email);
        if turns.last().is_none_or(|turn| turn.ours != ours) {
            turns.push(Turn { ours, first: email.moment });
        }
    }
    all.into_values().collect()
}

fn response_time(answered_us: &[i64], waiting_us: &[i64]) -> Value {
    let mut hours: Vec<f64> = answered_us.iter().map(|time| *time as f64 / HOUR_US as f64).collect();
    hours.sort_by(f64::total_cmp);
    let mean = (!hours.is_empty()).then(|| hours.iter().sum::<f64>() / hours.len() as f64);
    json!({
        "mean": mean,
        "p50": percentile(&hours, 0.5),
        "p90": percentile(&hours, 0.9),
        "n": hours.len(),
        "unanswered": waiting_us.len(),
        "km_p50": kaplan_meier_median(answered_us, waiting_us).map(|us| us as f64 / HOUR_US as f64),
    })
}

/// The first answer at which the product of the shares that were not answered is below a half; if it is exactly a half, the middle of it and
/// the next answer, or else the longest wait seen. Of equal times the answer comes first.
fn kaplan_meier_median(answered_us: &[i64], waiting_us: &[i64]) -> Option<i64> {
    let times: BTreeSet<i64> = answered_us.iter().copied().collect();
    let still_waiting = |time: i64| {
        let shares = times.iter().filter(|event| **event <= time).map(|event| {
            let at_risk = answered_us.iter().chain(waiting_us).filter(|other| *other >= event).count();
            let answered = answered_us.iter().filter(|other| *other == event).count();
            (at_risk - answered) as f64 / at_risk as f64
        });
        shares.product::<f64>()
    };
    let time = times.iter().copied().find(|time| still_waiting(*time) <= 0.5 + 1e-9)?;
    let longest = waiting_us.iter().copied().filter(|waiting| *waiting > time).max();
    let next = times.iter().copied().find(|next| *next > time).or(longest).unwrap_or(time);
    Some(if still_waiting(time) < 0.5 - 1e-9 { time } else { time + (next - time) / 2 })
}

/// Linear between closest ranks, rank (n - 1) q.
pub(super) fn percentile(sorted: &[f64], q: f64) -> Option<f64> {
    let rank = (sorted.len().checked_sub(1)?) as f64 * q;
    let below = sorted[rank.floor() as usize];
    let above = sorted[rank.ceil() as usize];
    Some(below + (above - below) * (rank - rank.floor()))
}

fn ratios(kpis: &mut Map<String, Value>, unavailable: &mut Map<String, Value>) {
    let sent = kpis["emails_sent"].as_f64().unwrap_or(0.0);
    let received = kpis["emails_received"].as_f64().unwrap_or(0.0);
    let ratio = |a: f64, b: f64| (b > 0.0).then(|| json!(a / b));
    set("send_receive_ratio_by_us", ratio(sent, received), "not_enough_data", kpis, unavailable);
    set("send_receive_ratio_by_them", ratio(received, sent), "not_enough_data", kpis, unavailable);
    set("sent_share", ratio(sent, sent + received), "not_enough_data", kpis, unavailable);
}

fn set(name: &str, value: Option<Value>, reason: &str, kpis: &mut Map<String, Value>, unavailable: &mut Map<String, Value>) {
    if value.is_none() {
        unavailable.insert(name.to_owned(), json!(reason));
    }
    kpis.insert(name.to_owned(), value.unwrap_or(Value::Null));
}

fn moment_json(facts: &Facts<'_>, interaction: &Interaction) -> Value {
    let direction = if facts.is_outgoing(interaction) { "outgoing" } else { "incoming" };
    json!({"at": rfc3339(interaction.moment), "kind": interaction.kind.as_str(), "direction": direction})
}

/// What a top three says about one of its people.
struct Share {
    name: String,
    email: String,
    interactions: Vec<(Kind, i64)>,
}

fn most_contacted(facts: &Facts<'_>, window: &[&Interaction]) -> Value {
    let mut shares = Vec::new();
    let everybody: BTreeSet<String> = window.iter().flat_map(|i| i.participants()).collect();
    for person in facts.persons(&everybody) {
        let with = window.iter().filter(|i| facts.persons(&i.participants()).contains(&person));
        shares.push(Share {
            name: facts.name_of_person(&person),
            email: facts.people.first_address(&person),
            interactions: with.map(|i| (i.kind, i.moment)).collect(),
        });
    }
    top_three(shares)
}

fn most_contacted_by(facts: &Facts<'_>, window: &[&Interaction]) -> Value {
    let mut shares = Vec::new();
    for user in 0..facts.world.users.len() {
        let with: Vec<(Kind, i64)> =
            window.iter().filter(|i| facts.users(&i.participants()).contains(&user)).map(|i| (i.kind, i.moment)).collect();
        if !with.is_empty() {
            let email = super::read::normalize(&facts.world.users[user].email);
            shares.push(Share { name: facts.name_of_user(user), email, interactions: with });
        }
    }
    top_three(shares)
}

/// By number of interactions, then the more recent, then by address.
fn top_three(mut shares: Vec<Share>) -> Value {
    let last = |share: &Share| share.interactions.iter().map(|(_, moment)| *moment).max();
    shares.sort_by(|a, b| {
        let by_number = b.interactions.len().cmp(&a.interactions.len());
        by_number.then(last(b).cmp(&last(a))).then(a.email.cmp(&b.email))
    });
    let count = |share: &Share, kind: Kind| share.interactions.iter().filter(|(other, _)| *other == kind).count();
    let rows = shares.iter().take(3).map(|share| {
        json!({
            "name": share.name,
            "email": Some(&share.email).filter(|key| key.contains('@')),
            "interactions": share.interactions.len(),
            "emails": count(share, Kind::Email),
            "meetings": count(share, Kind::Meeting),
            "phone_calls": count(share, Kind::PhoneCall),
            "last_at": last(share).map(rfc3339),
        })
    });
    Value::Array(rows.collect())
}

/// The six series over days `from..=to`.
fn series(facts: &Facts<'_>, interactions: &[&Interaction], local: &Local, from: i64, to: i64) -> Value {
    let count = |kind: Kind, outgoing: bool| {
        let in_days = |i: &&&Interaction| (from..=to).contains(&local.day(i.moment));
        interactions.iter().filter(in_days).filter(|i| i.kind == kind && facts.is_outgoing(i) == outgoing).count()
    };
    json!({
        "date": date_of_day(from).to_string(),
        "emails_sent": count(Kind::Email, true),
        "emails_received": count(Kind::Email, false),
        "meetings_sent": count(Kind::Meeting, true),
        "meetings_received": count(Kind::Meeting, false),
        "phone_calls_made": count(Kind::PhoneCall, true),
        "phone_calls_received": count(Kind::PhoneCall, false),
    })
}

fn by_day(facts: &Facts<'_>, ever: &[&Interaction], local: &Local, as_of: i64) -> Value {
    let today = local.day(as_of);
    Value::Array((today - DAYS_SHOWN + 1..=today).map(|day| series(facts, ever, local, day, day)).collect())
}

/// From the week of the first interaction in the window (which begins no earlier than the window's) to that of `as_of`.
fn by_week(facts: &Facts<'_>, window: &[&Interaction], local: &Local, as_of: i64) -> Value {
    let Some(first) = window.iter().map(|i| local.day(i.moment)).min() else {
        return json!([]);
    };
    let mut weeks = Vec::new();
    let mut week = monday(first);
    while week <= local.day(as_of) {
        weeks.push(series(facts, window, local, week, week + 6));
        week += 7;
    }
    Value::Array(weeks)
}

/// The Monday of a day's week; day 0, 1970-01-01, was a Thursday.
pub(super) fn monday(day: i64) -> i64 {
    day - (day + 3).rem_euclid(7)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_linear_between_closest_ranks() {
        assert_eq!(percentile(&[], 0.5), None);
        assert_eq!(percentile(&[4.0], 0.9), Some(4.0));
        assert_eq!(percentile(&[1.0, 2.0, 4.0, 8.0], 0.5), Some(3.0));
        let p90 = percentile(&[0.0, 10.0, 20.0], 0.9).expect("three values");
        assert!((p90 - 18.0).abs() < 1e-12, "{p90}");
    }

    #[test]
    fn weeks_start_on_monday() {
        for day in -30..30 {
            let date = date_of_day(monday(day));
            assert_eq!(date.weekday(), jiff::civil::Weekday::Monday);
            assert!((0..7).contains(&(day - monday(day))));
        }
    }

    #[test]
    fn the_window_starts_with_the_year_before_in_local_time() {
        let local = Local::new("Asia/Kolkata");
        // 2024-12-31T19:00:00Z is 2025 in India.
        let as_of = super::super::local::moment("2024-12-31T19:00:00Z").expect("valid");
        assert_eq!(rfc3339(window_start(&local, as_of)), "2023-12-31T18:30:00Z");
    }
}
