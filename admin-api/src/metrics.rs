//! What Prometheus reads at `GET /metrics` where the admin side runs alone: beside a data plane that one
//! answers.

use std::sync::atomic::AtomicI64;
use std::time::Duration;

use actix_web::http::header::{ACCEPT, CONTENT_TYPE};
use actix_web::{FromRequest as _, HttpRequest, HttpResponse, web};
use domain::exposition::in_format;
use domain::time::TimestampMs;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};

use crate::AdminApi;
use crate::acting::{Acting, may};
use crate::routes::{Route, litellm_route};

/// The routes.
pub const ROUTES: &[Route] = &[
    litellm_route!(GET "/metrics" => metrics, anybody, "What Prometheus reads of the admin side."),
];

/// Labels of an answered request. The route is its pattern: paths hold ids, and some hold keys.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    method: String,
    route: String,
    status: u16,
}

/// Labels of time.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RouteLabels {
    route: String,
}

/// Labels of a job.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct JobLabels {
    job: &'static str,
    outcome: &'static str,
}

/// Labels of connections to the database.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ConnectionLabels {
    state: &'static str,
}

type Level = Gauge<i64, AtomicI64>;

/// All metrics of an admin side.
pub struct AdminMetrics {
    registry: Registry,
    requests: Family<RequestLabels, Counter>,
    duration_seconds: Family<RouteLabels, Histogram, fn() -> Histogram>,
    in_flight: Level,
    jobs: Family<JobLabels, Counter>,
    sessions: Level,
    streams: Level,
    store_up: Level,
    connections: Family<ConnectionLabels, Level>,
}

impl Default for AdminMetrics {
    fn default() -> Self {
        let buckets: fn() -> Histogram = || Histogram::new(exponential_buckets(0.001, 2.0, 15));
        let mut metrics = Self {
            registry: Registry::with_prefix("headgate_admin"),
            requests: Family::default(),
            duration_seconds: Family::new_with_constructor(buckets),
            in_flight: Gauge::default(),
            jobs: Family::default(),
            sessions: Gauge::default(),
            streams: Gauge::default(),
            store_up: Gauge::default(),
            connections: Family::default(),
        };
        metrics.register();
        metrics
    }
}

/// A request under way, until it is dropped.
pub(crate) struct Underway(Level);

impl Drop for Underway {
    fn drop(&mut self) {
        self.0.dec();
    }
}

impl AdminMetrics {
    fn register(&mut self) {
        let registry = &mut self.registry;
        let (requests, jobs) = (self.requests.clone(), self.jobs.clone());
        registry.register("requests", "Answered requests", requests);
        registry.register_with_unit(
            "request_duration",
            "From a request to its answer",
            Unit::Seconds,
            self.duration_seconds.clone(),
        );
        registry.register("job_runs", "Jobs that were done, or could not be", jobs);
        for (name, help, level) in [
            ("requests_in_flight", "Requests under way", &self.in_flight),
            ("sessions", "Sessions that have not ended", &self.sessions),
            ("live_streams", "Live lists that are open", &self.streams),
            ("store_up", "Whether the store answers", &self.store_up),
        ] {
            registry.register(name, help, level.clone());
        }
        registry.register(
            "store_connections",
            "Connections of this process to the database; `waiting` are requests without one",
            self.connections.clone(),
        );
    }

    /// A request is under way.
    pub(crate) fn begun(&self) -> Underway {
        self.in_flight.inc();
        Underway(self.in_flight.clone())
    }

    /// A request was answered. What matches no route is one series.
    pub(crate) fn answered(&self, request: &HttpRequest, status: u16, took: Duration) {
        let route = request
            .match_pattern()
            .unwrap_or_else(|| "other".to_owned());
        let known = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
        let named = request.method().as_str();
        let method = known.into_iter().find(|one| *one == named);
        let labels = RouteLabels {
            route: route.clone(),
        };
        self.duration_seconds
            .get_or_create(&labels)
            .observe(took.as_secs_f64());
        let labels = RequestLabels {
            method: method.unwrap_or("other").to_owned(),
            route,
            status,
        };
        self.requests.get_or_create(&labels).inc();
    }

    /// A job was done, or could not be.
    pub(crate) fn job(&self, job: &'static str, done: bool) {
        let outcome = if done { "ok" } else { "failed" };
        self.jobs.get_or_create(&JobLabels { job, outcome }).inc();
    }

    /// The text of OpenMetrics, with what is open at present.
    async fn to_text(&self, api: &AdminApi) -> String {
        let level = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
        let sessions = api.store.count_sessions(TimestampMs::now()).await;
        self.store_up.set(i64::from(sessions.is_ok()));
        if let Ok(sessions) = sessions {
            self.sessions.set(sessions);
        }
        self.streams.set(level(api.live.seats.count()));
        let connections = api.store.connections();
        for (state, number) in [
            ("idle", connections.idle),
            ("in_use", connections.open.saturating_sub(connections.idle)),
            ("most", connections.most),
            ("waiting", connections.waiting),
        ] {
            let labels = ConnectionLabels { state };
            self.connections.get_or_create(&labels).set(level(number));
        }
        let mut text = String::new();
        let _infallible = encode(&mut text, &self.registry);
        text
    }
}

/// Needs no key, as beside it in the data plane, unless the operator says so: then one that sees the
/// whole platform.
async fn metrics(
    request: HttpRequest,
    api: web::Data<AdminApi>,
) -> actix_web::Result<HttpResponse> {
    if api.settings.metrics_need_key {
        Acting::<may::ReadSettings>::extract(&request).await?;
    }
    let accept = request.headers().get(ACCEPT);
    let accept = accept.and_then(|accept| accept.to_str().ok());
    let (media_type, text) = in_format(accept, api.metrics.to_text(&api).await);
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, media_type))
        .body(text))
}
