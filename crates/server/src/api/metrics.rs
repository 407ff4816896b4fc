//! `/metrics`: what the server did, as Prometheus text. Labels are words of ours, never an address or an id.

use axum::{
    http::header,
    response::{IntoResponse, Response},
};
use prometheus::{
    HistogramOpts, HistogramVec, IntCounterVec, IntGauge, Opts, Registry, TEXT_FORMAT, TextEncoder, core::Collector,
};

use super::{
    extract::NoParameters,
    identify::Acting,
    problem::{CommonProblems, Kind, Problem},
};

/// Upper bounds of the duration histogram in seconds: from a page out of memory to a refold of everything.
const BUCKETS_S: &[f64] = &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

/// Figures of one server.
pub(crate) struct Metrics {
    registry: Registry,
    requests: IntCounterVec,
    durations: HistogramVec,
    imports: IntCounterVec,
    interactions: IntGauge,
    sightings: IntGauge,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let registry = Registry::new();
        let requests = Opts::new("rapport_http_requests_total", "HTTP requests by method, route and status");
        let durations =
            HistogramOpts::new("rapport_http_request_duration_seconds", "time until the answer began, by method and route");
        let imports = Opts::new("rapport_imports_total", "uploaded imports that ended, by kind and state");
        Self {
            requests: register(&registry, IntCounterVec::new(requests, &["method", "route", "status"])),
            durations: register(&registry, HistogramVec::new(durations.buckets(BUCKETS_S.to_vec()), &["method", "route"])),
            imports: register(&registry, IntCounterVec::new(imports, &["kind", "state"])),
            interactions: register(&registry, IntGauge::new("rapport_interactions", "interactions in the ledger")),
            sightings: register(&registry, IntGauge::new("rapport_sightings", "sightings in the ledger")),
            registry,
        }
    }

    pub(crate) fn request(&self, method: &str, route: &str, status: u16, duration_s: f64) {
        self.requests.with_label_values(&[method, route, status.to_string().as_str()]).inc();
        self.durations.with_label_values(&[method, route]).observe(duration_s);
    }

    pub(crate) fn import(&self, kind: &str, state: &str) {
        self.imports.with_label_values(&[kind, state]).inc();
    }
}

fn register<C: Collector + Clone + 'static>(registry: &Registry, collector: prometheus::Result<C>) -> C {
    let collector = collector.expect("names and labels are constants that Prometheus accepts");
    registry.register(Box::new(collector.clone())).expect("every name is registered once");
    collector
}

/// Figures of the server as Prometheus text
#[utoipa::path(get, path = "/metrics", tag = "operation", responses(
    (status = 200, description = "Text format 0.0.4", content_type = "text/plain", body = String,
        example = "# TYPE rapport_interactions gauge\nrapport_interactions 19765\n"),
    CommonProblems,
))]
pub(crate) async fn metrics(Acting(state): Acting, _query: NoParameters) -> Result<Response, Problem> {
    let counts = state.app().store().ledger_counts(state.app().org()).await?;
    let metrics = state.metrics();
    metrics.interactions.set(counts.interactions as i64);
    metrics.sightings.set(counts.sightings as i64);
    let text = TextEncoder::new().encode_to_string(&metrics.registry.gather());
    let text = text.map_err(|error| Problem::new(Kind::Fault, error.to_string()))?;
    Ok(([(header::CONTENT_TYPE, TEXT_FORMAT)], text).into_response())
}
