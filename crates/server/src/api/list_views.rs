//! `/api/v1/list-views`: lists as somebody wants to see them again.

use axum::{
    Json,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use rapport_domain::Table;
use rapport_store::registry::ListViewRow;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};

use super::{
    extract::{ApiJson, ApiPath, ApiQuery},
    identify::Acting,
    problem::{CommonProblems, Kind, Problem, ProblemBody},
    state::ServerState,
};
use crate::app::lists::saved::SavedView;

/// Whose views.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListViewParameters {
    /// Whose views: a user's address.
    viewer: Option<String>,
}

/// A saved view.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ListViewBody {
    /// Its number.
    id: i64,
    /// Table whose records it lists.
    table: &'static str,
    /// Its name.
    name: String,
    /// What the page asks for, in the page's own words.
    query: Map<String, Value>,
    /// When it was saved last.
    updated_at: String,
}

/// A view to save.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"table": "contacts", "name": "Silent", "query": {"sort": "last_at"}}))]
pub(crate) struct NewListViewBody {
    /// Table whose records it lists.
    table: String,
    /// Its name, unique per person and table.
    name: String,
    /// What the page asks for, in the page's own words.
    query: Map<String, Value>,
}

/// Somebody's saved views.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ListViewsBody {
    /// By table and name.
    items: Vec<ListViewBody>,
}

fn body(row: ListViewRow) -> ListViewBody {
    ListViewBody {
        id: row.id,
        table: row.table.as_str(),
        name: row.name,
        query: serde_json::from_str(&row.query).unwrap_or_default(),
        updated_at: row.updated_at.to_rfc3339(),
    }
}

/// Somebody's saved views
#[utoipa::path(get, path = "/api/v1/list-views", tag = "records", operation_id = "list_list_views", params(ListViewParameters),
    responses((status = 200, description = "By table and name", body = ListViewsBody), CommonProblems))]
pub(crate) async fn list(
    Acting(state): Acting,
    ApiQuery(ListViewParameters { viewer }): ApiQuery<ListViewParameters>,
) -> Result<Json<ListViewsBody>, Problem> {
    let views = state.app().list_views(viewer.as_deref()).await?;
    Ok(Json(ListViewsBody { items: views.into_iter().map(body).collect() }))
}

async fn save(state: &ServerState, viewer: Option<&str>, id: Option<i64>, new: NewListViewBody) -> Result<ListViewBody, Problem> {
    let table = Table::ALL.into_iter().find(|table| table.as_str() == new.table);
    let table = table.ok_or_else(|| Problem::new(Kind::Unprocessable, format!("body: `table` is no table: `{}`", new.table)))?;
    let query = Value::Object(new.query).to_string();
    match state.app().save_list_view(viewer, id, table, &new.name, &query).await.map_err(Problem::in_body)? {
        SavedView::Is(row) => Ok(body(row)),
        SavedView::NameTaken => Err(Problem::new(Kind::Conflict, format!("there is a saved view `{}` already", new.name.trim()))
            .with_hint("choose another name, or save that one anew")),
    }
}

/// Saves a view
#[utoipa::path(post, path = "/api/v1/list-views", tag = "records", operation_id = "create_list_view", params(ListViewParameters),
    request_body = NewListViewBody,
    responses(
        (status = 201, description = "The view", body = ListViewBody),
        (status = 403, description = "The write comes from another site, or there are too many", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "There is one of this name", body = ProblemBody, content_type = "application/problem+json"),
        (status = 415, description = "The body is no JSON", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "A field makes no sense", body = ProblemBody, content_type = "application/problem+json"),
        CommonProblems,
    ))]
pub(crate) async fn create(
    Acting(state): Acting,
    ApiQuery(ListViewParameters { viewer }): ApiQuery<ListViewParameters>,
    ApiJson(new): ApiJson<NewListViewBody>,
) -> Result<Response, Problem> {
    let saved = save(&state, viewer.as_deref(), None, new).await?;
    let location = format!("/api/v1/list-views/{}", saved.id);
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], Json(saved)).into_response())
}

/// Saves a view anew
#[utoipa::path(put, path = "/api/v1/list-views/{id}", tag = "records", operation_id = "put_list_view",
    params(("id" = i64, Path, description = "The view's number"), ListViewParameters),
    request_body = NewListViewBody,
    responses(
        (status = 200, description = "The view", body = ListViewBody),
        (status = 403, description = "The write comes from another site", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "The viewer has no such view", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "There is another one of this name", body = ProblemBody, content_type = "application/problem+json"),
        (status = 415, description = "The body is no JSON", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "A field makes no sense", body = ProblemBody, content_type = "application/problem+json"),
        CommonProblems,
    ))]
pub(crate) async fn put(
    Acting(state): Acting,
    ApiPath(id): ApiPath<i64>,
    ApiQuery(ListViewParameters { viewer }): ApiQuery<ListViewParameters>,
    ApiJson(new): ApiJson<NewListViewBody>,
) -> Result<Json<ListViewBody>, Problem> {
    Ok(Json(save(&state, viewer.as_deref(), Some(id), new).await?))
}

/// Deletes a view
#[utoipa::path(delete, path = "/api/v1/list-views/{id}", tag = "records", operation_id = "delete_list_view",
    params(("id" = i64, Path, description = "The view's number"), ListViewParameters),
    responses(
        (status = 204, description = "It is gone"),
        (status = 403, description = "The write comes from another site", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "The viewer has no such view", body = ProblemBody, content_type = "application/problem+json"),
        CommonProblems,
    ))]
pub(crate) async fn delete(
    Acting(state): Acting,
    ApiPath(id): ApiPath<i64>,
    ApiQuery(ListViewParameters { viewer }): ApiQuery<ListViewParameters>,
) -> Result<StatusCode, Problem> {
    state.app().delete_list_view(viewer.as_deref(), id).await?;
    Ok(StatusCode::NO_CONTENT)
}
