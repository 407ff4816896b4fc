//! What is held on somebody beside their interactions: their row, what they made, who looked.

use rapport_domain::{Moment, UserId};
use rapport_store::registry::{Look, MergeRow, PrivacyRequestRow};
use serde_json::{Map, Value, json};

use super::{
    App, AppError, View,
    introductions::{self, Introduction},
};

impl App {
    /// What is held on anybody by their addresses and references: merges, requests, and whether they object.
    pub(super) async fn held_on_person(&self, view: &View, keys: &[String]) -> Result<Map<String, Value>, AppError> {
        let merges = self.store().people_merges(self.org()).await?;
        let requests = self.store().privacy_requests(self.org()).await?;
        let names = |key: &String| keys.contains(key);
        let merges = merges.iter().filter(|merge| names(&merge.kept_key) || names(&merge.merged_key));
        let requests = requests.iter().filter(|row| row.address.as_ref().is_some_and(names));
        Ok(fields([
            ("merges", merges.map(|merge| told_merge(merge, keys)).collect()),
            ("privacy_requests", requests.map(told_request).collect()),
            ("objects", json!(keys.iter().any(|key| view.objects(self.organization(), key)))),
        ]))
    }

    /// Requests to be introduced to somebody outside.
    pub(super) async fn held_introductions(&self, view: &View, keys: &[String]) -> Result<Value, AppError> {
        let rows = self.store().introductions_to(self.org(), keys).await?;
        let name = |user: UserId, is_told: bool| {
            let is_told = is_told && view.works_council.is_none();
            if is_told { view.directory.user(user).email.clone() } else { "a colleague".to_owned() }
        };
        let told = |row: &rapport_store::registry::IntroductionRow| {
            let is_told = introductions::is_known(row) || !view.asks_first(row.colleague);
            json!({
                "asked_by": name(row.asked_by, true),
                "colleague": name(row.colleague, is_told),
                "target": row.target_key,
                "target_name": row.target_name,
                "message": row.message,
                "state": row.state,
                "asked_at": row.asked_at.to_rfc3339(),
                "answered_at": row.answered_at.map(Moment::to_rfc3339),
            })
        };
        Ok(rows.iter().map(told).collect())
    }

    /// What is held on a user. `is_own`: whether they ask themselves; whom they keep to themselves is told to nobody else.
    pub(super) async fn held_on_user(&self, view: &View, user: UserId, is_own: bool) -> Result<Map<String, Value>, AppError> {
        let (store, org, email) = (self.store(), self.org(), view.directory.user(user).email.as_str());
        self.keep_looks().await?;
        let about = store.looks(org, Some(user), None, u32::MAX).await?;
        let by = store.looks_of(org, user).await?;
        let asked = store.introductions(org, user).await?.into_iter().map(|row| introductions::told(view, user, row));
        let notice_given_at = store.mailbox_notices(org).await?.remove(&user);
        let made: Vec<Value> =
            store.privacy_requests(org).await?.iter().filter(|row| row.asked_by == email).map(told_request).collect();
        let mut held = fields([
            ("user", self.user_row(view, user).await?),
            ("mailbox_notice_given_at", json!(notice_given_at.map(Moment::to_rfc3339))),
            ("captured_mailboxes", self.captured_mailboxes_of(user).await?),
            ("own_records", own_records(view, user)),
            ("introductions", asked.map(told_introduction).collect()),
            ("looks", json!({"about_me": told_looks(view, &about), "by_me": told_looks(view, &by)})),
            ("sign_in", self.sign_in_of(user).await?),
            ("sessions", self.sessions_of(user).await?),
            ("tokens", self.tokens_of(user).await?),
            ("list_views", self.list_views_of(email).await?),
            ("privacy_requests_made", json!(made)),
            ("works_council", council(view, user, email)),
            ("actions", self.actions_of(email).await?),
        ]);
        if is_own {
            held.insert("private_contacts".to_owned(), json!(view.private_contacts(user)));
        }
        Ok(held)
    }

    /// How far a user's mailbox is read; of its folders and calendars no more is held than how far each is.
    async fn captured_mailboxes_of(&self, user: UserId) -> Result<Value, AppError> {
        let streams = self.store().captured_streams(self.org()).await?;
        let mailboxes = self.store().captured_mailboxes(self.org()).await?;
        let at = |us: Option<i64>| us.map(|us| Moment(us).to_rfc3339());
        let told = |row: &rapport_store::registry::MailboxRow| {
            let of_mailbox = streams.iter().filter(|(connector, of, _)| *of == user && *connector == row.connector);
            json!({
                "connector": row.connector,
                "has_login": row.login.is_some(),
                "paused": row.paused,
                "begun_at": at(row.begun_at_us),
                "history_from": at(row.history_from_us),
                "succeeded_at": at(row.succeeded_at_us),
                "failed_at": at(row.failed_at_us),
                "error": row.error,
                "read": row.read,
                "kept": row.kept,
                "duplicates": row.duplicates,
                "failed": row.failed,
                "excluded": serde_json::from_str::<Value>(&row.excluded).unwrap_or_default(),
                "folders": of_mailbox.count(),
            })
        };
        Ok(mailboxes.iter().filter(|row| row.user_id == user.0).map(told).collect())
    }

    /// The row of a user, and what they chose themselves.
    async fn user_row(&self, view: &View, user: UserId) -> Result<Value, AppError> {
        let rows = self.store().users(self.org()).await?;
        let opted_out_at = rows.into_iter().find(|row| row.id == user).and_then(|row| row.opted_out_at);
        let document = serde_json::to_value(&view.user_documents[user.0 as usize - 1]);
        let mut row = match document {
            Ok(Value::Object(fields)) => fields,
            _ => Map::new(),
        };
        row.insert("email".to_owned(), json!(view.directory.user(user).email));
        row.insert("opted_out_at".to_owned(), json!(opted_out_at.map(Moment::to_rfc3339)));
        row.insert("asks_first".to_owned(), json!(view.chose_ask_first(user)));
        Ok(Value::Object(row))
    }

    async fn sign_in_of(&self, user: UserId) -> Result<Value, AppError> {
        let held = self.store().held_sign_in(self.org(), user).await?;
        let identity = |(issuer, subject, linked_at): &(String, String, Moment)| json!({"issuer": issuer, "subject": subject, "linked_at": linked_at.to_rfc3339()});
        Ok(json!({
            "password_set_at": held.password_set_at.map(Moment::to_rfc3339),
            "link_until": held.link_until.map(Moment::to_rfc3339),
            "identities": held.identities.iter().map(identity).collect::<Vec<_>>(),
        }))
    }

    async fn sessions_of(&self, user: UserId) -> Result<Value, AppError> {
        let rows = self.store().sessions_of(self.org(), user).await?;
        let told = |row: &rapport_store::registry::SessionRow| {
            json!({
                "began_at": Moment(row.created_at_us).to_rfc3339(),
                "used_at": Moment(row.used_at_us).to_rfc3339(),
                "expires_at": Moment(row.expires_at_us).to_rfc3339(),
                "signed_in_by": row.signed_in_by,
                "agent": row.agent,
            })
        };
        Ok(rows.iter().map(told).collect())
    }

    async fn tokens_of(&self, user: UserId) -> Result<Value, AppError> {
        let rows = self.store().api_tokens_of(self.org(), user).await?;
        let told = |row: &rapport_store::registry::ApiTokenRow| {
            json!({
                "name": row.name,
                "scopes": row.scopes,
                "created_at": Moment(row.created_at_us).to_rfc3339(),
                "used_at": row.used_at_us.map(|us| Moment(us).to_rfc3339()),
                "expires_at": Moment(row.expires_at_us).to_rfc3339(),
            })
        };
        Ok(rows.iter().map(told).collect())
    }

    async fn list_views_of(&self, email: &str) -> Result<Value, AppError> {
        let rows = self.store().list_views(self.org(), email).await?;
        let told = |row: &rapport_store::registry::ListViewRow| {
            json!({
                "table": row.table.as_str(),
                "name": row.name,
                "query": serde_json::from_str::<Value>(&row.query).unwrap_or_default(),
                "updated_at": row.updated_at.to_rfc3339(),
            })
        };
        Ok(rows.iter().map(told).collect())
    }

    /// What a user did, by number of the audit log: its texts may name others.
    async fn actions_of(&self, email: &str) -> Result<Value, AppError> {
        let rows = self.store().actions_of(self.org(), email).await?;
        let told =
            |(number, at, action): &(i64, Moment, String)| json!({"number": number, "at": at.to_rfc3339(), "action": action});
        Ok(rows.iter().map(told).collect())
    }
}

fn fields<const N: usize>(fields: [(&str, Value); N]) -> Map<String, Value> {
    fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// Records that a user owns, or whose team they are in: which and what they are called, no more.
fn own_records(view: &View, user: UserId) -> Value {
    let is_user = |address: &String| view.user_of(address) == Some(user);
    let told = |record: &super::view::Record| {
        let document = record.document.as_ref()?;
        let owns = document.owner.as_ref().is_some_and(is_user);
        let role = if owns { Some("owner") } else { document.team.iter().any(is_user).then_some("team") };
        Some(json!({"record": record.reference.to_string(), "name": record.name(), "as": role?}))
    };
    view.records.iter().filter_map(told).collect()
}

fn told_introduction(Introduction { row, is_asked_of_me, other }: Introduction) -> Value {
    json!({
        "is_asked_of_me": is_asked_of_me,
        "other": other.map(|(email, _)| email),
        "target": row.target_key,
        "target_name": row.target_name,
        "message": row.message,
        "state": row.state,
        "asked_at": row.asked_at.to_rfc3339(),
        "answered_at": row.answered_at.map(Moment::to_rfc3339),
    })
}

fn told_looks(view: &View, looks: &[Look]) -> Vec<Value> {
    let email = |user: UserId| view.directory.user(user).email.clone();
    let told = |look: &Look| {
        json!({
            "about": email(look.about),
            // The local administrator has no address.
            "viewer": look.viewer.map(email),
            "day": look.day.to_iso(),
            "what": look.what,
            "times": look.times,
            "last_at": look.last_at.to_rfc3339(),
        })
    };
    looks.iter().map(told).collect()
}

/// A merge that was undone was a mistake: the other one is somebody else, and not told.
fn told_merge(merge: &MergeRow, keys: &[String]) -> Value {
    let told = |key: &String| (merge.undone_at.is_none() || keys.contains(key)).then(|| key.clone());
    json!({
        "kept": told(&merge.kept_key),
        "merged": told(&merge.merged_key),
        "merged_at": merge.merged_at.to_rfc3339(),
        "undone_at": merge.undone_at.map(Moment::to_rfc3339),
    })
}

fn told_request(row: &PrivacyRequestRow) -> Value {
    json!({
        "id": row.id,
        "kind": row.kind,
        "state": row.state,
        "asked_at": row.asked_at.to_rfc3339(),
        "ended_at": row.ended_at.map(Moment::to_rfc3339),
    })
}

fn council(view: &View, user: UserId, email: &str) -> Value {
    let council = view.works_council.as_ref();
    let asked = council.and_then(|council| council.off_asked.as_ref()).filter(|(by, _)| by == email);
    json!({
        "is_council": council.is_some_and(|council| council.council == user),
        "asked_to_turn_off_at": asked.map(|(_, at)| at.to_rfc3339()),
    })
}
