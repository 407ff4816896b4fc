//! What a page of a large organization asks for: lists in any order and filter, search, similar deals. Through the whole server but for the socket.

use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode},
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use tower::ServiceExt;

use super::{
    AS_OF, Figure, OURS, seconds,
    world::{COMPANIES, Random},
};
use crate::{
    AppError,
    app::{
        Clock,
        lists::columns::{COLUMNS, Column, ColumnKind},
    },
};

/// List pages opened.
const LISTS: u64 = 5_000;
/// Searches made.
const SEARCHES: u64 = 1_000;
/// Times that the settings page asks how scores are spread.
const DISTRIBUTIONS: u64 = 100;
/// Pages of an opportunity's similar deals opened.
const SIMILAR: u64 = 500;

/// Sends requests and takes their times.
pub(super) struct Requests<'a> {
    pub(super) router: Router,
    pub(super) clock: &'a Clock,
}

impl Requests<'_> {
    /// Milliseconds until the whole answer is there.
    pub(super) async fn open(&self, path: &str) -> Result<f64, AppError> {
        let wrong = |what: String| AppError::invalid(format!("{path}: {what}"));
        let request = Request::get(format!("http://127.0.0.1/api/v1/{path}")).header("host", "127.0.0.1").body(Body::empty());
        let request = request.map_err(|error| wrong(error.to_string()))?;
        let started = (self.clock)();
        let answer = self.router.clone().oneshot(request).await.unwrap_or_else(|never| match never {});
        let status = answer.status();
        let body = axum::body::to_bytes(answer.into_body(), usize::MAX).await.map_err(|error| wrong(error.to_string()))?;
        let taken_ms = 1e3 * seconds(self.clock, started);
        if status == StatusCode::OK && !body.is_empty() {
            return Ok(taken_ms);
        }
        Err(wrong(format!("answered {status}: {}", String::from_utf8_lossy(&body))))
    }
}

/// The middle and the slow end of many times.
pub(super) fn percentiles(figures: &mut Vec<Figure>, name: &str, mut times_ms: Vec<f64>, want: &str) {
    times_ms.sort_by(f64::total_cmp);
    let at = |share: f64| times_ms[((times_ms.len() - 1) as f64 * share) as usize];
    figures.push(Figure::new(format!("{name}, p50"), at(0.5), "ms", ""));
    figures.push(Figure::new(format!("{name}, p99"), at(0.99), "ms", want));
}

/// Measures them all on the store that the interactions were imported into.
pub(super) async fn measure(
    figures: &mut Vec<Figure>,
    requests: &Requests<'_>,
    people: u64,
    opportunities: u64,
) -> Result<(), AppError> {
    let first = requests.open("contacts?limit=50").await?;
    figures.push(Figure::new("first list page after a change (folds every record)", first, "ms", ""));
    let mut random = Random(4);
    let mut times_ms = Vec::new();
    for _ in 0..LISTS {
        times_ms.push(requests.open(&list(&mut random, people)).await?);
    }
    percentiles(figures, "list page, any sort and filter", times_ms, "under 50");
    let mut times_ms = Vec::new();
    for _ in 0..SEARCHES {
        let texts = [
            format!("person {}", random.below(people)),
            format!("person{}@", random.below(people)),
            format!("company{}", random.below(COMPANIES)),
            format!("{}", random.below(100)),
            "e".to_owned(),
        ];
        let text = &texts[random.below(texts.len() as u64) as usize];
        times_ms.push(requests.open(&format!("search?q={}", encoded(text))).await?);
    }
    percentiles(figures, "search everywhere", times_ms, "under 50");
    let mut times_ms = Vec::new();
    for _ in 0..DISTRIBUTIONS {
        times_ms.push(requests.open("health-distribution").await?);
    }
    percentiles(figures, "shares of grades before saving", times_ms, "under 300");
    let mut times_ms = Vec::new();
    for _ in 0..SIMILAR {
        let deal = 1 + random.below(opportunities);
        times_ms.push(requests.open(&format!("opportunities/o{deal}/similar?as_of={}", AS_OF.to_rfc3339())).await?);
    }
    percentiles(figures, &format!("similar won deals, {} closed", opportunities / 2), times_ms, "under 100");
    Ok(())
}

/// Some page of contacts: any column, direction, place, and now and then a search, a view and conditions.
fn list(random: &mut Random, people: u64) -> String {
    let column = |random: &mut Random| &COLUMNS[random.below(COLUMNS.len() as u64) as usize];
    let order = ["asc", "desc"][random.below(2) as usize];
    let search = match random.below(3) {
        0 => format!("&q={}", encoded(&format!("person {}", random.below(1_000)))),
        _ => String::new(),
    };
    let place = match random.below(3) {
        0 => format!("&view=my&viewer=user{}@{OURS}", random.below(500)),
        _ => format!("&offset={}", random.below(people)),
    };
    let conditions: Vec<String> = (0..random.below(4)).map(|_| condition(column(random), random)).collect();
    let filter = encoded(&format!("[{}]", conditions.join(",")));
    format!("contacts?sort={}&order={order}&limit=50{search}{place}&filter={filter}", column(random).name)
}

fn condition(column: &Column, random: &mut Random) -> String {
    let (op, value) = match column.kind {
        ColumnKind::Text => ("contains", format!("\"{}\"", random.below(100))),
        ColumnKind::Word => ("in", r#"["good","fair","steady","email","false"]"#.to_owned()),
        ColumnKind::Number => ("ge", random.below(50).to_string()),
        ColumnKind::Moment => ("le", r#""2026-05-01""#.to_owned()),
    };
    format!(r#"{{"column":"{}","op":"{op}","value":{value}}}"#, column.name)
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}
