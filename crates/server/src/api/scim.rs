//! `/scim/v2`: users and security groups for directories that provision them (RFC 7644). Its own media type and errors; not part of the
//! OpenAPI document, because it describes itself.

use axum::{
    Router,
    body::Bytes,
    extract::{
        Path, Query,
        rejection::{BytesRejection, QueryRejection},
    },
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{identify::Acting, state::ServerState};
use crate::{
    AppError,
    app::scim::{ENTERPRISE, GROUP, OWN, USER},
};

const MEDIA_TYPE: &str = "application/scim+json";
/// Resources of one page at most.
const PAGE_MAX: usize = 500;

/// All routes.
pub(super) fn router() -> Router<ServerState> {
    Router::new()
        .route("/scim/v2/ServiceProviderConfig", get(config))
        .route("/scim/v2/ResourceTypes", get(types))
        .route("/scim/v2/Schemas", get(schemas))
        .route("/scim/v2/Users", get(users).post(create_user))
        .route("/scim/v2/Users/{id}", get(user).put(put_user).patch(patch_user).delete(delete_user))
        .route("/scim/v2/Groups", get(groups).post(create_group))
        .route("/scim/v2/Groups/{id}", get(group).put(put_group).patch(patch_group).delete(delete_group))
}

/// What a list asks for.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ListParameters {
    filter: Option<String>,
    start_index: Option<usize>,
    count: Option<usize>,
}

/// An error as SCIM has it.
struct ScimError(StatusCode, Option<&'static str>, String);

impl From<AppError> for ScimError {
    fn from(error: AppError) -> Self {
        let (status, kind) = if error.is_missing() {
            (StatusCode::NOT_FOUND, None)
        } else if error.is_invalid() {
            (StatusCode::BAD_REQUEST, Some("invalidValue"))
        } else if error.is_refused() {
            (StatusCode::BAD_REQUEST, Some("mutability"))
        } else {
            (StatusCode::SERVICE_UNAVAILABLE, None)
        };
        let text = error.hint().map_or_else(|| error.to_string(), |hint| format!("{error}; {hint}"));
        Self(status, kind, text)
    }
}

impl IntoResponse for ScimError {
    fn into_response(self) -> Response {
        let Self(status, kind, detail) = self;
        let mut body = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
            "status": status.as_u16().to_string(),
            "detail": detail,
        });
        if let Some(kind) = kind {
            body["scimType"] = json!(kind);
        }
        answer(status, &body)
    }
}

fn answer(status: StatusCode, body: &Value) -> Response {
    (status, [(header::CONTENT_TYPE, MEDIA_TYPE)], body.to_string()).into_response()
}

/// The body as axum read it: too large, or cut off, is an error of ours too.
type Body = Result<Bytes, BytesRejection>;
type Parameters = Result<Query<ListParameters>, QueryRejection>;

fn parsed(body: Body) -> Result<Value, ScimError> {
    let bytes = body.map_err(|error| ScimError(error.status(), None, error.body_text()))?;
    serde_json::from_slice(&bytes)
        .map_err(|error| ScimError(StatusCode::BAD_REQUEST, Some("invalidSyntax"), format!("the body is no JSON: {error}")))
}

/// One page of resources; the one filter that directories use is `attribute eq "value"`.
fn page(all: Vec<Value>, parameters: Parameters) -> Result<Response, ScimError> {
    let Query(parameters) = parameters.map_err(|error| ScimError(error.status(), Some("invalidValue"), error.body_text()))?;
    let found: Vec<Value> = match parameters.filter.as_deref() {
        None => all,
        Some(filter) => {
            let wrong = || {
                let what = format!("`{filter}` is not understood: the filter is `attribute eq \"value\"`");
                ScimError(StatusCode::BAD_REQUEST, Some("invalidFilter"), what)
            };
            let (name, value) = filter.split_once(" eq ").ok_or_else(wrong)?;
            let (name, value) = (name.trim(), value.trim());
            let wanted = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).ok_or_else(wrong)?;
            let known = ["id", "userName", "externalId", "displayName", "emails.value"];
            let name = known.into_iter().find(|known| known.eq_ignore_ascii_case(name)).ok_or_else(wrong)?;
            let is = |value: &Value| value.as_str().is_some_and(|text| text.eq_ignore_ascii_case(wanted));
            let is_meant = |resource: &Value| match name {
                "emails.value" => resource["emails"].as_array().is_some_and(|all| all.iter().any(|one| is(&one["value"]))),
                name => is(&resource[name]),
            };
            all.into_iter().filter(is_meant).collect()
        }
    };
    let total = found.len();
    let start = parameters.start_index.unwrap_or(1).max(1);
    let count = parameters.count.unwrap_or(100).min(PAGE_MAX);
    let items: Vec<Value> = found.into_iter().skip(start - 1).take(count).collect();
    let body = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
        "totalResults": total,
        "startIndex": start,
        "itemsPerPage": items.len(),
        "Resources": items,
    });
    Ok(answer(StatusCode::OK, &body))
}

fn created(resource: Option<Value>, what: &str) -> Result<Response, ScimError> {
    match resource {
        Some(resource) => Ok(answer(StatusCode::CREATED, &resource)),
        None => Err(ScimError(StatusCode::CONFLICT, Some("uniqueness"), format!("there is a {what} of this name already"))),
    }
}

async fn config() -> Response {
    let no = json!({"supported": false});
    let body = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
        "patch": {"supported": true},
        "bulk": {"supported": false, "maxOperations": 0, "maxPayloadSize": 0},
        "filter": {"supported": true, "maxResults": PAGE_MAX},
        "changePassword": no, "sort": no, "etag": no,
        "authenticationSchemes": [{
            "type": "oauthbearertoken",
            "name": "Token of a user who manages users",
            "description": "Made under My account, or by `rapport token create`, with the scope manage",
        }],
    });
    answer(StatusCode::OK, &body)
}

fn listed(items: &[Value]) -> Response {
    let body = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
        "totalResults": items.len(), "startIndex": 1, "itemsPerPage": items.len(), "Resources": items,
    });
    answer(StatusCode::OK, &body)
}

async fn types() -> Response {
    let of = |name: &str, endpoint: &str, schema: &str, extensions: &[&str]| {
        json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],
            "id": name, "name": name, "endpoint": endpoint, "schema": schema,
            "schemaExtensions": extensions.iter().map(|schema| json!({"schema": schema, "required": false})).collect::<Vec<_>>(),
        })
    };
    listed(&[of("User", "/Users", USER, &[ENTERPRISE, OWN]), of("Group", "/Groups", GROUP, &[])])
}

async fn schemas() -> Response {
    let attribute = |name: &str, kind: &str, is_many: bool, is_required: bool| {
        json!({"name": name, "type": kind, "multiValued": is_many, "required": is_required, "caseExact": false,
            "mutability": if name == "userName" { "immutable" } else { "readWrite" }, "returned": "default",
            "uniqueness": if name == "userName" { "server" } else { "none" }})
    };
    let schema = |id: &str, name: &str, attributes: Vec<Value>| json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Schema"], "id": id, "name": name, "attributes": attributes});
    let user = vec![
        attribute("userName", "string", false, true),
        attribute("displayName", "string", false, false),
        attribute("name", "complex", false, false),
        attribute("title", "string", false, false),
        attribute("active", "boolean", false, false),
        attribute("emails", "complex", true, false),
        attribute("roles", "complex", true, false),
    ];
    let group = vec![attribute("displayName", "string", false, true), attribute("members", "complex", true, false)];
    let enterprise = vec![attribute("department", "string", false, false), attribute("manager", "complex", false, false)];
    let own = vec![attribute("licence", "string", false, false), attribute("teams", "string", true, false)];
    listed(&[
        schema(USER, "User", user),
        schema(GROUP, "Group", group),
        schema(ENTERPRISE, "EnterpriseUser", enterprise),
        schema(OWN, "RapportUser", own),
    ])
}

async fn users(Acting(state): Acting, parameters: Parameters) -> Result<Response, ScimError> {
    page(state.app().scim_users().await?, parameters)
}

async fn user(Acting(state): Acting, Path(id): Path<String>) -> Result<Response, ScimError> {
    Ok(answer(StatusCode::OK, &state.app().scim_user(&id).await?))
}

async fn create_user(Acting(state): Acting, body: Body) -> Result<Response, ScimError> {
    created(state.app().create_scim_user(&parsed(body)?).await?, "user")
}

async fn put_user(Acting(state): Acting, Path(id): Path<String>, body: Body) -> Result<Response, ScimError> {
    Ok(answer(StatusCode::OK, &state.app().replace_scim_user(&id, &parsed(body)?).await?))
}

async fn patch_user(Acting(state): Acting, Path(id): Path<String>, body: Body) -> Result<Response, ScimError> {
    Ok(answer(StatusCode::OK, &state.app().patch_scim_user(&id, &parsed(body)?).await?))
}

async fn delete_user(Acting(state): Acting, Path(id): Path<String>) -> Result<StatusCode, ScimError> {
    state.app().delete_scim_user(&id).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn groups(Acting(state): Acting, parameters: Parameters) -> Result<Response, ScimError> {
    page(state.app().scim_groups().await?, parameters)
}

async fn group(Acting(state): Acting, Path(id): Path<String>) -> Result<Response, ScimError> {
    Ok(answer(StatusCode::OK, &state.app().scim_group(&id).await?))
}

async fn create_group(Acting(state): Acting, body: Body) -> Result<Response, ScimError> {
    created(state.app().create_scim_group(&parsed(body)?).await?, "group")
}

async fn put_group(Acting(state): Acting, Path(id): Path<String>, body: Body) -> Result<Response, ScimError> {
    Ok(answer(StatusCode::OK, &state.app().replace_scim_group(&id, &parsed(body)?).await?))
}

async fn patch_group(Acting(state): Acting, Path(id): Path<String>, body: Body) -> Result<Response, ScimError> {
    Ok(answer(StatusCode::OK, &state.app().patch_scim_group(&id, &parsed(body)?).await?))
}

async fn delete_group(Acting(state): Acting, Path(id): Path<String>) -> Result<StatusCode, ScimError> {
    state.app().delete_scim_group(&id).await?;
    Ok(StatusCode::NO_CONTENT)
}
