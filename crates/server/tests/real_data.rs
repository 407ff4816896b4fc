//! Real input through the use cases: what is kept of it, and figures that were computed a second time by hand.
//!
//! The files are not part of the repository. `RAPPORT_TEST_DATA` names their folder; without it, a test says that it is skipped.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use expect_test::{Expect, expect};
use rapport_domain::{Model, Moment, Table};
use rapport_insight::Language;
use rapport_server::{
    App,
    api::wire::{RecordInsightsBody, WhoKnowsBody},
    app::{
        Init,
        import::{ImportOptions, ImportReport},
        records::InsightsQuery,
        ties::WhoKnowsQuery,
    },
};
use serde_json::{Value, json};
use tempfile::TempDir;

/// The folder of a data set, `None` (and a line that says so) if it is not there.
#[allow(clippy::disallowed_methods, reason = "tests find their data by an environment variable")]
#[allow(clippy::print_stderr, reason = "a skipped test has to say so")]
fn data(name: &str) -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let folder = std::env::var("RAPPORT_TEST_DATA").map_or_else(|_| beside(), PathBuf::from).join(name);
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("SKIPPED: {name} needs RAPPORT_TEST_DATA");
    None
}

/// An organization in a folder of its own, whose domain is `us.example`.
struct World {
    app: App,
    as_of: Moment,
    folder: TempDir,
}

impl World {
    async fn new(as_of: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let as_of = Moment::parse(as_of).unwrap();
        let init = Init { organization: "default".to_owned(), internal_domains: vec!["us.example".to_owned()], time_zone: None };
        let (app, _) = App::init(&folder.path().join("store"), &init, Arc::new(move || as_of)).await.unwrap();
        Self { app, as_of, folder }
    }

    fn options(&self) -> ImportOptions {
        ImportOptions { as_of: Some(self.as_of), consent: Some("test".to_owned()), ..ImportOptions::default() }
    }

    async fn mail(&self, path: PathBuf) -> ImportReport {
        let report = self.app.import_mail(&[path], &self.options(), &|_| {}).await.unwrap();
        assert!(report.adds_up(), "{report:?}");
        report
    }

    async fn calendar(&self, path: PathBuf) -> ImportReport {
        let report = self.app.import_calendar(&[path], &self.options(), &|_| {}).await.unwrap();
        assert!(report.adds_up(), "{report:?}");
        report
    }

    async fn interactions(&self, path: &Path) -> ImportReport {
        let report = self.app.import_interactions(path, &self.options(), &|_| {}).await.unwrap();
        assert!(report.adds_up(), "{report:?}");
        report
    }

    /// Imports rows that the test made of a data set.
    async fn csv(&self, text: &str) -> ImportReport {
        let path = self.folder.path().join("interactions.csv");
        fs::write(&path, text).unwrap();
        self.interactions(&path).await
    }

    async fn keep_strangers(&self) {
        for rule in ["exclude.no_colleague", "exclude.internal_only"] {
            self.app.set_setting(rule, "false").await.unwrap();
        }
    }

    /// The figures were counted by hand under this model.
    fn by_v1(&self) -> App {
        self.app.by_model(Some(Model::V1))
    }

    async fn contact(&self, id: &str, as_of: &str) -> Value {
        let query = InsightsQuery { as_of: Some(Moment::parse(as_of).unwrap()), ..InsightsQuery::default() };
        let (insights, view) = self.by_v1().record_insights(Table::Contacts, id, &query).await.unwrap();
        serde_json::to_value(RecordInsightsBody::new(&insights, &view, Language::English)).unwrap()
    }

    async fn who_knows(&self, target: &str, as_of: &str) -> Value {
        let query = WhoKnowsQuery {
            target: target.to_owned(),
            as_of: Some(Moment::parse(as_of).unwrap()),
            limit: 3,
            hops: 1,
            viewer: None,
        };
        serde_json::to_value(WhoKnowsBody::new(&self.by_v1().who_knows(&query).await.unwrap())).unwrap()
    }
}

/// The moment of the two people's figures, in the middle of the mail.
const AS_OF: &str = "2001-11-15T00:00:00Z";

/// A report in a few lines; problems as their number.
fn check(report: &ImportReport, expected: &Expect) {
    let ImportReport { read, kept, duplicates, failed, .. } = report;
    let problems = report.problems.len() as u64 + report.problems_omitted;
    let mut text = format!("read {read}, kept {kept}, duplicates {duplicates}, failed {failed}, problems {problems}\n");
    for (reason, count) in &report.excluded {
        writeln!(text, "excluded {reason}: {count}").unwrap();
    }
    expected.assert_eq(&text);
}

/// Every number of `expected` stands in `actual`, to nine digits; every text and null as it is.
fn check_figures(actual: &Value, expected: &Value) {
    for (name, expected) in expected.as_object().unwrap() {
        let actual = &actual[name];
        match (actual.as_f64(), expected.as_f64()) {
            (Some(a), Some(b)) => assert!((a - b).abs() <= 1e-9 * b.abs().max(1.0), "{name}: {a}, by hand {b}"),
            _ if expected.is_object() => check_figures(actual, expected),
            _ => assert_eq!(actual, expected, "{name}"),
        }
    }
}

async fn sales_team(folder: &Path) -> World {
    let world = World::new("2027-01-01T00:00:00Z").await;
    let users = world.app.import_users(&folder.join("users.csv"), &world.options()).await.unwrap();
    assert_eq!((users.read, users.kept), (51, 51));
    let crm = world.app.import_crm(&folder.join("crm"), &world.options(), &|_| {}).await.unwrap();
    assert_eq!((crm.read, crm.kept), (115, 115));
    world
}

/// The figures of two people were computed by a script that shares nothing with the product: Python's `email` and plain loops over the
/// mbox files, written from the specification. It agreed on 2,539 figures and 196 ties of all contacts.
#[tokio::test]
async fn the_sales_teams_mail_and_two_people_by_hand() {
    let Some(folder) = data("enron-sales-team") else { return };
    let world = sales_team(&folder).await;
    let expected = expect![[r"
        read 30140, kept 3623, duplicates 2615, failed 0, problems 0
        excluded internal_only: 23835
        excluded too_many_recipients: 67
    "]];
    check(&world.mail(folder.join("mail")).await, &expected);
    let expected = expect![[r"
        read 30140, kept 0, duplicates 6238, failed 0, problems 0
        excluded internal_only: 23835
        excluded too_many_recipients: 67
    "]];
    check(&world.mail(folder.join("mail")).await, &expected);

    // Barry Tycholiz: 274 mails, both ways, the last one yesterday.
    let barry = world.contact("barry.tycholiz@ena-gas-west.example", AS_OF).await;
    check_figures(
        &barry["kpis"],
        &json!({
            "emails_sent": 155, "emails_received": 118, "meetings_sent": 0, "phone_calls_made": 0,
            "time_spent_by_us_min": 1070.0, "time_spent_by_them_min": 977.5, "replies_by_us": 28, "replies_by_them": 27,
            "response_time_by_us_h": {"mean": 18.199_503_968_253_97, "p50": 0.84, "p90": 21.493_333_333_333_347, "n": 28, "unanswered": 84},
            "response_time_by_them_h": {"mean": 65.869_156_378_600_82, "p50": 10.733_333_333_333_333, "p90": 65.371_666_666_666_67, "n": 27, "unanswered": 105},
            "response_rate_by_us": 18.0 / 74.0, "response_rate_by_them": 20.0 / 104.0,
            "send_receive_ratio_by_us": 155.0 / 118.0, "sent_share": 155.0 / 273.0, "colleagues": 25, "people": 48,
            "last_interaction": {"at": "2001-11-14T19:11:15Z", "kind": "email", "direction": "incoming"}, "next_interaction": null,
        }),
    );
    check_figures(
        &barry["health"],
        &json!({
            "state": "good", "score": 92, "memory": 10.924_076_114_088_598, "expectation": 4.556_911_875_225_749, "engagement": 1.0,
            "likelihood_30d": 0.949_896_103_325_184_7, "silence_surprise": 1.0,
        }),
    );
    assert_eq!(barry["health"]["contributions"].as_array().unwrap().len(), 106);
    check_introducers(
        &world.who_knows("barry.tycholiz@ena-gas-west.example", AS_OF).await,
        &[
            (
                "jeff.dasovich@us.example",
                78,
                "strong",
                [78.445_875_248_626_73, 76.984_950_147_188_36, 65.121_800_466_433_73],
                77,
                34,
            ),
            (
                "gerald.nemec@us.example",
                46,
                "medium",
                [49.727_202_736_551_61, 43.421_843_632_318_98, 31.056_720_106_733_86],
                125,
                55,
            ),
            (
                "jonathan.mckay@us.example",
                11,
                "weak",
                [18.501_090_796_639_64, 10.939_300_520_667_405, 9.715_525_409_381_609],
                3,
                3,
            ),
        ],
    );

    // Harry Arora: 21 mails, mostly from him to many, nobody answers.
    let harry = world.contact("con-2", AS_OF).await;
    check_figures(
        &harry["kpis"],
        &json!({
            "emails_sent": 5, "emails_received": 16, "time_spent_by_us_min": 65.0, "time_spent_by_them_min": 92.5,
            "replies_by_us": 0, "replies_by_them": 0,
            "response_time_by_us_h": {"mean": null, "p50": null, "p90": null, "n": 0, "unanswered": 14},
            "response_time_by_them_h": {"mean": null, "p50": null, "p90": null, "n": 0, "unanswered": 5},
            "response_rate_by_us": 0.0, "response_rate_by_them": 0.0,
            "send_receive_ratio_by_us": 0.3125, "sent_share": 5.0 / 21.0, "colleagues": 25, "people": 52,
            "last_interaction": {"at": "2001-11-07T16:36:23Z", "kind": "email", "direction": "incoming"},
        }),
    );
    check_figures(
        &harry["health"],
        &json!({
            "state": "poor", "score": 17, "memory": 1.213_504_353_676_607_5, "expectation": 4.556_911_875_225_749,
            "engagement": 2.0 / 3.0, "likelihood_30d": 0.556_086_946_021_957_3, "silence_surprise": 0.75,
        }),
    );
    assert_eq!(harry["health"]["contributions"].as_array().unwrap().len(), 16);
    check_introducers(
        &world.who_knows("harry.arora@ena-east-power.example", AS_OF).await,
        &[
            ("richard.shapiro@us.example", 0, "weak", [0.841_473_129_993_353_1, 0.841_473_129_993_353_1, 0.0], 1, 1),
            ("james.d.steffes@us.example", 0, "weak", [0.504_140_531_728_947_1, 0.252_388_766_311_273_4, 0.0], 1, 1),
            ("mark.e.taylor@us.example", 0, "weak", [0.608_250_660_626_164, 0.608_250_660_626_164, 0.0], 2, 2),
        ],
    );
}

/// Colleague, strength, grade, activity / directness / mutuality, interactions, active days.
type Introducer = (&'static str, u32, &'static str, [f64; 3], u32, u32);

fn check_introducers(body: &Value, expected: &[Introducer]) {
    let introducers = body["introducers"].as_array().unwrap();
    assert_eq!(introducers.len(), expected.len());
    for (actual, (colleague, strength, grade, [activity, directness, mutuality], interactions, active_days)) in
        introducers.iter().zip(expected)
    {
        check_figures(
            actual,
            &json!({
                "colleague": colleague, "strength": strength, "grade": grade, "activity": activity, "directness": directness,
                "mutuality": mutuality, "interactions": interactions, "emails": interactions, "active_days": active_days,
            }),
        );
    }
}

#[tokio::test]
async fn mailboxes_one_by_one_in_another_order_end_the_same() {
    let Some(folder) = data("enron-sales-team") else { return };
    let world = sales_team(&folder).await;
    let mut files: Vec<PathBuf> = fs::read_dir(folder.join("mail")).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut kept = 0;
    for file in files.into_iter().rev() {
        kept += world.mail(file).await.kept;
    }
    assert_eq!(kept, 3623);
    let counts = world.app.store().ledger_counts(world.app.organization().id).await.unwrap();
    assert_eq!(counts.interactions, 3623);
    let barry = world.contact("barry.tycholiz@ena-gas-west.example", AS_OF).await;
    check_figures(&barry["health"], &json!({"score": 92, "memory": 10.924_076_114_088_598}));
    check_figures(&barry["kpis"], &json!({"replies_by_us": 28, "replies_by_them": 27, "colleagues": 25, "people": 48}));
}

#[tokio::test]
async fn enron_igraph184_is_mostly_duplicates() {
    let Some(folder) = data("enron-igraph184") else { return };
    let world = World::new("2026-03-01T00:00:00Z").await;
    let file = folder.join("interactions.csv");
    let expected = expect![[r"
        read 125409, kept 19765, duplicates 42745, failed 51, problems 51
        excluded internal_only: 34328
        excluded no_colleague: 28520
    "]];
    check(&world.interactions(&file).await, &expected);
    assert_eq!(world.interactions(&file).await.kept, 0);
}

/// One message from somebody to somebody, by numbers. Whose number is even is a colleague.
struct Edge {
    at_s: i64,
    from: u64,
    to: u64,
    is_copy: bool,
    /// Empty = identified by moment and people.
    message_id: String,
}

fn address(person: u64) -> String {
    if person.is_multiple_of(2) { format!("p{person}@us.example") } else { format!("p{person}@them{}.example", person % 7) }
}

/// Rows of `edges.tsv`: src, dst, t, msg, kind. `with_ids`: `msg` is the message's id, several rows are one message.
fn edges(file: &Path, with_ids: bool) -> Vec<Edge> {
    let text = fs::read_to_string(file).unwrap();
    let edge = |line: &str| {
        let fields: Vec<&str> = line.split('\t').collect();
        Edge {
            at_s: fields[2].parse().unwrap(),
            from: fields[0].parse().unwrap(),
            to: fields[1].parse().unwrap(),
            is_copy: false,
            message_id: if with_ids { format!("m{}@edges.example", fields[3]) } else { String::new() },
        }
    };
    text.lines().skip(1).map(edge).collect()
}

fn to_csv(edges: &[Edge]) -> String {
    let mut text = "occurred_at,kind,from,to,cc,message_id\n".to_owned();
    for edge in edges {
        let (to, cc) = if edge.is_copy { (String::new(), address(edge.to)) } else { (address(edge.to), String::new()) };
        writeln!(text, "{},email,{},{to},{cc},{}", edge.at_s, address(edge.from), edge.message_id).unwrap();
    }
    text
}

/// What the rules of 02 section 2.5 and 2.6 leave of some edges, counted plainly.
#[allow(clippy::field_reassign_with_default, reason = "a report has a field of its own")]
fn counted(edges: &[Edge]) -> ImportReport {
    let mut report = ImportReport::default();
    report.read = edges.len() as u64;
    let mut known = BTreeSet::new();
    for edge in edges {
        let ours = [edge.from, edge.to].iter().filter(|person| person.is_multiple_of(2)).count();
        let identity = match edge.message_id.as_str() {
            "" => format!("{} {} {:?}", edge.at_s, edge.from, BTreeSet::from([edge.from, edge.to])),
            id => id.to_owned(),
        };
        match ours {
            0 => *report.excluded.entry("no_colleague".to_owned()).or_default() += 1,
            2 => *report.excluded.entry("internal_only".to_owned()).or_default() += 1,
            _ if edge.at_s < 631_152_000 => report.failed += 1,
            _ if known.insert(identity) => report.kept += 1,
            _ => report.duplicates += 1,
        }
    }
    report
}

/// Imports edges twice: counts are those that were counted plainly, and the second time nothing is kept.
async fn check_edges(edges: Vec<Edge>, expected: &Expect) {
    let world = World::new("2027-01-01T00:00:00Z").await;
    let csv = to_csv(&edges);
    let report = world.csv(&csv).await;
    check(&report, expected);
    let plain = counted(&edges);
    assert_eq!(
        (report.kept, report.duplicates, report.failed, &report.excluded),
        (plain.kept, plain.duplicates, plain.failed, &plain.excluded)
    );
    let again = world.csv(&csv).await;
    assert_eq!((again.kept, again.duplicates), (0, report.kept + report.duplicates));
}

#[tokio::test]
async fn enron_zhou156_edges_with_message_ids() {
    let Some(folder) = data("enron-zhou156") else { return };
    let expected = expect![[r"
        read 38388, kept 13096, duplicates 6398, failed 0, problems 0
        excluded internal_only: 7717
        excluded no_colleague: 11177
    "]];
    check_edges(edges(&folder.join("edges.tsv"), true), &expected).await;
}

#[tokio::test]
async fn enron_zhou156_messages_with_all_their_recipients() {
    let Some(folder) = data("enron-zhou156") else { return };
    let read = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
    let mut recipients: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
    for line in read("recipients.tsv").lines() {
        let fields: Vec<u64> = line.split('\t').map(|field| field.parse().unwrap()).collect();
        recipients.entry(fields[0]).or_default().push(fields[2]);
    }
    let mut csv = csv_writer();
    let [mut crossing, mut internal, mut strangers, mut too_many] = [0_u64; 4];
    for line in read("messages.tsv").lines() {
        let fields: Vec<&str> = line.split('\t').collect();
        let (message, sender): (u64, u64) = (fields[0].parse().unwrap(), fields[4].parse().unwrap());
        let to = &recipients[&message];
        let mut people = to.clone();
        people.push(sender);
        match (people.iter().any(|person| person.is_multiple_of(2)), people.iter().any(|person| !person.is_multiple_of(2))) {
            (false, _) => strangers += 1,
            (_, false) => internal += 1,
            _ if to.iter().collect::<BTreeSet<_>>().len() > 50 => too_many += 1,
            _ => crossing += 1,
        }
        let to: Vec<String> = to.iter().map(|person| address(*person)).collect();
        csv.write_record([fields[2], "email", &address(sender), &to.join(";"), "", &format!("{message}@zhou"), fields[3]])
            .unwrap();
    }
    let world = World::new("2026-03-01T00:00:00Z").await;
    let report = world.csv(&String::from_utf8(csv.into_inner().unwrap()).unwrap()).await;
    let excluded = |reason: &str| report.excluded.get(reason).copied().unwrap_or(0);
    assert_eq!(
        [report.kept, excluded("internal_only"), excluded("no_colleague"), excluded("too_many_recipients")],
        [crossing, internal, strangers, too_many]
    );
    let expected = expect![[r"
        read 21635, kept 13092, duplicates 0, failed 0, problems 0
        excluded internal_only: 3497
        excluded no_colleague: 5042
        excluded too_many_recipients: 4
    "]];
    check(&report, &expected);
}

fn csv_writer() -> csv::Writer<Vec<u8>> {
    let mut csv = csv::Writer::from_writer(Vec::new());
    csv.write_record(["occurred_at", "kind", "from", "to", "cc", "message_id", "subject"]).unwrap();
    csv
}

#[tokio::test]
async fn enron_core_fringe_1() {
    let Some(folder) = data("enron-core-fringe") else { return };
    let expected = expect![[r"
        read 64756, kept 31869, duplicates 0, failed 0, problems 0
        excluded internal_only: 19932
        excluded no_colleague: 12955
    "]];
    check_edges(edges(&folder.join("1/edges.tsv"), false), &expected).await;
}

#[tokio::test]
async fn collegemsg() {
    let Some(folder) = data("collegemsg") else { return };
    let expected = expect![[r"
        read 59798, kept 29916, duplicates 0, failed 0, problems 0
        excluded internal_only: 13896
        excluded no_colleague: 15986
    "]];
    check_edges(edges(&folder.join("edges.tsv"), false), &expected).await;
}

#[tokio::test]
async fn rlist_replies() {
    let Some(folder) = data("rlist-replies-r-package-devel") else { return };
    let expected = expect![[r"
        read 8036, kept 3965, duplicates 0, failed 0, problems 0
        excluded internal_only: 2398
        excluded no_colleague: 1673
    "]];
    check_edges(edges(&folder.join("edges.tsv"), false), &expected).await;
}

#[tokio::test]
async fn enron_jobtitle_sentiment() {
    let Some(folder) = data("enron-jobtitle-sentiment") else { return };
    let mut reader = csv::Reader::from_path(folder.join("enron_full.csv")).unwrap();
    let edge = |row: csv::StringRecord| Edge {
        at_s: Moment::parse(&format!("{}T00:00:00Z", &row[0])).unwrap().0 / 1_000_000,
        from: row[1].parse().unwrap(),
        to: row[4].parse().unwrap(),
        is_copy: &row[7] == "CC",
        message_id: String::new(),
    };
    let edges = reader.records().map(|row| edge(row.unwrap())).collect();
    let expected = expect![[r"
        read 31041, kept 10978, duplicates 1896, failed 0, problems 0
        excluded internal_only: 9228
        excluded no_colleague: 8939
    "]];
    check_edges(edges, &expected).await;
}

#[tokio::test]
async fn archives_without_recipients_lose_nothing() {
    for (name, expected) in [
        (
            "rlist-raw-r-announce",
            expect![[r"
            read 699, kept 0, duplicates 0, failed 0, problems 1
            excluded no_recipients: 699
        "]],
        ),
        (
            "rlist-raw-r-package-devel",
            expect![[r"
            read 11114, kept 0, duplicates 0, failed 0, problems 1
            excluded no_recipients: 11114
        "]],
        ),
    ] {
        let Some(folder) = data(name) else { continue };
        let world = World::new("2026-11-01T00:00:00Z").await;
        let report = world.mail(folder).await;
        check(&report, &expected);
        assert_eq!(report.excluded.get("no_recipients"), Some(&report.read), "{name}");
    }
}

#[tokio::test]
async fn odd_mail_is_accounted_for() {
    for (name, expected) in [
        (
            "eml-flanker",
            expect![[r"
            read 48, kept 18, duplicates 7, failed 7, problems 8
            excluded automatic: 3
            excluded delivery_report: 1
            excluded draft: 1
            excluded list: 4
            excluded no_recipients: 2
            excluded noreply: 5
        "]],
        ),
        (
            "eml-mail-parser",
            expect![[r"
            read 107, kept 67, duplicates 0, failed 4, problems 5
            excluded list: 1
            excluded no_recipients: 35
        "]],
        ),
        (
            "eml-mime4j",
            expect![[r"
            read 85, kept 19, duplicates 10, failed 13, problems 18
            excluded list: 2
            excluded no_recipients: 40
            excluded noreply: 1
        "]],
        ),
        (
            "eml-ruby-mail",
            expect![[r"
            read 103, kept 44, duplicates 28, failed 14, problems 16
            excluded automatic: 5
            excluded list: 2
            excluded no_recipients: 6
            excluded noreply: 4
        "]],
        ),
    ] {
        let Some(folder) = data(name) else { continue };
        let world = World::new("2027-01-01T00:00:00Z").await;
        world.keep_strangers().await;
        let report = world.mail(folder.clone()).await;
        check(&report, &expected);
        let again = world.mail(folder).await;
        assert_eq!(
            (again.read, again.kept, again.failed, &again.excluded),
            (report.read, 0, report.failed, &report.excluded),
            "{name}"
        );
    }
}

#[tokio::test]
async fn odd_calendars_are_accounted_for() {
    for (name, expected) in [
        (
            "ics-calcard",
            expect![[r"
            read 97746, kept 92374, duplicates 1351, failed 771, problems 795
            excluded sensitive: 3250
        "]],
        ),
        (
            "ics-collective",
            expect![[r"
            read 3783, kept 3248, duplicates 449, failed 86, problems 101
        "]],
        ),
        (
            "ics-icaljs",
            expect![[r"
            read 13223, kept 13215, duplicates 6, failed 2, problems 3
        "]],
        ),
    ] {
        let Some(folder) = data(name) else { continue };
        let world = World::new("2026-03-01T00:00:00Z").await;
        world.app.set_setting("time_zone", "Europe/Amsterdam").await.unwrap();
        world.keep_strangers().await;
        let report = world.calendar(folder.clone()).await;
        check(&report, &expected);
        let again = world.calendar(folder).await;
        assert_eq!(
            (again.read, again.kept, again.failed, &again.excluded),
            (report.read, 0, report.failed, &report.excluded),
            "{name}"
        );
    }
}
