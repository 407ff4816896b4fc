//! Subscriptions: made once their address has answered, and rung when something in a mailbox changed.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::{
    Asked, FakeGraph, Reply, Shared, answers, lock,
    world::{Stored, World},
};

/// The longest life of a subscription to mail or events.
const LIFE_MAX_MIN: i64 = 10_080;
/// What a subscription may be made with.
const FIELDS: [&str; 6] =
    ["changeType", "clientState", "expirationDateTime", "lifecycleNotificationUrl", "notificationUrl", "resource"];
/// Characters of a client state at most.
const CLIENT_STATE_MAX: usize = 128;

/// A subscription that lives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FakeSubscription {
    /// Its id.
    pub id: String,
    /// The mailbox that it is about.
    pub address: String,
    /// `messages` or `events`.
    pub below: String,
    /// Which changes it tells of.
    pub changes: Vec<String>,
    /// Where notifications go.
    pub url: String,
    /// Where those about itself go.
    pub lifecycle_url: String,
    /// What comes with each.
    pub client_state: String,
    /// Until when it lives.
    pub expires_at: String,
    /// Whether it tells nothing before it is authorized anew.
    pub is_challenged: bool,
    /// Number of the change up to which it told all.
    told: u64,
}

#[derive(Default)]
pub(super) struct Subscriptions {
    all: BTreeMap<String, FakeSubscription>,
    next: u64,
}

/// The mailbox that a request about subscriptions is about; ending one is about none.
pub(super) fn mailbox(shared: &Shared, asked: &Asked) -> Option<String> {
    match (asked.method.as_str(), asked.path.get(2)) {
        ("DELETE", _) => None,
        (_, Some(id)) => shared.subscriptions.all.get(id).map(|one| one.address.clone()),
        ("POST", None) => {
            let body: Value = serde_json::from_slice(&asked.body).ok()?;
            resource(body["resource"].as_str()?).map(|(address, _)| address)
        }
        _ => None,
    }
}

/// Answers a request about subscriptions.
pub(super) async fn answer(shared: &Arc<Mutex<Shared>>, asked: &Asked) -> Reply {
    let refused = answers::refused(&mut lock(shared), asked);
    if let Some(refused) = refused {
        return refused;
    }
    let path: Vec<&str> = asked.path.iter().skip(2).map(String::as_str).collect();
    let is_known = |id: &str| lock(shared).subscriptions.all.contains_key(id);
    match (asked.method.as_str(), path.as_slice()) {
        ("POST", []) => {
            let checked = checked(&lock(shared), asked);
            match checked {
                Ok(new) => make(shared, new).await,
                Err(reply) => reply,
            }
        }
        (_, [id, ..]) if !is_known(id) => Reply::error(404, "ResourceNotFound"),
        ("PATCH", [id]) => renew(&mut lock(shared), asked, id),
        ("POST", [id, "reauthorize"]) => {
            let mut shared = lock(shared);
            let one = shared.subscriptions.all.get(*id).map(|one| one.address.clone()).unwrap_or_default();
            if shared.faults.closed.contains(&one) {
                return Reply::error(403, "ErrorAccessDenied");
            }
            shared.subscriptions.all.entry((*id).to_owned()).and_modify(|one| one.is_challenged = false);
            Reply { status: 204, body: Value::Null, retry_after_s: None }
        }
        ("DELETE", [id]) => {
            lock(shared).subscriptions.all.remove(*id);
            Reply { status: 204, body: Value::Null, retry_after_s: None }
        }
        _ => Reply::error(405, "MethodNotAllowed"),
    }
}

/// Mailbox and what below it: `users/ADDRESS/messages` or `users/ADDRESS/events`.
fn resource(text: &str) -> Option<(String, String)> {
    let parts: Vec<String> = text.split('/').map(super::checks::decoded).collect();
    match parts.as_slice() {
        [users, address, below] if users == "users" && ["messages", "events"].contains(&below.as_str()) => {
            Some((address.clone(), below.clone()))
        }
        _ => None,
    }
}

/// A subscription as it is asked for, unless it may not be so.
fn checked(shared: &Shared, asked: &Asked) -> Result<FakeSubscription, Reply> {
    let bad = || Reply::error(400, "InvalidRequest");
    let body: Value = serde_json::from_slice(&asked.body).map_err(|_| bad())?;
    let said = |name: &str| body[name].as_str().map(str::to_owned).ok_or_else(bad);
    if !body.as_object().is_some_and(|fields| fields.keys().all(|name| FIELDS.contains(&name.as_str()))) {
        return Err(bad());
    }
    let (address, below) = resource(&said("resource")?).ok_or_else(bad)?;
    let changes: Vec<String> = said("changeType")?.split(',').map(str::to_owned).collect();
    let client_state = said("clientState")?;
    let are_known = changes.iter().all(|change| ["created", "updated", "deleted"].contains(&change.as_str()));
    let expires_at = said("expirationDateTime")?;
    if !are_known || client_state.len() > CLIENT_STATE_MAX || !may_live_until(&shared.world, &expires_at) {
        return Err(bad());
    }
    if shared.faults.closed.contains(&address) {
        return Err(Reply::error(403, "ErrorAccessDenied"));
    }
    if !shared.world.mailboxes.contains_key(&address) {
        return Err(Reply::error(404, "ResourceNotFound"));
    }
    let (url, lifecycle_url) = (said("notificationUrl")?, said("lifecycleNotificationUrl")?);
    let told = shared.world.version;
    let id = String::new();
    Ok(FakeSubscription { id, address, below, changes, url, lifecycle_url, client_state, expires_at, is_challenged: false, told })
}

/// Whether a subscription may live until a moment: one that lies ahead, by less than seven days.
fn may_live_until(world: &World, until: &str) -> bool {
    let Ok(until) = until.parse::<jiff::Timestamp>() else { return false };
    world.moment().is_none_or(|now| (1..=LIFE_MAX_MIN * 60).contains(&(until.as_second() - now.as_second())))
}

async fn make(shared: &Arc<Mutex<Shared>>, mut new: FakeSubscription) -> Reply {
    let number = {
        let mut shared = lock(shared);
        shared.subscriptions.next += 1;
        shared.subscriptions.next
    };
    for url in [&new.url, &new.lifecycle_url] {
        let token = format!("Validation: Testing client application reachability & 100%+ of it for subscription {number}");
        let answer = post(&format!("{url}?validationToken={}", encoded(&token)), "text/plain; charset=utf-8", "").await;
        let is_echoed =
            answer.is_some_and(|(status, kind, body)| status == 200 && kind.starts_with("text/plain") && body == token);
        if !is_echoed {
            return Reply::error(400, "ValidationError");
        }
    }
    new.id = format!("5b1e0000-0000-4000-8000-{number:012}");
    let body = json!({
        "id": new.id, "resource": format!("users/{}/{}", new.address, new.below), "changeType": new.changes.join(","),
        "notificationUrl": new.url, "expirationDateTime": new.expires_at,
    });
    lock(shared).subscriptions.all.insert(new.id.clone(), new);
    Reply { status: 201, ..Reply::ok(body) }
}

fn renew(shared: &mut Shared, asked: &Asked, id: &str) -> Reply {
    let body: Value = serde_json::from_slice(&asked.body).unwrap_or_default();
    let until = body["expirationDateTime"].as_str().unwrap_or_default().to_owned();
    let may_live = may_live_until(&shared.world, &until) && body.as_object().is_some_and(|fields| fields.len() == 1);
    let Some(one) = shared.subscriptions.all.get_mut(id) else { return Reply::error(404, "ResourceNotFound") };
    if !may_live {
        return Reply::error(400, "InvalidRequest");
    }
    if shared.faults.closed.contains(&one.address) {
        return Reply::error(403, "ErrorAccessDenied");
    }
    (one.expires_at, one.is_challenged) = (until, false);
    Reply::ok(json!({"id": id, "expirationDateTime": one.expires_at}))
}

impl FakeGraph {
    /// Subscriptions that live, by id.
    pub fn subscriptions(&self) -> Vec<FakeSubscription> {
        let mut shared = self.shared();
        expire(&mut shared);
        shared.subscriptions.all.values().cloned().collect()
    }

    /// Tells of every change since it told last, and of none twice; what each address answered.
    pub async fn ring(&self) -> Vec<u16> {
        let mut by_url: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        {
            let mut shared = self.shared();
            expire(&mut shared);
            let Shared { world, subscriptions, .. } = &mut *shared;
            for one in subscriptions.all.values_mut().filter(|one| !one.is_challenged) {
                let changed = changed(world, one);
                one.told = world.version;
                by_url.entry(one.url.clone()).or_default().extend(changed);
            }
        }
        let mut answered = Vec::new();
        for (url, items) in by_url.into_iter().filter(|(_, items)| !items.is_empty()) {
            answered.push(notify(&url, &items).await);
        }
        answered
    }

    /// Tells of something about the subscriptions to a mailbox: `reauthorizationRequired`, `missed` or `subscriptionRemoved`.
    pub async fn tell_of_subscriptions(&self, address: &str, event: &str) -> Vec<u16> {
        let about: Vec<FakeSubscription> = self.subscriptions().into_iter().filter(|one| one.address == address).collect();
        {
            let all = &mut self.shared().subscriptions.all;
            for one in &about {
                match event {
                    "subscriptionRemoved" => drop(all.remove(&one.id)),
                    "reauthorizationRequired" => drop(all.entry(one.id.clone()).and_modify(|one| one.is_challenged = true)),
                    _ => {}
                }
            }
        }
        let mut answered = Vec::new();
        for one in about {
            let item = json!({
                "subscriptionId": one.id, "subscriptionExpirationDateTime": one.expires_at, "clientState": one.client_state,
                "tenantId": super::TENANT, "lifecycleEvent": event,
            });
            answered.push(notify(&one.lifecycle_url, &[item]).await);
        }
        answered
    }
}

/// Ends those whose life is over.
fn expire(shared: &mut Shared) {
    let Some(now) = shared.world.moment() else { return };
    shared.subscriptions.all.retain(|_, one| one.expires_at.parse::<jiff::Timestamp>().is_ok_and(|until| until > now));
}

/// Notifications of what changed since a subscription told last.
fn changed(world: &World, one: &FakeSubscription) -> Vec<Value> {
    let Some(mailbox) = world.mailboxes.get(&one.address) else { return Vec::new() };
    let item = |id: &str, change: &str| {
        let resource = format!("Users/U@{}/{}/{id}", super::TENANT, one.below);
        json!({
            "subscriptionId": one.id, "subscriptionExpirationDateTime": one.expires_at, "clientState": one.client_state,
            "changeType": change, "resource": resource, "tenantId": super::TENANT,
            "resourceData": {"@odata.type": "#Microsoft.Graph.Item", "@odata.id": resource, "id": id},
        })
    };
    let stored: &BTreeMap<String, Stored> = if one.below == "messages" { &mailbox.messages } else { &mailbox.events };
    let tells = |change: &str| one.changes.iter().any(|told| told == change);
    let came = stored.iter().filter(|(_, stored)| stored.came > one.told && tells("created")).map(|(id, _)| item(id, "created"));
    let gone = mailbox.gone.iter().filter(|(version, _, id)| *version > one.told && tells("deleted") && !stored.contains_key(id));
    came.chain(gone.map(|(_, _, id)| item(id, "deleted"))).collect()
}

/// Sends notifications; 0 where nobody answered.
pub async fn notify(url: &str, items: &[Value]) -> u16 {
    let body = json!({"value": items}).to_string();
    post(url, "application/json; charset=utf-8", &body).await.map_or(0, |(status, _, _)| status)
}

/// Status, kind and text that an address of this machine answers with.
pub async fn post(url: &str, kind: &str, body: &str) -> Option<(u16, String, String)> {
    let (host, path) = url.strip_prefix("http://")?.split_once('/')?;
    let mut stream = TcpStream::connect(host).await.ok()?;
    let length = body.len();
    let head = format!(
        "POST /{path} HTTP/1.1\r\nhost: {host}\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"
    );
    stream.write_all(format!("{head}{body}").as_bytes()).await.ok()?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await.ok()?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let (head, body) = text.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let kind = head.lines().find_map(|line| line.split_once(':').filter(|(name, _)| name.eq_ignore_ascii_case("content-type")));
    Some((status, kind.map(|(_, value)| value.trim().to_owned()).unwrap_or_default(), body.to_owned()))
}

/// A value of a query, with everything encoded that is no letter or digit.
fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}
