//! The examples of `docs/metrics/*.md` run here: each block is a small organization and what is expected of it. The format is
//! described in `docs/metrics/README.md`.

use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
    sync::Arc,
};

use rapport_domain::{Moment, RecordRef};
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
use serde_json::Value;

const FENCE: &str = "```rapport-example";

/// Tables of a block, in the order in which they are imported.
const TABLES: [&str; 7] = ["users", "accounts", "contacts", "leads", "opportunities", "activities", "interactions"];

/// One block.
#[derive(Debug, Default)]
struct Example {
    time_zone: Option<String>,
    internal: Vec<String>,
    settings: Vec<(String, String)>,
    crm_only: bool,
    /// CSV text by table.
    tables: Vec<(String, String)>,
    checks: Vec<Check>,
}

/// One question with what is expected of the answer.
#[derive(Clone, Debug)]
struct Check {
    as_of: Moment,
    question: Question,
    /// Path, value, line within the block from 1.
    expected: Vec<(String, String, usize)>,
}

#[derive(Clone, Debug)]
enum Question {
    Record(RecordRef),
    WhoKnows { target: String, hops: u8, limit: usize },
    Import,
}

impl Example {
    /// Reads a block: `key: value` lines, and `key:` with a body up to the next empty line.
    fn parse(block: &str) -> Result<Self, String> {
        let mut example = Self::default();
        let (mut as_of, mut question, mut hops, mut limit) = (None, None, 1, 5);
        let mut lines = block.lines().enumerate();
        while let Some((number, line)) = lines.next() {
            if line.trim().is_empty() {
                continue;
            }
            let (key, value) = line.split_once(':').ok_or_else(|| format!("line {}: `{line}` is no `key: value`", number + 1))?;
            let value = value.trim().to_owned();
            match key {
                "time_zone" => example.time_zone = Some(value),
                "internal" => example.internal = value.split(',').map(|domain| domain.trim().to_owned()).collect(),
                "data" => example.crm_only = value == "crm",
                "setting" => {
                    let (name, value) = value.split_once('=').ok_or("a setting is `key = value`")?;
                    example.settings.push((name.trim().to_owned(), value.trim().to_owned()));
                }
                "as_of" => as_of = Some(Moment::parse(&value)?),
                "hops" => hops = value.parse().map_err(|_| "`hops` is 1 or 2")?,
                "limit" => limit = value.parse().map_err(|_| "`limit` is a number")?,
                "record" => question = Some(Question::Record(RecordRef::parse(&value)?)),
                "who-knows" => question = Some(Question::WhoKnows { target: value, hops, limit }),
                "import" => question = Some(Question::Import),
                "expect" => {
                    let expected = body(&mut lines).into_iter().map(|(number, line)| {
                        let (path, value) = line.split_once('=').ok_or_else(|| format!("`{line}` is no `path = value`"))?;
                        Ok((path.trim().to_owned(), value.trim().to_owned(), number + 1))
                    });
                    example.checks.push(Check {
                        expected: expected.collect::<Result<_, String>>()?,
                        as_of: as_of.ok_or("`expect:` before `as_of:`")?,
                        question: question.clone().ok_or("`expect:` before a question")?,
                    });
                }
                table if TABLES.contains(&table) => {
                    let text = body(&mut lines).into_iter().fold(String::new(), |text, (_, line)| text + line + "\n");
                    example.tables.push((table.to_owned(), text));
                }
                other => return Err(format!("line {}: there is no `{other}`", number + 1)),
            }
        }
        if example.checks.iter().all(|check| check.expected.is_empty()) {
            return Err("expects nothing".to_owned());
        }
        Ok(example)
    }

    /// Makes the organization in a folder; the report of the import of its interactions.
    async fn make(&self, folder: &Path) -> Result<(App, Option<ImportReport>), String> {
        let now = self.checks[0].as_of;
        let init = Init {
            organization: "default".to_owned(),
            internal_domains: self.internal.clone(),
            time_zone: self.time_zone.clone(),
        };
        let made = App::init(&folder.join("store"), &init, Arc::new(move || now)).await;
        let (app, _) = made.map_err(|error| error.to_string())?;
        for (key, value) in &self.settings {
            app.set_setting(key, value).await.map_err(|error| error.to_string())?;
        }
        if !self.crm_only {
            app.enable_and_grant("an example").await.map_err(|error| error.to_string())?;
        }
        let crm = folder.join("crm");
        std::fs::create_dir_all(&crm).map_err(|error| error.to_string())?;
        for (table, text) in &self.tables {
            std::fs::write(crm.join(format!("{table}.csv")), text).map_err(|error| error.to_string())?;
        }
        let has = |names: &[&str]| self.tables.iter().any(|(table, _)| names.contains(&table.as_str()));
        let options = ImportOptions::default();
        if has(&["users"]) {
            clean(&app.import_users(&crm.join("users.csv"), &options).await.map_err(|error| error.to_string())?)?;
        }
        if has(&TABLES[1..6]) {
            clean(&app.import_crm(&crm, &options, &|_| {}).await.map_err(|error| error.to_string())?)?;
        }
        let mut report = None;
        if has(&["interactions"]) {
            let file = crm.join("interactions.csv");
            report = Some(app.import_interactions(&file, &options, &|_| {}).await.map_err(|error| error.to_string())?);
        }
        Ok((app, report))
    }
}

/// The lines up to the next empty one, with their positions.
fn body<'a>(lines: &mut impl Iterator<Item = (usize, &'a str)>) -> Vec<(usize, &'a str)> {
    lines.take_while(|(_, line)| !line.trim().is_empty()).collect()
}

/// Nothing in the example's own tables may be misread.
fn clean(report: &ImportReport) -> Result<(), String> {
    match report.problems.first() {
        Some(problem) => Err(format!("{}: {}", problem.place, problem.what)),
        None => Ok(()),
    }
}

async fn answer(app: &App, report: Option<&ImportReport>, check: &Check) -> Result<Value, String> {
    let as_of = Some(check.as_of);
    let json = match &check.question {
        Question::Record(record) => {
            let query = InsightsQuery { as_of, ..InsightsQuery::default() };
            let (insights, view) =
                app.record_insights(record.table, &record.id, &query).await.map_err(|error| error.to_string())?;
            serde_json::to_value(RecordInsightsBody::new(&insights, &view, Language::English))
        }
        Question::WhoKnows { target, hops, limit } => {
            let query = WhoKnowsQuery { target: target.clone(), as_of, limit: *limit, hops: *hops, viewer: None };
            serde_json::to_value(WhoKnowsBody::new(&app.who_knows(&query).await.map_err(|error| error.to_string())?))
        }
        Question::Import => serde_json::to_value(report.ok_or("nothing was imported")?),
    };
    json.map_err(|error| error.to_string())
}

/// The value at a path; what is not there is null.
fn at(json: &Value, path: &str) -> Value {
    path.split('.').fold(json.clone(), |value, part| match &value {
        Value::Array(entries) => match part {
            "length" => entries.len().into(),
            "last" => entries.last().cloned().unwrap_or_default(),
            position => position.parse().ok().and_then(|position: usize| entries.get(position).cloned()).unwrap_or_default(),
        },
        other => other.get(part).cloned().unwrap_or_default(),
    })
}

/// Whether a value is what the page says: numbers with decimals to as many decimals, all else exactly.
fn agrees(actual: &Value, expected: &str) -> bool {
    match actual {
        Value::Null => expected == "null",
        Value::Bool(actual) => expected == actual.to_string(),
        Value::String(actual) => actual == expected,
        Value::Number(actual) => {
            let (Some(actual), Ok(wanted)) = (actual.as_f64(), expected.parse::<f64>()) else { return false };
            let decimals = expected.split_once('.').map_or(0, |(_, decimals)| decimals.len());
            // Half a unit of the last decimal, and room for what rounding of the written value itself costs.
            let tolerance = if decimals == 0 { 0.0 } else { 0.5 * 10_f64.powi(-(decimals as i32)) + 1e-9 };
            (actual - wanted).abs() <= tolerance
        }
        Value::Array(_) | Value::Object(_) => false,
    }
}

/// What does not hold in one block.
async fn run(block: &str) -> Result<String, String> {
    let example = Example::parse(block)?;
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let (app, report) = example.make(folder.path()).await?;
    let mut broken = String::new();
    for check in &example.checks {
        let json = answer(&app, report.as_ref(), check).await?;
        for (path, expected, line) in &check.expected {
            let actual = at(&json, path);
            if !agrees(&actual, expected) {
                let _ = writeln!(broken, "  line {line} of the example: {path} = {expected}, but the answer is {actual}");
            }
        }
    }
    Ok(broken)
}

fn pages() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/metrics");
    let entries = std::fs::read_dir(folder).expect("docs/metrics is there");
    let mut pages: Vec<PathBuf> = entries.map(|entry| entry.expect("its entries can be read").path()).collect();
    pages.sort();
    pages
}

/// The blocks of a page with the line at which each begins.
fn blocks(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut lines = text.lines().enumerate();
    while let Some((number, line)) = lines.next() {
        if line == FENCE {
            let block = lines.by_ref().map(|(_, line)| line).take_while(|line| *line != "```");
            found.push((number + 1, block.fold(String::new(), |text, line| text + line + "\n")));
        }
    }
    found
}

#[tokio::test]
async fn every_example_of_the_metric_pages_holds() {
    let (mut count, mut broken) = (0, String::new());
    for page in pages() {
        let text = std::fs::read_to_string(&page).expect("a page is text");
        let name = page.file_name().unwrap_or_default().to_string_lossy().into_owned();
        for (line, block) in blocks(&text) {
            count += 1;
            match run(&block).await {
                Ok(findings) if findings.is_empty() => {}
                Ok(findings) => _ = write!(broken, "docs/metrics/{name}:{line}\n{findings}"),
                Err(error) => _ = writeln!(broken, "docs/metrics/{name}:{line}\n  {error}"),
            }
        }
    }
    assert!(broken.is_empty(), "examples that do not hold:\n{broken}");
    assert!(count > 0, "docs/metrics has no example");
}

#[test]
fn values_are_compared_as_written() {
    let json = serde_json::json!({"a": {"x": 0.8334, "n": 3, "list": [1, {"s": "t"}], "none": null}});
    for (path, expected) in [
        ("a.x", "0.833"),
        ("a.n", "3"),
        ("a.list.length", "2"),
        ("a.list.last.s", "t"),
        ("a.list.0", "1"),
        ("a.none", "null"),
        ("b.c", "null"),
    ] {
        assert!(agrees(&at(&json, path), expected), "{path}");
    }
    for (path, expected) in [("a.x", "0.834"), ("a.x", "1"), ("a.n", "3.1"), ("a.n", "null"), ("a.list.1.s", "u"), ("a", "null")]
    {
        assert!(!agrees(&at(&json, path), expected), "{path} = {expected}");
    }
}

#[test]
fn a_block_that_says_nothing_is_refused() {
    assert!(Example::parse("internal: us.example\n").is_err());
    assert!(Example::parse("nonsense: 1\n").is_err());
    assert!(Example::parse("record: contacts/c1\nexpect:\n  a = 1\n").is_err());
}
