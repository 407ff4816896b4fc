//! Rights of people: everything that is held on an address, and its erasure.

use std::collections::BTreeMap;

use rapport_domain::{Address, Moment, Side, UserId};
use rapport_store::ledger::{Erased, Erasure, SOURCE_CRM, SOURCE_UNATTRIBUTED, scrub};
use serde_json::{Value, json};

use super::{App, AppError, View, looks::Shown, records::RecordDocument};

impl App {
    /// Everything that is held on the person of an address, as JSON. Of an employee, not whom they keep to themselves.
    pub async fn access(&self, address: &str) -> Result<Value, AppError> {
        self.held(address, false).await
    }

    /// The same; `is_own`: where they ask themselves.
    pub(super) async fn held(&self, address: &str, is_own: bool) -> Result<Value, AppError> {
        let view = self.view().await?;
        let (address, keys) = person(&view, address)?;
        self.note_looks(&view, view.user_of(&address), Shown::Export);
        let ids: Vec<u32> = keys.iter().filter_map(|key| view.address_id(key)).map(|id| id.0).collect();
        let mut interactions: BTreeMap<u64, Vec<Value>> = BTreeMap::new();
        // Whoever asks for what is held on a customer is not told in works council mode which colleague did it.
        let hides_colleagues = view.works_council.is_some() && !view.ours.is_our_key(&address);
        let name = |id: u32| {
            let entry = view.directory.address(rapport_domain::AddressId(id));
            if hides_colleagues && entry.side == Side::Ours { "a colleague".to_owned() } else { entry.key.to_string() }
        };
        self.store
            .scan_sightings(self.org(), |interaction, source, sighting| {
                if !sighting.participants.iter().any(|(id, _)| ids.contains(id)) || !view.knows(source, &sighting) {
                    return;
                }
                let participants: Vec<Value> =
                    sighting.participants.iter().map(|(id, role)| json!({"who": name(*id), "role": role.as_str()})).collect();
                let seen_by = match source {
                    SOURCE_CRM => "crm".to_owned(),
                    SOURCE_UNATTRIBUTED => "mailbox".to_owned(),
                    mailbox => name(mailbox as u32),
                };
                interactions.entry(interaction).or_default().push(json!({
                    "seen_by": seen_by,
                    "occurred_at": Moment(sighting.at_us).to_rfc3339(),
                    "kind": sighting.kind.as_str(),
                    "state": sighting.state.map(rapport_domain::ActivityState::as_str),
                    "duration_s": sighting.duration_s,
                    "participants": participants,
                    "message_id": sighting.message_id,
                    "conversation_id": sighting.conversation_id,
                    "in_reply_to": sighting.parent_id,
                    "subject": sighting.subject,
                }));
            })
            .await?;
        let records: Vec<Value> = view
            .records
            .iter()
            .filter_map(|record| record.document.as_ref().map(|document| (record, document)))
            .filter(|(_, document)| names_any(document, &keys))
            .map(|(record, document)| json!({"record": record.reference.to_string(), "document": document}))
            .collect();
        let addresses: Vec<Value> = keys
            .iter()
            .filter_map(|key| view.address_id(key))
            .map(|id| view.directory.address(id))
            .map(|entry| json!({"address": &*entry.key, "name": entry.name, "ours": entry.side == Side::Ours}))
            .collect();
        let mut more = self.held_on_person(&view, &keys).await?;
        match view.user_of(&address) {
            // In works council mode what is held on a colleague is told to them alone.
            Some(user) if is_own || view.works_council.is_none() => {
                more.extend(self.held_on_user(&view, user, is_own).await?);
            }
            Some(_) => {}
            None => _ = more.insert("introductions".to_owned(), self.held_introductions(&view, &keys).await?),
        }
        let mut held = json!({
            "address": address,
            "as_of": self.now().to_rfc3339(),
            "organization": self.organization.name,
            "addresses": addresses,
            "records": records,
            "interactions": interactions.into_values().collect::<Vec<_>>(),
        });
        if let Value::Object(fields) = &mut held {
            fields.extend(more);
        }
        Ok(held)
    }

    /// Erases the person of an address; afterwards a search for their addresses in the store finds nothing.
    /// Unless told otherwise, their objection is kept as a keyed hash, so that the next import does not capture them again.
    pub async fn erase(&self, address: &str, keeps_objection: bool) -> Result<Erased, AppError> {
        let view = self.view().await?;
        let (address, mut keys) = person(&view, address)?;
        if view.ours.is_our_key(&address) {
            return Err(AppError::refused(format!("`{address}` is ours: `erase` is for external people"))
                .with_hint("an employee's data leaves with the mailbox: take the user out of users.csv, or let them opt out"));
        }
        self.need_no_upload()?;
        let mut documents = Vec::new();
        for record in view.records.iter() {
            let Some(document) = &record.document else { continue };
            let own = document.email.iter().chain(&document.emails).any(|key| keys.contains(key));
            if own {
                documents.push((record.record, None));
                let reference = format!("{}:{}", record.reference.table.singular(), record.reference.id);
                keys.push(reference);
            } else if let Some(left) = without(document, &keys) {
                documents.push((record.record, Some(left)));
            }
        }
        let users: Vec<(UserId, String)> = view
            .user_documents
            .iter()
            .enumerate()
            .filter_map(|(i, document)| renamed(document, &keys).map(|left| (UserId(i as u32 + 1), left)))
            .collect();
        keys.sort();
        keys.dedup();
        let addresses = || keys.iter().filter(|key| Address::parse(key).is_ok()).cloned().collect();
        let objections = if keeps_objection { addresses() } else { Vec::new() };
        let erased = self
            .store
            .erase(&self.organization, &view.ours, &Erasure { keys, documents, users, objections }, self.actor(), self.now())
            .await?;
        if erased.addresses + erased.records + erased.interactions_changed + erased.texts == 0 {
            return Err(AppError::missing(format!("nothing is held on `{address}`")));
        }
        Ok(erased)
    }
}

impl App {
    /// Keeps the objection of a person (they are not captured any more), or lifts it; whether that changed anything.
    pub async fn set_objection(&self, address: &str, objects: bool) -> Result<bool, AppError> {
        let view = self.view().await?;
        let (address, mut keys) = person(&view, address)?;
        if view.ours.is_our_key(&address) {
            return Err(AppError::refused(format!("`{address}` is ours: an objection is for external people"))
                .with_hint("an employee opts out: `rapport opt-out ADDRESS`"));
        }
        keys.retain(|key| Address::parse(key).is_ok());
        let by = (self.actor(), self.now());
        Ok(self.store().set_objections(self.organization(), &keys, objects, by).await? > 0)
    }
}

impl App {
    /// How many addresses an objection is kept of. Which, nobody can read.
    pub async fn objection_count(&self) -> Result<usize, AppError> {
        Ok(self.store().objections(self.org()).await?.len())
    }

    /// Whether the person of an address objected to being captured, by whichever of their addresses.
    pub async fn objects(&self, address: &str) -> Result<bool, AppError> {
        let view = self.view().await?;
        let (_, keys) = person(&view, address)?;
        let kept = self.store().objections(self.org()).await?;
        Ok(keys.iter().any(|key| kept.contains(&self.organization.objection_hash(key))))
    }
}

/// The normalized address and all keys of its person.
fn person(view: &View, text: &str) -> Result<(String, Vec<String>), AppError> {
    let address = Address::parse(text).map_err(|error| AppError::invalid(format!("`{text}`: {error}")))?;
    let mut keys = vec![address.to_string()];
    if let Some(id) = view.address_id(address.as_str()) {
        let person = view.directory.address(id).person;
        keys.extend(view.addresses_of(person).into_iter().map(|id| view.directory.address(id).key.to_string()));
    }
    keys.sort();
    keys.dedup();
    Ok((address.to_string(), keys))
}

fn names_any(document: &RecordDocument, keys: &[String]) -> bool {
    let own = document.email.iter().chain(&document.emails).chain(&document.stakeholders);
    own.into_iter().any(|key| keys.contains(key))
        || document.custom.values().any(|value| keys.iter().any(|key| value.to_lowercase().contains(key)))
}

/// A document as JSON without whatever names one of the keys; `None` if nothing does.
fn without<T: serde::Serialize>(document: &T, keys: &[String]) -> Option<String> {
    let mut value = serde_json::to_value(document).ok()?;
    strip(&mut value, keys, false).then(|| value.to_string())
}

/// The same, where items of lists keep their place: a role or group that is named after somebody still is one, by another name.
fn renamed<T: serde::Serialize>(document: &T, keys: &[String]) -> Option<String> {
    let mut value = serde_json::to_value(document).ok()?;
    strip(&mut value, keys, true).then(|| value.to_string())
}

fn strip(value: &mut Value, keys: &[String], keeps_items: bool) -> bool {
    match value {
        Value::String(text) => {
            let mut is_changed = false;
            for key in keys {
                if let Some(scrubbed) = scrub(text, key) {
                    (*text, is_changed) = (scrubbed, true);
                }
            }
            is_changed
        }
        Value::Array(items) => {
            let mut is_changed = false;
            items.retain_mut(|item| {
                let is_stripped = strip(item, keys, keeps_items);
                is_changed |= is_stripped;
                keeps_items || !is_stripped
            });
            is_changed
        }
        Value::Object(fields) => fields.values_mut().fold(false, |changed, field| strip(field, keys, keeps_items) | changed),
        _ => false,
    }
}
