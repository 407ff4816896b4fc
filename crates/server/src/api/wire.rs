//! Wire types: what the API answers with and the command line prints. Field names are pinned (08).

use std::collections::BTreeMap;

use rapport_domain::{Kind, Moment, PersonId, UserId};
use rapport_insight::{
    Contribution, Health, Kpis, Language, Tie,
    introducers::Colleague,
    kpis::{ActivityRow, Contacted, Occurrence, ResponseTime},
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::{View, records::RecordInsights, ties::WhoKnowsAnswer};

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
    pub emails_sent: u32,
    pub emails_received: u32,
    pub meetings_sent: u32,
    pub meetings_received: u32,
    pub phone_calls_made: u32,
    pub phone_calls_received: u32,
    pub time_spent_by_us_min: f64,
    pub time_spent_by_them_min: f64,
    pub replies_by_us: u32,
    pub replies_by_them: u32,
    pub response_time_by_us_h: Option<ResponseTimeBody>,
    pub response_time_by_them_h: Option<ResponseTimeBody>,
    pub response_rate_by_us: Option<f64>,
    pub response_rate_by_them: Option<f64>,
    pub send_receive_ratio_by_us: Option<f64>,
    pub send_receive_ratio_by_them: Option<f64>,
    pub sent_share: Option<f64>,
    pub colleagues: u32,
    pub people: u32,
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

/// An entry of a top-three.
#[derive(Debug, Serialize, ToSchema)]
#[allow(missing_docs, reason = "pinned names")]
pub struct ContactedBody {
    pub name: String,
    pub email: Option<String>,
    pub interactions: u32,
    pub emails: u32,
    pub meetings: u32,
    pub phone_calls: u32,
    pub last_at: String,
}

/// Six series of one local day or week.
#[derive(Debug, Serialize, ToSchema)]
#[allow(missing_docs, reason = "pinned names")]
pub struct ActivityBody {
    pub date: String,
    pub emails_sent: u32,
    pub emails_received: u32,
    pub meetings_sent: u32,
    pub meetings_received: u32,
    pub phone_calls_made: u32,
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
    /// Strongest first.
    pub introducers: Vec<IntroducerBody>,
    /// Two-hop paths, if asked for; empty = no path.
    pub paths: Vec<PathBody>,
    /// Colleagues who are no introducers, and why.
    pub missing: Vec<MissingBody>,
}

/// A colleague who can introduce.
#[derive(Debug, Serialize, ToSchema)]
#[allow(missing_docs, reason = "pinned names; docs/metrics/ties.md explains each")]
pub struct IntroducerBody {
    pub colleague: String,
    pub name: String,
    pub title: Option<String>,
    pub strength: u32,
    pub grade: &'static str,
    pub activity: f64,
    pub directness: f64,
    pub mutuality: f64,
    pub likelihood_30d: f64,
    pub interactions: u32,
    pub emails: u32,
    pub meetings: u32,
    pub phone_calls: u32,
    pub initiated_by_us: u32,
    pub initiated_by_them: u32,
    pub active_days: u32,
    pub first_at: String,
    pub last_at: String,
    pub contributions: Vec<ContributionBody>,
}

/// A way over one external person.
#[derive(Debug, Serialize, ToSchema)]
#[allow(missing_docs, reason = "pinned names")]
pub struct PathBody {
    pub colleague: String,
    pub colleague_name: String,
    pub via: String,
    pub via_name: String,
    pub target: String,
    pub strength_first: u32,
    pub strength_second: u32,
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
            // Until licences exist everybody is premium (06).
            tier: "enhanced",
            data: view.data.as_str(),
            kpis: kpis(&insights.kpis, view, &insights.subjects),
            unavailable: insights.kpis.unavailable.iter().map(|(name, reason)| (*name, reason.as_str())).collect(),
            activity_by_day: insights.kpis.activity_by_day.iter().map(activity).collect(),
            activity_by_week: insights.kpis.activity_by_week.iter().map(activity).collect(),
            health: health(&insights.health, view),
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

/// KPIs on the wire.
pub fn kpis(kpis: &Kpis, view: &View, subjects: &BTreeMap<u64, String>) -> KpisBody {
    let occurrence = |occurrence: Occurrence| OccurrenceBody {
        at: occurrence.at.to_rfc3339(),
        kind: occurrence.kind.as_str(),
        direction: occurrence.direction.as_str(),
        subject: subjects.get(&occurrence.interaction).cloned(),
    };
    KpisBody {
        emails_sent: kpis.counts.emails_sent,
        emails_received: kpis.counts.emails_received,
        meetings_sent: kpis.counts.meetings_sent,
        meetings_received: kpis.counts.meetings_received,
        phone_calls_made: kpis.counts.phone_calls_made,
        phone_calls_received: kpis.counts.phone_calls_received,
        time_spent_by_us_min: kpis.time_spent_by_us_min,
        time_spent_by_them_min: kpis.time_spent_by_them_min,
        replies_by_us: kpis.replies_by_us,
        replies_by_them: kpis.replies_by_them,
        response_time_by_us_h: kpis.response_time_by_us.map(response_time),
        response_time_by_them_h: kpis.response_time_by_them.map(response_time),
        response_rate_by_us: kpis.response_rate_by_us,
        response_rate_by_them: kpis.response_rate_by_them,
        send_receive_ratio_by_us: kpis.send_receive_ratio_by_us,
        send_receive_ratio_by_them: kpis.send_receive_ratio_by_them,
        sent_share: kpis.sent_share,
        colleagues: kpis.colleagues,
        people: kpis.people,
        last_interaction: kpis.last_interaction.map(occurrence),
        next_interaction: kpis.next_interaction.map(occurrence),
        most_contacted: kpis.most_contacted.iter().map(|entry| contacted_person(entry, view)).collect(),
        most_contacted_by: kpis.most_contacted_by.iter().map(|entry| contacted_by(entry, view)).collect(),
        window_start: kpis.window.start.to_rfc3339(),
        window_end: kpis.window.end.to_rfc3339(),
    }
}

fn response_time(time: ResponseTime) -> ResponseTimeBody {
    ResponseTimeBody { mean: time.mean_h, p50: time.p50_h, p90: time.p90_h, n: time.n, unanswered: time.unanswered }
}

fn contacted_person(entry: &Contacted<PersonId>, view: &View) -> ContactedBody {
    let name = view.directory.person_name(entry.who).to_owned();
    contacted(entry, name, view.directory.person(entry.who).email().map(str::to_owned))
}

fn contacted_by(entry: &Contacted<UserId>, view: &View) -> ContactedBody {
    let user = view.directory.user(entry.who);
    contacted(entry, user.name.clone(), Some(user.email.clone()))
}

fn contacted<Id>(entry: &Contacted<Id>, name: String, email: Option<String>) -> ContactedBody {
    ContactedBody {
        name,
        email,
        interactions: entry.interactions,
        emails: entry.emails,
        meetings: entry.meetings,
        phone_calls: entry.phone_calls,
        last_at: entry.last_at.to_rfc3339(),
    }
}

fn activity(row: &ActivityRow) -> ActivityBody {
    ActivityBody {
        date: row.day.to_iso(),
        emails_sent: row.series.emails_sent,
        emails_received: row.series.emails_received,
        meetings_sent: row.series.meetings_sent,
        meetings_received: row.series.meetings_received,
        phone_calls_made: row.series.phone_calls_made,
        phone_calls_received: row.series.phone_calls_received,
    }
}

/// Health on the wire.
pub fn health(health: &Health, view: &View) -> HealthBody {
    let figures = &health.figures;
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
        state: figures.state.as_str(),
        score: figures.score,
        trend: figures.trend.as_str(),
        model: rapport_insight::health::MODEL,
        likelihood_30d: figures.likelihood_30d,
        silence_surprise: figures.silence_surprise,
        memory: figures.memory,
        expectation: figures.expectation,
        engagement: figures.engagement,
        rollup: figures.rollup,
        new_relationship: figures.new_relationship,
        score_if_met_today: health.score_if_met_today,
        last_score: figures.last.map(|last| last.score),
        last_state: figures.last.map(|last| last.state.as_str()),
        contributions: health.contributions.iter().map(contribution).collect(),
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
            introducers: answer.introducers.introducers.iter().map(|tie| introducer(tie, view)).collect(),
            paths: answer
                .paths
                .iter()
                .map(|path| PathBody {
                    colleague: view.directory.user(path.user).email.clone(),
                    colleague_name: view.directory.user(path.user).name.clone(),
                    via_name: view.directory.person_name(path.via).to_owned(),
                    via: view.directory.person(path.via).key.to_string(),
                    target: answer.target.clone(),
                    strength_first: path.strength_first,
                    strength_second: path.strength_second,
                })
                .collect(),
            missing: answer
                .introducers
                .missing
                .iter()
                .map(|missing| MissingBody {
                    colleague: colleague(&missing.colleague),
                    name: name(&missing.colleague),
                    reason: missing.reason.as_str(),
                })
                .collect(),
        }
    }
}

fn introducer(tie: &Tie, view: &View) -> IntroducerBody {
    let user = view.directory.user(tie.user);
    let figures = &tie.figures;
    let at = |moment: Moment| moment.to_rfc3339();
    IntroducerBody {
        colleague: user.email.clone(),
        name: user.name.clone(),
        title: user.title.clone(),
        strength: figures.strength,
        grade: figures.grade.as_str(),
        activity: figures.activity,
        directness: figures.directness,
        mutuality: figures.mutuality,
        likelihood_30d: figures.likelihood_30d,
        interactions: figures.interactions,
        emails: figures.emails,
        meetings: figures.meetings,
        phone_calls: figures.phone_calls,
        initiated_by_us: figures.initiated_by_us,
        initiated_by_them: figures.initiated_by_them,
        active_days: figures.active_days,
        first_at: at(figures.first_at),
        last_at: at(figures.last_at),
        contributions: tie.contributions.iter().map(contribution).collect(),
    }
}
