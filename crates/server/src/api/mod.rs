//! The HTTP API: wire types, handlers, the OpenAPI document. No SQL, no figure.
//!
//! **What it is.** One file per resource, the same noun in URL, handler, query and test.
//!
//! **Architecture Invariant:** no operation runs before it is known who asks (`identify`) and that they may (`needs`); an [`App`] acts for
//! one caller, and answers nothing that they may not see. Every request is checked for its host and its origin (`guard`).
//! **Architecture Invariant:** whatever goes wrong is a problem (RFC 9457), also unknown routes, wrong methods and panics.
//! **Architecture Invariant:** logs and metrics name routes by their template; a URI holds addresses and ids.
//!
//! To add an operation: a handler with its `utoipa::path` in the file of its resource, its line in `routes`, a test in `tests/api_*.rs`.

mod access;
mod activities;
pub mod audit;
pub mod connectors;
mod consent_request;
mod cursor;
mod dashboard;
pub mod enabling;
mod etag;
pub mod evaluation;
mod events;
mod extract;
mod features;
mod forms;
mod guard;
mod health_distribution;
mod identify;
mod import_queue;
mod imports;
mod insights;
mod interactions;
mod introductions;
mod limits;
mod list_views;
mod listen;
mod lists;
mod metrics;
mod my_data;
mod needs;
mod notifications;
mod objections;
mod observe;
mod openapi;
mod permissions;
mod privacy_requests;
mod probes;
mod problem;
mod providers;
mod records;
mod scim;
mod search;
mod settings;
mod sign_in;
mod similar;
mod state;
#[cfg(test)]
mod tests;
mod users;
mod who_knows;
pub mod wire;
mod works_council;

use std::any::Any;

pub use access::Access;
use axum::{
    Router,
    extract::{DefaultBodyLimit, Request},
    http::Method,
    middleware::from_fn_with_state,
    response::{IntoResponse, Response},
};
pub use listen::{Server, bind};
#[cfg(feature = "ui")]
pub(crate) use observe::OwnHeaders;
pub use openapi::openapi_json;
pub use problem::{PROBLEM_JSON, ProblemBody};
pub use sign_in::{TokenBody, invitation_link};
use tower_http::{catch_panic::CatchPanicLayer, compression::CompressionLayer};
use utoipa::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};

use self::{
    problem::{Kind, Problem},
    state::ServerState,
};
use crate::{App, AppError};

/// The API of one organization as a service, for tests that need no socket.
pub async fn router(app: App) -> Result<Router, AppError> {
    Ok(layered(ServerState::open(app, access::Reached::default()).await?))
}

/// The same, reached as its operator says.
pub async fn router_reached(app: App, access: &Access) -> Result<Router, AppError> {
    Ok(layered(ServerState::open(app, access::Reached::check(access)?).await?))
}

/// Every operation.
fn routes() -> OpenApiRouter<ServerState> {
    OpenApiRouter::with_openapi(openapi::Base::openapi())
        .routes(routes!(lists::list, records::create))
        .routes(routes!(lists::export))
        .routes(routes!(lists::pipeline))
        .routes(routes!(dashboard::get))
        .routes(routes!(list_views::list, list_views::create))
        .routes(routes!(list_views::put, list_views::delete))
        .routes(routes!(users::me))
        .routes(routes!(sign_in::get, sign_in::sign_in))
        .routes(routes!(sign_in::sign_out))
        .routes(routes!(providers::list))
        .routes(routes!(providers::put, providers::delete))
        .routes(routes!(providers::begin))
        .routes(routes!(providers::finish))
        .routes(routes!(sign_in::invitation))
        .routes(routes!(sign_in::choose_password))
        .routes(routes!(sign_in::put_password))
        .routes(routes!(sign_in::sessions))
        .routes(routes!(sign_in::delete_session))
        .routes(routes!(sign_in::list_tokens, sign_in::create_token))
        .routes(routes!(sign_in::delete_token))
        .routes(routes!(users::list))
        .routes(routes!(users::put))
        .routes(routes!(features::get))
        .routes(routes!(users::invite, users::delete_sign_in))
        .routes(routes!(users::roles))
        .routes(routes!(users::put_role, users::delete_role))
        .routes(routes!(records::get, records::put))
        .routes(routes!(insights::get))
        .routes(routes!(interactions::list))
        .routes(routes!(interactions::history))
        .routes(routes!(activities::create))
        .routes(routes!(activities::get, activities::put))
        .routes(routes!(similar::get))
        .routes(routes!(search::get))
        .routes(routes!(who_knows::get))
        .routes(routes!(introductions::list, introductions::create))
        .routes(routes!(introductions::answer))
        .routes(routes!(imports::list))
        .routes(routes!(imports::get))
        .routes(routes!(imports::events))
        .routes(routes!(imports::users))
        .routes(routes!(imports::mail))
        .routes(routes!(imports::calendar))
        .routes(routes!(imports::interactions))
        .routes(routes!(imports::accounts))
        .routes(routes!(imports::contacts))
        .routes(routes!(imports::leads))
        .routes(routes!(imports::opportunities))
        .routes(routes!(imports::activities))
        .routes(routes!(connectors::list))
        .routes(routes!(connectors::put, connectors::delete))
        .routes(routes!(connectors::pause))
        .routes(routes!(connectors::change_mailbox))
        .routes(routes!(notifications::notify))
        .routes(routes!(audit::list))
        .routes(routes!(audit::check))
        .routes(routes!(audit::export))
        .routes(routes!(enabling::get, enabling::put))
        .routes(routes!(enabling::premium))
        .routes(routes!(enabling::excluded_groups))
        .routes(routes!(enabling::location))
        .routes(routes!(enabling::consent))
        .routes(routes!(consent_request::link))
        .routes(routes!(consent_request::show))
        .routes(routes!(consent_request::answer))
        .routes(routes!(permissions::list))
        .routes(routes!(permissions::check))
        .routes(routes!(permissions::probe))
        .routes(routes!(permissions::begin))
        .routes(routes!(permissions::finish))
        .routes(routes!(forms::list, forms::put))
        .routes(routes!(forms::delete))
        .routes(routes!(my_data::get))
        .routes(routes!(my_data::export))
        .routes(routes!(my_data::opt_out))
        .routes(routes!(my_data::preview))
        .routes(routes!(my_data::ask_first))
        .routes(routes!(my_data::looks))
        .routes(routes!(my_data::private_contacts, my_data::put_private_contacts))
        .routes(routes!(privacy_requests::looks))
        .routes(routes!(privacy_requests::export_looks))
        .routes(routes!(objections::count, objections::put))
        .routes(routes!(objections::check))
        .routes(routes!(privacy_requests::document))
        .routes(routes!(privacy_requests::list, privacy_requests::create))
        .routes(routes!(privacy_requests::get))
        .routes(routes!(privacy_requests::file))
        .routes(routes!(evaluation::get, evaluation::post))
        .routes(routes!(evaluation::calibrate))
        .routes(routes!(works_council::get, works_council::post))
        .routes(routes!(settings::list))
        .routes(routes!(health_distribution::get))
        .routes(routes!(settings::put))
        .routes(routes!(events::get))
        .merge(routes_of_the_server())
}

/// What is asked of the server itself.
fn routes_of_the_server() -> OpenApiRouter<ServerState> {
    OpenApiRouter::new()
        .routes(routes!(probes::healthz))
        .routes(routes!(probes::readyz))
        .routes(routes!(metrics::metrics))
        .routes(routes!(openapi::get))
}

fn layered(state: ServerState) -> Router {
    let (router, _) = routes().split_for_parts();
    // The last layer is the outermost: whatever the others answer is counted and has the headers of every answer.
    router
        .merge(scim::router())
        .fallback(no_route)
        .method_not_allowed_fallback(no_method)
        .layer(DefaultBodyLimit::max(limits::JSON_BODY_MAX_BYTES))
        .layer(from_fn_with_state(state.clone(), identify::identify))
        .layer(from_fn_with_state(state.clone(), limits::limit))
        .layer(from_fn_with_state(state.clone(), guard::guard))
        .layer(CompressionLayer::new())
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn_with_state(state.clone(), observe::observe))
        .with_state(state)
}

async fn no_route(request: Request) -> Response {
    #[cfg(feature = "ui")]
    if let Some(page) = crate::ui::answer(&request) {
        return page;
    }
    #[cfg(not(feature = "ui"))]
    drop(request);
    Problem::missing("there is nothing here").with_hint("GET /api/v1/openapi.json lists everything there is").into_response()
}

async fn no_method(method: Method) -> Problem {
    Problem::new(Kind::Method, format!("`{method}` is not allowed here; the header `Allow` has what is"))
}

/// The panic's own text went to the log.
fn panicked(_: Box<dyn Any + Send + 'static>) -> Response {
    Problem::new(Kind::Fault, "a fault of the server; its log has more").into_response()
}
