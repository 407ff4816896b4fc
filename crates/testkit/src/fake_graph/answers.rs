//! What each path answers.

use serde_json::{Value, json};

use super::{
    Asked, Reply, Shared, checks,
    states::{self, What, folder, page_size, shown},
    world::Stored,
};

/// Requests to one mailbox within a batch.
const BATCH_MAX: usize = 4;

/// An error as Graph words it.
pub(super) fn error(code: &str) -> Value {
    json!({"error": {"code": code, "message": "Something is wrong with jo@us.example.", "innerError": {"request-id": "r"}}})
}

/// Answers anything but what is about subscriptions.
pub(super) fn answer(shared: &mut Shared, asked: &Asked) -> Reply {
    refused(shared, asked).unwrap_or_else(|| route(shared, asked))
}

/// Why a request is not even looked at.
pub(super) fn refused(shared: &mut Shared, asked: &Asked) -> Option<Reply> {
    shared.requests += 1;
    if let Some(every) = shared.faults.throttle_every
        && shared.requests.is_multiple_of(every)
    {
        return Some(Reply::error(429, "ApplicationThrottled"));
    }
    if !shared.faults.next.is_empty() {
        let (status, body) = shared.faults.next.remove(0);
        return Some(Reply { body, ..Reply::error(status, "") });
    }
    let is_good = asked.token.strip_prefix("Bearer ").is_some_and(|token| shared.login.good.contains(token));
    (!is_good).then(|| Reply::error(401, "InvalidAuthenticationToken"))
}

fn route(shared: &mut Shared, asked: &Asked) -> Reply {
    let path: Vec<&str> = asked.path.iter().map(String::as_str).collect();
    let ["v1.0", path @ ..] = path.as_slice() else { return Reply::error(404, "ResourceNotFound") };
    match (asked.method.as_str(), path) {
        ("POST", ["$batch"]) => batch(shared, asked),
        ("GET", ["organization"]) => checked(&checks::TENANT, asked, || organization(shared)),
        ("GET", ["users"]) if !has_role(shared, &["User.Read.All"]) => Reply::error(403, "Authorization_RequestDenied"),
        ("GET", ["admin", "exchange", "tracing", "messageTraces"]) => {
            checked(&checks::TRACES, asked, || super::traces::answer(shared, asked))
        }
        ("GET", ["users"]) => checked(&checks::USERS, asked, || users(shared, asked)),
        ("GET", ["users", id, "transitiveMemberOf"]) => checked(&checks::MEMBERSHIPS, asked, || memberships(shared, asked, id)),
        ("GET", ["users", mailbox, below @ ..]) => {
            if !is_open(shared, mailbox, below) {
                return Reply::error(403, "ErrorAccessDenied");
            }
            if !shared.world.mailboxes.contains_key(*mailbox) {
                return Reply::error(404, "ErrorInvalidUser");
            }
            within(shared, asked, mailbox, below)
        }
        _ => Reply::error(404, "ResourceNotFound"),
    }
}

fn has_role(shared: &Shared, any_of: &[&str]) -> bool {
    shared.login.roles.iter().any(|role| any_of.contains(&role.as_str()))
}

/// Whether something of a mailbox is open to us: by what it is limited to, else by our permissions.
fn is_open(shared: &Shared, mailbox: &str, below: &[&str]) -> bool {
    let is_calendar = matches!(below.first(), Some(&("calendars" | "events")));
    let reads = if is_calendar { "Calendars.Read" } else { "Mail.Read" };
    let is_permitted = match &shared.faults.limited_to {
        Some(open) => open.contains(mailbox),
        None => shared.login.roles.iter().any(|role| role.starts_with(reads)),
    };
    is_permitted && !shared.faults.closed.contains(mailbox)
}

fn checked(allowed: &checks::Allowed, asked: &Asked, answer: impl FnOnce() -> Reply) -> Reply {
    match allowed.refused(asked) {
        Some(why) => Reply { status: 400, body: json!({"error": {"code": "BadRequest", "message": why}}), retry_after_s: None },
        None => answer(),
    }
}

/// What lies in a mailbox.
fn within(shared: &mut Shared, asked: &Asked, mailbox: &str, path: &[&str]) -> Reply {
    let here = format!("/users/{mailbox}/{}", path.join("/"));
    let name = mailbox.to_owned();
    match path {
        ["mailFolders"] => checked(&checks::FOLDERS, asked, || {
            let mailbox = &shared.world.mailboxes[mailbox];
            let ids = mailbox.folders.keys().take(page_size(&shared.world, asked));
            Reply::ok(json!({"value": ids.map(|id| folder(mailbox, id)).collect::<Vec<_>>()}))
        }),
        ["mailFolders", "delta"] => checked(&checks::FOLDERS_DELTA, asked, || {
            states::answer(shared, asked, &here, |_| Some(What::Folders { mailbox: name }))
        }),
        ["mailFolders", id] => checked(&checks::FOLDERS, asked, || {
            let mailbox = &shared.world.mailboxes[mailbox];
            let found = mailbox.folders.iter().find(|(own, folder)| own == id || folder.well_known == Some(id));
            found.map_or_else(|| Reply::error(404, "ErrorItemNotFound"), |(id, _)| Reply::ok(folder(mailbox, id)))
        }),
        ["mailFolders", id, "messages", ..] if !shared.world.mailboxes[mailbox].folders.contains_key(*id) => {
            Reply::error(404, "ErrorItemNotFound")
        }
        ["messages"] => checked(&checks::MESSAGES, asked, || messages(shared, asked, mailbox, None, &here)),
        ["mailFolders", id, "messages"] => {
            checked(&checks::MESSAGES, asked, || messages(shared, asked, mailbox, Some(id), &here))
        }
        ["mailFolders", id, "messages", "delta"] => checked(&checks::MESSAGES_DELTA, asked, || {
            states::answer(shared, asked, &here, |asked| message_changes(asked, name, id))
        }),
        ["calendars"] => checked(&checks::CALENDARS, asked, || calendars(shared, mailbox)),
        ["calendars", id, "calendarView", "delta"] => checked(&checks::VIEW_DELTA, asked, || {
            states::answer(shared, asked, &here, |asked| {
                let moment = |name: &str| checks::option(asked, name).filter(|text| text.len() >= 20).map(str::to_owned);
                let (from, until) = (moment("startDateTime")?, moment("endDateTime")?);
                Some(What::Events { mailbox: name, calendar: (*id).to_owned(), from, until })
            })
        }),
        ["events", id] => checked(&checks::ONE_EVENT, asked, || {
            let found = shared.world.mailboxes[mailbox].events.get(*id);
            let select = checks::selected(asked);
            found
                .map_or_else(|| Reply::error(404, "ErrorItemNotFound"), |event| Reply::ok(shown(&event.value, select.as_deref())))
        }),
        _ => Reply::error(404, "ResourceNotFound"),
    }
}

/// What changes of messages are asked for; `None` where the filter is none that changes know.
fn message_changes(asked: &Asked, mailbox: String, folder: &str) -> Option<What> {
    let received_from = match checks::option(asked, "$filter") {
        None => String::new(),
        Some(filter) => filter.strip_prefix("receivedDateTime ge ").filter(|moment| moment.ends_with('Z'))?.to_owned(),
    };
    let change_type = checks::option(asked, "changeType");
    if change_type.is_some_and(|kind| !["created", "updated", "deleted"].contains(&kind)) {
        return None;
    }
    let select = checks::selected(asked);
    let only_created = change_type == Some("created");
    Some(What::Messages { mailbox, folder: folder.to_owned(), select, received_from, only_created })
}

/// Messages of a folder, or of all, within moments, newest first, with as many left out as pages came before: as Graph does it.
fn messages(shared: &Shared, asked: &Asked, mailbox: &str, folder: Option<&str>, here: &str) -> Reply {
    let filter = checks::option(asked, "$filter").unwrap_or_default();
    let bounds = filter.strip_prefix("receivedDateTime ge ").and_then(|rest| rest.split_once(" and receivedDateTime lt "));
    let Some((from, until)) = bounds else { return Reply::error(400, "ErrorInvalidUrlQueryFilter") };
    if checks::option(asked, "$orderby") != Some("receivedDateTime desc") {
        return Reply::error(400, "ErrorInvalidParameter");
    }
    let received =
        |stored: &&Stored| stored.value["receivedDateTime"].as_str().and_then(|text| text.parse::<jiff::Timestamp>().ok());
    let (Ok(from), Ok(until)) = (from.parse::<jiff::Timestamp>(), until.parse::<jiff::Timestamp>()) else {
        return Reply::error(400, "ErrorInvalidUrlQueryFilter");
    };
    let all = shared.world.mailboxes[mailbox].messages.values();
    let mut found: Vec<&Stored> = all
        .filter(|one| folder.is_none_or(|folder| one.place == folder) && received(one).is_some_and(|at| from <= at && at < until))
        .collect();
    found.sort_by_key(|stored| std::cmp::Reverse(received(stored)));
    let skip = checks::option(asked, "$skip").and_then(|skip| skip.parse::<usize>().ok()).unwrap_or(0);
    let size = page_size(&shared.world, asked);
    let select = checks::selected(asked);
    let shown_with_folder = |stored: &&Stored| {
        let mut value = stored.value.clone();
        value["parentFolderId"] = json!(stored.place);
        shown(&value, select.as_deref())
    };
    let page: Vec<Value> = found.iter().skip(skip).take(size).map(shown_with_folder).collect();
    let mut body = json!({"value": page});
    if found.len() > skip + size {
        let query = asked.target.split_once('?').map(|(_, query)| query).unwrap_or_default();
        let kept = query.split('&').filter(|part| !part.starts_with("$skip=")).collect::<Vec<_>>().join("&");
        body["@odata.nextLink"] = json!(format!("{}{here}?{kept}&$skip={}", shared.url, skip + size));
    }
    Reply::ok(body)
}

fn calendars(shared: &Shared, mailbox: &str) -> Reply {
    let calendars = shared.world.mailboxes[mailbox].calendars.iter().enumerate();
    let shown = calendars.map(|(number, (id, owner))| {
        json!({"id": id, "name": "Calendar", "isDefaultCalendar": number == 0, "owner": {"name": "Owner", "address": owner}})
    });
    Reply::ok(json!({"value": shown.collect::<Vec<_>>()}))
}

fn organization(shared: &Shared) -> Reply {
    let mut domains: Vec<Value> =
        vec![json!({"name": "us.example", "isDefault": true}), json!({"name": "US.onmicrosoft.example"})];
    domains.truncate(2);
    Reply::ok(json!({"value": [{
        "id": super::TENANT, "displayName": format!("Us ({} mailboxes)", shared.world.mailboxes.len()), "countryLetterCode": "NL",
        "verifiedDomains": domains,
    }]}))
}

fn users(shared: &Shared, asked: &Asked) -> Reply {
    let user = |(number, address): (usize, &String)| {
        let mut user = json!({
            "id": format!("U{number}"), "displayName": address, "mail": address, "userPrincipalName": address, "accountEnabled": true,
            "proxyAddresses": [format!("SMTP:{address}")], "assignedLicenses": [{"skuId": "s"}], "usageLocation": "NL",
        });
        let further = shared.world.people.get(address).and_then(Value::as_object).into_iter().flatten();
        further.for_each(|(name, value)| user[name] = value.clone());
        user
    };
    let all = shared.world.mailboxes.keys().enumerate().map(user).collect();
    listed(shared, asked, all)
}

/// The security groups of a user; their names are told to whoever may read groups.
fn memberships(shared: &Shared, asked: &Asked, id: &str) -> Reply {
    let number = id.strip_prefix('U').and_then(|number| number.parse::<usize>().ok());
    let Some(address) = number.and_then(|number| shared.world.mailboxes.keys().nth(number)) else {
        return Reply::error(404, "Request_ResourceNotFound");
    };
    let may_read = has_role(shared, &["GroupMember.Read.All"]);
    let of_user = shared.world.groups.iter().enumerate().filter(|(_, (_, members))| members.contains(address));
    let group = |(number, (name, _)): (usize, (&String, &Vec<String>))| {
        let (name, is_for_security) = if may_read { (json!(name), json!(true)) } else { (Value::Null, Value::Null) };
        let id = format!("G{number}");
        json!({"@odata.type": "#microsoft.graph.group", "id": id, "displayName": name, "securityEnabled": is_for_security})
    };
    let mut all: Vec<Value> = of_user.map(group).collect();
    all.push(json!({"@odata.type": "#microsoft.graph.directoryRole", "id": "R1", "displayName": "Reader"}));
    listed(shared, asked, all)
}

/// A page of a list of the directory.
fn listed(shared: &Shared, asked: &Asked, all: Vec<Value>) -> Reply {
    let skip = checks::option(asked, "$skiptoken").and_then(|token| token.parse::<usize>().ok()).unwrap_or(0);
    let size = page_size(&shared.world, asked);
    let count = all.len();
    let page: Vec<Value> = all.into_iter().skip(skip).take(size).collect();
    let mut body = json!({"value": page});
    if count > skip + size {
        let (path, query) = asked.target.split_once('?').unwrap_or((&asked.target, ""));
        let kept = query.split('&').filter(|part| !part.starts_with("$skiptoken=")).collect::<Vec<_>>().join("&");
        let path = path.trim_start_matches("/v1.0");
        body["@odata.nextLink"] = json!(format!("{}{path}?{kept}&$skiptoken={}", shared.url, skip + size));
    }
    Reply::ok(body)
}

/// Several requests at once: more than a mailbox takes are too many.
fn batch(shared: &mut Shared, asked: &Asked) -> Reply {
    let body: Value = serde_json::from_slice(&asked.body).unwrap_or_default();
    let requests = body["requests"].as_array().cloned().unwrap_or_default();
    if requests.is_empty() || requests.len() > 20 {
        return Reply::error(400, "BadRequest");
    }
    let mut responses = Vec::new();
    for (number, one) in requests.iter().enumerate() {
        let url = one["url"].as_str().unwrap_or_default();
        let (path, query) = url.split_once('?').unwrap_or((url, ""));
        let inner = Asked {
            method: one["method"].as_str().unwrap_or_default().to_owned(),
            path: std::iter::once("v1.0".to_owned()).chain(path.split('/').skip(1).map(checks::decoded)).collect(),
            query: checks::pairs(query),
            target: url.to_owned(),
            prefer: String::new(),
            token: asked.token.clone(),
            body: axum::body::Bytes::new(),
        };
        // That many go to one mailbox at once; the directory takes more.
        let is_fair = number < BATCH_MAX || path.ends_with("/transitiveMemberOf");
        let reply = if is_fair { route(shared, &inner) } else { Reply::error(429, "ApplicationThrottled") };
        let wait = reply.retry_after_s.map(|seconds| seconds.to_string());
        responses.push(json!({"id": one["id"], "status": reply.status, "headers": {"Retry-After": wait}, "body": reply.body}));
    }
    Reply::ok(json!({"responses": responses}))
}
