//! Subscriptions: Graph rings when something in a mailbox moved. What a notification says is never read for what it is about.
//!
//! Facts of Microsoft's documentation that this rests on: a subscription to mail or events lives for less than 7 days; while it is made, both
//! addresses are called with a token that they have to give back; renewing also authorizes anew; nothing but the permission to read the
//! mailbox is needed.

use std::time::Duration;

use rapport_domain::{Moment, time::SECOND_US};
use reqwest::{Method, Url};
use serde_json::{Value, json};

use super::{Graph, answers::Answer, session::text};
use crate::mailbox::{SourceError, StreamKind};

/// How long a subscription lives: Microsoft's limit is 10,080 minutes. A short life ends one that was forgotten, and leaves a weekend.
pub const SUBSCRIPTION_LIFE: Duration = Duration::from_hours(72);

/// What is to be subscribed to.
#[derive(Clone, Copy, Debug)]
pub struct NewSubscription<'a> {
    /// First address of the mailbox's user.
    pub address: &'a str,
    /// News of its mail, or of its events.
    pub kind: StreamKind,
    /// Where notifications go, those about the subscription itself too.
    pub notification_url: &'a str,
    /// Comes with each notification: it proves from whom it is.
    pub client_state: &'a str,
}

/// A subscription as Graph has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscription {
    /// As Graph calls it.
    pub id: String,
    /// Until when it lives.
    pub expires_at: Moment,
}

impl Graph {
    /// Makes a subscription. Graph calls the address before it answers.
    pub async fn subscribe(&self, new: &NewSubscription<'_>) -> Result<Subscription, SourceError> {
        let (below, changes) = match new.kind {
            // Messages that move or are read are none that are new.
            StreamKind::Mail => ("messages", "created"),
            StreamKind::Calendar => ("events", "created,updated,deleted"),
        };
        let until = self.subscribed_until();
        let body = json!({
            "changeType": changes, "resource": self.resource(new.address, below)?, "notificationUrl": new.notification_url,
            "lifecycleNotificationUrl": new.notification_url, "expirationDateTime": until.to_rfc3339(), "clientState": new.client_state,
        });
        let answer = self.ask(&Method::POST, &self.url(&["subscriptions"], "")?, "", Some(&body)).await?;
        if answer.status == 400 && code(&answer) == "ValidationError" {
            return Err(SourceError::unexpected("Microsoft does not reach our address for notifications (ValidationError)"));
        }
        let made = answer.success()?;
        let id = text(&made, "id").ok_or_else(|| SourceError::unexpected("Microsoft Graph does not name a subscription"))?;
        Ok(Subscription { id: id.to_owned(), expires_at: expires_at(&made, until) })
    }

    /// Lets a subscription live on; until when. Expired means that it is there no more.
    pub async fn renew_subscription(&self, id: &str) -> Result<Moment, SourceError> {
        let until = self.subscribed_until();
        let body = json!({"expirationDateTime": until.to_rfc3339()});
        let answer = self.ask(&Method::PATCH, &self.subscription(id, None)?, "", Some(&body)).await?;
        Ok(expires_at(&known(answer)?.success()?, until))
    }

    /// Proves once more that we may have a subscription, which lives no longer for it. Expired means that it is there no more.
    pub async fn reauthorize_subscription(&self, id: &str) -> Result<(), SourceError> {
        let answer = self.ask(&Method::POST, &self.subscription(id, Some("reauthorize"))?, "", None).await?;
        done(&known(answer)?)
    }

    /// Ends a subscription; one that is there no more is ended.
    pub async fn delete_subscription(&self, id: &str) -> Result<(), SourceError> {
        let answer = self.ask(&Method::DELETE, &self.subscription(id, None)?, "", None).await?;
        if answer.status == 404 { Ok(()) } else { done(&answer) }
    }

    fn subscribed_until(&self) -> Moment {
        let life_us = i64::try_from(SUBSCRIPTION_LIFE.as_micros()).unwrap_or(i64::MAX);
        let until = self.now().0.saturating_add(life_us);
        // Graph takes fractions of seconds, and gives others back.
        Moment(until - until.rem_euclid(SECOND_US))
    }

    fn subscription(&self, id: &str, action: Option<&str>) -> Result<Url, SourceError> {
        let segments: Vec<&str> = ["subscriptions", id].into_iter().chain(action).collect();
        self.url(&segments, "")
    }

    /// A mailbox's messages or events as a subscription names them: relative to where Graph is, encoded like any path.
    fn resource(&self, address: &str, below: &str) -> Result<String, SourceError> {
        let (base, whole) = (self.url(&[], "")?, self.url(&["users", address, below], "")?);
        let path = whole.path().strip_prefix(base.path().trim_end_matches('/')).unwrap_or(whole.path());
        Ok(path.trim_start_matches('/').to_owned())
    }
}

/// An answer about a subscription that is there.
fn known(answer: Answer) -> Result<Answer, SourceError> {
    match answer.status {
        404 | 410 => Err(SourceError::expired("the subscription is there no more")),
        _ => Ok(answer),
    }
}

/// What an answer without content comes to.
fn done(answer: &Answer) -> Result<(), SourceError> {
    if (200..300).contains(&answer.status) { Ok(()) } else { Err(answer.error()) }
}

fn code(answer: &Answer) -> String {
    let said = answer.json().unwrap_or_default();
    said.pointer("/error/code").and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// Until when a subscription lives, as Graph says; never longer than was asked for.
fn expires_at(made: &Value, asked: Moment) -> Moment {
    text(made, "expirationDateTime").and_then(|text| Moment::parse(text).ok()).map_or(asked, |said| said.min(asked))
}
