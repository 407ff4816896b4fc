//! Wire types: what the API answers with and the command line prints. Field names are pinned (08).

use std::collections::BTreeMap;

use rapport_domain::{Kind, Moment};
use rapport_insight::{
    Contribution, Language, Trend,
    introducers::Colleague,
    kpis::{ActivityRow, Contacted, Occurrence, ResponseDetail, ResponseTime},
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::{
    Tier, View,
    records::RecordInsights,
    ties::{Introducer, ToldPath, WhoKnowsAnswer},
    told::NOT_PERMITTED,
};

/// The insights of one record.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecordInsightsBody {
    /// `accounts`, `contacts`, `leads` or `opportunities`.
    pub table: &'static str,
    /// The CRM's id.
    pub id: String,
    /// Name or topic.
    pub name: String,
    /// The moment that every figure is as of.
    pub as_of: String,
    /// `basic` or `enhanced`: follows the viewer's licence.
    pub tier: &'static str,
    /// `crm` or `crm_and_mailbox`: which data the figures rest on.
    pub data: &'static str,
    /// KPIs of the window.
    pub kpis: KpisBody,
    /// Why a figure is null, by its name.
    pub unavailable: BTreeMap<&'static str, &'static str>,
    /// The last 60 local days, oldest first.
    pub activity_by_day: Vec<ActivityBody>,
    /// Weeks of the window, oldest first; `date` is the Monday.
    pub activity_by_week: Vec<ActivityBody>,
    /// Relationship health.
    pub health: HealthBody,
    /// Up to five plain sentences.
    pub summary: Vec<String>,
    /// Version of the settings that were used.
    pub settings_version: i64,
}

/// KPIs. Us = outgoing, them = incoming.
#[derive(Debug, Serialize, ToSchema)]
#[allow(missing_docs, reason = "the names are pinned and say what they are; docs/metrics explains each")]
pub struct KpisBody {
    pub emails_sent: Option<u32>,
    pub emails_received: u32,
    pub meetings_sent: Option<u32>,
    pub meetings_received: u32,
    pub phone_calls_made: Option<u32>,
    pub phone_calls_received: u32,
    pub time_spent_by_us_min: Option<f64>,
    pub time_spent_by_them_min: Option<f64>,
    pub replies_by_us: Option<u32>,
    pub replies_by_them: Option<u32>,
    pub response_time_by_us_h: Option<ResponseTimeBody>,
    pub response_time_by_them_h: Option<ResponseTimeBody>,
    pub response_rate_by_us: Option<f64>,
    pub response_rate_by_them: Option<f64>,
    pub send_receive_ratio_by_us: Option<f64>,
    pub send_receive_ratio_by_them: Option<f64>,
    pub sent_share: Option<f64>,
    pub colleagues: Option<u32>,
    pub people: Option<u32>,
    pub last_interaction: Option<OccurrenceBody>,
    pub next_interaction: Option<OccurrenceBody>,
    pub most_contacted: Vec<ContactedBody>,
    pub most_contacted_by: Vec<ContactedBody>,
    pub window_start: String,
    pub window_end: String,
}

/// Hours until an answer.
#[derive(Debug, Serialize, ToSchema)]
#[allow(missing_docs, reason = "pinned names")]
pub struct ResponseTimeBody {
    pub mean: Option<f64>,
    pub p50: Option<f64>,
    pub p90: Option<f64>,
    pub n: u32,
    pub unanswered: u32,
    /// Median with those that wait, after Kaplan and Meier; null where more than half still wait at the longest answer.
    pub km_p50: Option<f64>,
    /// In business hours; null where only figures of lists are told.
    pub business: Option<BusinessTimeBody>,
    /// Estimated from moments and people; null where headers tell which mail answers which, and where there is too little to tell from.
    pub estimated: Option<ResponseEstimateBody>,
}

/// Business hours until an answer.
#[derive(Debug, Serialize, ToSchema)]
#[allow(missing_docs, reason = "the names are those of plain hours")]
pub struct BusinessTimeBody {
    pub mean: Option<f64>,
    pub p50: Option<f64>,
    pub p90: Option<f64>,
    pub km_p50: Option<f64>,
}

/// Hours until an answer, as far as moments and people tell.
#[derive(Debug, Serialize, ToSchema)]
pub struct ResponseEstimateBody {
    /// Median less what chance makes; null where chance makes nearly all.
    pub p50: Option<f64>,
    /// Mails that came within 14 days after one of the other side.
    pub n: u32,
    /// Share of them that chance makes, 0 to 1.
    pub chance_share: f64,
    /// Median of what chance makes.
    pub placebo_p50: Option<f64>,
}

/// Last or next interaction.
#[derive(Debug, Serialize, ToSchema)]
#[allow(missing_docs, reason = "pinned names")]
pub struct OccurrenceBody {
    pub at: String,
    pub kind: &'static str,
    pub direction: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
}

/// An entry of a top-three; where numbers are not told, by name.
#[derive(Debug, Serialize, ToSchema)]
#[allow(missing_docs, reason = "pinned names")]
pub struct ContactedBody {
    pub name: String,
    pub email: Option<String>,
    pub interactions: Option<u32>,
    pub emails: Option<u32>,
    pub meetings: Option<u32>,
    pub phone_calls: Option<u32>,
    pub last_at: Option<String>,
}

/// Six series of one local day or week; those of our side are null where they are not told.
#[derive(Debug, Serialize, ToSchema)]
#[allow(missing_docs, reason = "pinned names")]
pub struct ActivityBody {
    pub date: String,
    pub emails_sent: Option<u32>,
    pub emails_received: u32,
    pub meetings_sent: Option<u32>,
    pub meetings_received: u32,
    pub phone_calls_made: Option<u32>,
    pub phone_calls_received: u32,
}

/// Health with its explanation.
#[derive(Debug, Serialize, ToSchema)]
#[allow(missing_docs, reason = "pinned names; docs/metrics/health.md explains each")]
pub struct HealthBody {
    pub state: &'static str,
    pub score: Option<u32>,
    pub trend: &'static str,
    pub model: &'static str,
    pub likelihood_30d: Option<f64>,
    pub silence_surprise: Option<f64>,
    pub memory: f64,
    pub expectation: f64,
    pub engagement: f64,
    pub mutual: Option<f64>,
    pub freshness: Option<f64>,
    pub rollup: bool,
    pub new_relationship: bool,
    pub score_if_met_today: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_score: Option<Option<u32>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_state: Option<&'static str>,
    /// The settings that the score was computed with.
    pub settings: HealthSettingsBody,
    /// One per active day, newest first; the values add up to `memory`.
    pub contributions: Vec<ContributionBody>,
}

/// The settings that a score was computed with.
#[derive(Debug, Serialize, ToSchema)]
#[allow(missing_docs, reason = "the names are those of the settings")]
pub struct HealthSettingsBody {
    pub frequency_days: u32,
    pub influence: InfluenceBody,
    pub grade_good: u32,
    pub grade_fair: u32,
}

/// Percent that each kind weighs more or less, -50 to 50.
#[derive(Debug, Serialize, ToSchema)]
#[allow(missing_docs, reason = "the names are those of kinds")]
pub struct InfluenceBody {
    pub email: i32,
    pub meeting: i32,
    pub phone_call: i32,
    pub task: i32,
}

/// What one active day adds.
#[derive(Debug, Serialize, ToSchema)]
#[allow(missing_docs, reason = "pinned names")]
pub struct ContributionBody {
    pub date: String,
    pub kind: &'static str,
    pub age_days: u32,
    pub weight: f64,
    pub value: f64,
}

/// Who knows whom.
#[derive(Debug, Serialize, ToSchema)]
pub struct WhoKnowsBody {
    /// The target as understood.
    pub target: String,
    /// Its name, as far as it is known.
    pub target_name: String,
    /// `person` or `company`.
    pub target_kind: &'static str,
    /// The moment that every figure is as of.
    pub as_of: String,
    /// `crm` (basic strength) or `crm_and_mailbox`.
    pub data: &'static str,
    /// By which model the figures are: `v1` or `v2`.
    pub model: &'static str,
    /// Strongest first.
    pub introducers: Vec<IntroducerBody>,
    /// Two-hop paths, if asked for; empty = no path.
    pub paths: Vec<PathBody>,
    /// Colleagues who are no introducers, and why: for the privacy administrator.
    pub missing: Vec<MissingBody>,
    /// How many, by reason: for administrators. Fewer than five who opted out, are in an excluded group or keep somebody private are
    /// together `not_available`.
    pub missing_counts: Vec<MissingCountBody>,
}

/// Colleagues who are no introducers for one reason.
#[derive(Debug, Serialize, ToSchema)]
#[allow(missing_docs, reason = "as above")]
pub struct MissingCountBody {
    pub reason: &'static str,
    pub colleagues: usize,
}

/// A colleague who can introduce.
#[derive(Debug, Serialize, ToSchema)]
#[allow(missing_docs, reason = "pinned names; docs/metrics/ties.md explains each")]
pub struct IntroducerBody {
    /// Null until they accept, where they are asked first.
    pub colleague: Option<String>,
    /// Null until they accept, where they are asked first.
    pub name: Option<String>,
    pub title: Option<String>,
    pub strength: Option<u32>,
    pub grade: &'static str,
    pub activity: Option<f64>,
    pub directness: Option<f64>,
    pub mutuality: Option<f64>,
    pub likelihood_30d: Option<f64>,
    pub interactions: Option<u32>,
    pub emails: Option<u32>,
    pub meetings: Option<u32>,
    pub phone_calls: Option<u32>,
    pub initiated_by_us: Option<u32>,
    pub initiated_by_them: Option<u32>,
    pub active_days: Option<u32>,
    pub first_at: Option<String>,
    pub last_at: Option<String>,
    pub contributions: Vec<ContributionBody>,
    /// Whether others are told of them only once they accept: then the grade is all that is told.
    pub asks_first: bool,
    /// By what to ask them, whoever they are; only where they are asked first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub handle: Option<String>,
}

/// A way over one external person.
#[derive(Debug, Serialize, ToSchema)]
#[allow(missing_docs, reason = "pinned names")]
pub struct PathBody {
    pub colleague: Option<String>,
    pub colleague_name: Option<String>,
    pub via: String,
    pub via_name: String,
    pub target: String,
    pub strength_first: Option<u32>,
    pub strength_second: Option<u32>,
}

/// A colleague who is no introducer.
#[derive(Debug, Serialize, ToSchema)]
#[allow(missing_docs, reason = "pinned names")]
pub struct MissingBody {
    pub colleague: String,
    pub name: String,
    pub reason: &'static str,
}

impl RecordInsightsBody {
    /// The body of a record's insights.
    pub fn new(insights: &RecordInsights, view: &View, language: Language) -> Self {
        let record = view.record(&insights.reference);
        Self {
            table: insights.reference.table.as_str(),
            id: insights.reference.id.clone(),
            name: record.map_or_else(|| discovered_name(view, &insights.reference.id), |record| record.name().to_owned()),
            as_of: insights.as_of.to_rfc3339(),
            tier: view.tier.as_str(),
            data: view.data.as_str(),
            kpis: kpis(insights, view),
            unavailable: unavailable(insights, view),
            activity_by_day: series(&insights.kpis.activity_by_day, !insights.withheld.has("activity_by_day")),
            activity_by_week: series(&insights.kpis.activity_by_week, !insights.withheld.has("activity_by_week")),
            health: health(insights, view),
            settings_version: view.versions.1,
            summary: insights.summary.iter().map(|sentence| sentence.render(language)).collect(),
        }
    }
}

/// The name of somebody who is no record: known from mail alone.
fn discovered_name(view: &View, key: &str) -> String {
    let person = view.address_id(key).map(|id| view.directory.address(id).person);
    person.map_or_else(|| key.to_owned(), |person| view.directory.person_name(person).to_owned())
}

/// Why a figure is null: not known, or not told.
fn unavailable(insights: &RecordInsights, view: &View) -> BTreeMap<&'static str, &'static str> {
    let unknown = insights.kpis.unavailable.iter().map(|(name, reason)| (*name, reason.as_str()));
    let untold = insights.withheld.names().chain((view.tier == Tier::Basic).then_some("health"));
    unknown.chain(untold.map(|name| (name, NOT_PERMITTED))).collect()
}

/// KPIs on the wire.
fn kpis(insights: &RecordInsights, view: &View) -> KpisBody {
    let RecordInsights { kpis, withheld, subjects, .. } = insights;
    let occurrence = |occurrence: Occurrence| OccurrenceBody {
        at: occurrence.at.to_rfc3339(),
        kind: occurrence.kind.as_str(),
        direction: occurrence.direction.as_str(),
        subject: subjects.get(&occurrence.interaction).cloned(),
    };
    let is_told = |name: &str| !withheld.has(name);
    let count = |name: &str, value: u32| is_told(name).then_some(value);
    let number = |name: &str, value: Option<f64>| value.filter(|_| is_told(name));
    // An estimate rests on emails whose senders nobody counts.
    let time = |name: &str, time: Option<ResponseTime>, detail: Option<&ResponseDetail>| {
        time.filter(|_| is_told(name)).map(|time| response_time(time, detail, is_told("response_time_estimated")))
    };
    KpisBody {
        emails_sent: count("emails_sent", kpis.counts.emails_sent),
        emails_received: kpis.counts.emails_received,
        meetings_sent: count("meetings_sent", kpis.counts.meetings_sent),
        meetings_received: kpis.counts.meetings_received,
        phone_calls_made: count("phone_calls_made", kpis.counts.phone_calls_made),
        phone_calls_received: kpis.counts.phone_calls_received,
        time_spent_by_us_min: number("time_spent_by_us_min", Some(kpis.time_spent_by_us_min)),
        time_spent_by_them_min: number("time_spent_by_them_min", Some(kpis.time_spent_by_them_min)),
        replies_by_us: count("replies_by_us", kpis.replies_by_us),
        replies_by_them: count("replies_by_them", kpis.replies_by_them),
        response_time_by_us_h: time("response_time_by_us_h", kpis.response_time_by_us, kpis.response_detail_by_us.as_ref()),
        response_time_by_them_h: time(
            "response_time_by_them_h",
            kpis.response_time_by_them,
            kpis.response_detail_by_them.as_ref(),
        ),
        response_rate_by_us: number("response_rate_by_us", kpis.response_rate_by_us),
        response_rate_by_them: number("response_rate_by_them", kpis.response_rate_by_them),
        send_receive_ratio_by_us: number("send_receive_ratio_by_us", kpis.send_receive_ratio_by_us),
        send_receive_ratio_by_them: number("send_receive_ratio_by_them", kpis.send_receive_ratio_by_them),
        sent_share: number("sent_share", kpis.sent_share),
        colleagues: count("colleagues", kpis.colleagues),
        people: count("people", kpis.people),
        last_interaction: kpis.last_interaction.map(occurrence),
        next_interaction: kpis.next_interaction.map(occurrence),
        most_contacted: top_three(&kpis.most_contacted, is_told("most_contacted"), |person| {
            (view.directory.person_name(person).to_owned(), view.directory.person(person).email().map(str::to_owned))
        }),
        most_contacted_by: top_three(&kpis.most_contacted_by, is_told("most_contacted_by"), |user| {
            let user = view.directory.user(user);
            (user.name.clone(), Some(user.email.clone()))
        }),
        window_start: kpis.window.start.to_rfc3339(),
        window_end: kpis.window.end.to_rfc3339(),
    }
}

fn response_time(time: ResponseTime, detail: Option<&ResponseDetail>, is_estimate_told: bool) -> ResponseTimeBody {
    let estimated = detail.and_then(|detail| detail.estimated).filter(|_| is_estimate_told);
    ResponseTimeBody {
        mean: time.mean_h,
        p50: time.p50_h,
        p90: time.p90_h,
        n: time.n,
        unanswered: time.unanswered,
        km_p50: detail.and_then(|detail| detail.km_p50_h),
        business: detail.map(|ResponseDetail { business, .. }| BusinessTimeBody {
            mean: business.mean_h,
            p50: business.p50_h,
            p90: business.p90_h,
            km_p50: business.km_p50_h,
        }),
        estimated: estimated.map(|estimate| ResponseEstimateBody {
            p50: estimate.p50_h,
            n: estimate.n,
            chance_share: estimate.chance_share,
            placebo_p50: estimate.placebo_p50_h,
        }),
    }
}

/// A top-three; without its numbers it is in the order of names, which tells nothing.
fn top_three<Id: Copy>(
    entries: &[Contacted<Id>],
    is_told: bool,
    named: impl Fn(Id) -> (String, Option<String>),
) -> Vec<ContactedBody> {
    let body = |entry: &Contacted<Id>| {
        let (name, email) = named(entry.who);
        ContactedBody {
            name,
            email,
            interactions: is_told.then_some(entry.interactions),
            emails: is_told.then_some(entry.emails),
            meetings: is_told.then_some(entry.meetings),
            phone_calls: is_told.then_some(entry.phone_calls),
            last_at: is_told.then(|| entry.last_at.to_rfc3339()),
        }
    };
    let mut bodies: Vec<ContactedBody> = entries.iter().map(body).collect();
    if !is_told {
        bodies.sort_by(|a, b| (a.name.to_lowercase(), &a.email).cmp(&(b.name.to_lowercase(), &b.email)));
    }
    bodies
}

fn series(rows: &[ActivityRow], is_told: bool) -> Vec<ActivityBody> {
    rows.iter().map(|row| activity(row, is_told)).collect()
}

fn activity(row: &ActivityRow, is_told: bool) -> ActivityBody {
    ActivityBody {
        date: row.day.to_iso(),
        emails_sent: is_told.then_some(row.series.emails_sent),
        emails_received: row.series.emails_received,
        meetings_sent: is_told.then_some(row.series.meetings_sent),
        meetings_received: row.series.meetings_received,
        phone_calls_made: is_told.then_some(row.series.phone_calls_made),
        phone_calls_received: row.series.phone_calls_received,
    }
}

/// Health on the wire; what is not told is as if nothing were known.
fn health(insights: &RecordInsights, view: &View) -> HealthBody {
    let RecordInsights { health, withheld, .. } = insights;
    let figures = &health.figures;
    let is_told = view.tier == Tier::Enhanced;
    let set = &view.settings;
    // A multiplier of 0.5 to 1.5 was set as -50 to 50 percent.
    let percent = |kind: Kind| ((set.influence_of(kind) - 1.0) * 100.0).round() as i32;
    let settings = HealthSettingsBody {
        frequency_days: set.frequency_days,
        influence: InfluenceBody {
            email: percent(Kind::Email),
            meeting: percent(Kind::Meeting),
            phone_call: percent(Kind::PhoneCall),
            task: percent(Kind::Task),
        },
        grade_good: set.good_min,
        grade_fair: set.fair_min,
    };
    HealthBody {
        settings,
        state: if is_told { figures.state.as_str() } else { NOT_PERMITTED },
        score: figures.score.filter(|_| is_told),
        trend: if is_told { figures.trend } else { Trend::NotEnoughInfo }.as_str(),
        model: view.settings.model.as_str(),
        likelihood_30d: figures.likelihood_30d.filter(|_| is_told),
        silence_surprise: figures.silence_surprise.filter(|_| is_told),
        memory: if is_told { figures.memory } else { 0.0 },
        expectation: if is_told { figures.expectation } else { 0.0 },
        engagement: if is_told { figures.engagement } else { 0.0 },
        mutual: figures.mutual.filter(|_| is_told),
        freshness: figures.freshness.filter(|_| is_told),
        rollup: figures.rollup,
        new_relationship: is_told && figures.new_relationship,
        score_if_met_today: health.score_if_met_today.filter(|_| is_told),
        last_score: figures.last.filter(|_| is_told).map(|last| last.score),
        last_state: figures.last.filter(|_| is_told).map(|last| last.state.as_str()),
        contributions: if is_told && !withheld.has("contributions") {
            health.contributions.iter().map(contribution).collect()
        } else {
            Vec::new()
        },
    }
}

fn contribution(contribution: &Contribution) -> ContributionBody {
    ContributionBody {
        date: contribution.day.to_iso(),
        kind: contribution.kind.as_str(),
        age_days: contribution.age_days,
        weight: contribution.weight,
        value: contribution.value,
    }
}

impl WhoKnowsBody {
    /// The body of a who-knows-whom answer.
    pub fn new(answer: &WhoKnowsAnswer) -> Self {
        let view = &answer.view;
        let colleague = |colleague: &Colleague| match colleague {
            Colleague::User(user) => view.directory.user(*user).email.clone(),
            Colleague::Address(address) => view.directory.address(*address).key.to_string(),
        };
        let name = |colleague: &Colleague| match colleague {
            Colleague::User(user) => view.directory.user(*user).name.clone(),
            Colleague::Address(address) => {
                let entry = view.directory.address(*address);
                entry.name.as_deref().unwrap_or(&entry.key).to_owned()
            }
        };
        Self {
            target: answer.target.clone(),
            target_name: answer.target_name.clone(),
            target_kind: if answer.is_company { "company" } else { "person" },
            as_of: answer.as_of.to_rfc3339(),
            data: view.data.as_str(),
            model: view.settings.model.as_str(),
            introducers: answer.introducers.iter().map(|introducer| body(introducer, view)).collect(),
            paths: answer
                .paths
                .iter()
                .map(|ToldPath { path, is_named, has_strength }| PathBody {
                    colleague: is_named.then(|| view.directory.user(path.user).email.clone()),
                    colleague_name: is_named.then(|| view.directory.user(path.user).name.clone()),
                    via_name: view.directory.person_name(path.via).to_owned(),
                    via: view.directory.person(path.via).key.to_string(),
                    target: answer.target.clone(),
                    strength_first: is_named.then_some(path.strength_first),
                    strength_second: has_strength.then_some(path.strength_second),
                })
                .collect(),
            missing: answer
                .missing
                .iter()
                .map(|missing| MissingBody {
                    colleague: colleague(&missing.colleague),
                    name: name(&missing.colleague),
                    reason: missing.reason.as_str(),
                })
                .collect(),
            missing_counts: answer
                .missing_counts
                .iter()
                .map(|(reason, colleagues)| MissingCountBody { reason, colleagues: *colleagues })
                .collect(),
        }
    }
}

fn body(introducer: &Introducer, view: &View) -> IntroducerBody {
    let Introducer { tie, is_named, has_figures, asks_first, handle } = introducer;
    let user = view.directory.user(tie.user);
    let figures = &tie.figures;
    let at = |moment: Moment| has_figures.then(|| moment.to_rfc3339());
    IntroducerBody {
        colleague: is_named.then(|| user.email.clone()),
        name: is_named.then(|| user.name.clone()),
        title: user.title.clone().filter(|_| *is_named),
        strength: has_figures.then_some(figures.strength.into()),
        grade: figures.grade.as_str(),
        activity: has_figures.then_some(figures.activity),
        directness: has_figures.then_some(figures.directness),
        mutuality: has_figures.then_some(figures.mutuality),
        likelihood_30d: has_figures.then_some(figures.likelihood_30d),
        interactions: has_figures.then_some(figures.interactions()),
        emails: has_figures.then_some(figures.emails),
        meetings: has_figures.then_some(figures.meetings),
        phone_calls: has_figures.then_some(figures.phone_calls),
        initiated_by_us: has_figures.then_some(figures.initiated_by_us),
        initiated_by_them: has_figures.then_some(figures.initiated_by_them),
        active_days: has_figures.then_some(figures.active_days.into()),
        first_at: at(figures.first_at),
        last_at: at(figures.last_at),
        contributions: if *has_figures { tie.contributions.iter().map(contribution).collect() } else { Vec::new() },
        asks_first: *asks_first,
        handle: asks_first.then(|| handle.clone()),
    }
}
