//! Which emails are one conversation (02 §3, decision 2, rules 17 and 18).

use super::local::DAY_US;
use super::read::{Interaction, Kind};
use std::collections::{BTreeMap, BTreeSet};

/// The subject rule joins nothing that is farther apart.
const SUBJECT_GAP_US: i64 = 30 * DAY_US;

/// The conversation of every email: identity -> a name that all emails of the conversation share. Ids join all emails that are stored, the
/// subject rule those of one record.
pub(super) fn conversations(interactions: &[Interaction], of_record: &[&Interaction]) -> BTreeMap<String, String> {
    let emails: Vec<&Interaction> = interactions.iter().filter(|i| i.kind == Kind::Email).collect();
    let mut own: Vec<&Interaction> = of_record.iter().copied().filter(|i| i.kind == Kind::Email).collect();
    own.sort_by_key(|email| email.order());
    let mut edges: Vec<(String, String)> = Vec::new();
    for email in &emails {
        let node = mail_node(email);
        if let Some(id) = &email.message_id {
            edges.push((node.clone(), message_node(id)));
        }
        if let Some(conversation) = &email.conversation_id {
            edges.push((node, format!("conversation {conversation}")));
        }
        if let Some(parent) = &email.in_reply_to {
            edges.push((mail_node(email), message_node(parent)));
        }
    }
    for (at, email) in own.iter().enumerate().filter(|(_, email)| email.conversation_id.is_none() && email.in_reply_to.is_none())
    {
        if let Some(previous) = previous_of_subject(email, &own[..at]) {
            edges.push((mail_node(email), mail_node(previous)));
        }
    }
    let names = components(&edges);
    let name_of = |email: &Interaction| names.get(&mail_node(email)).cloned().unwrap_or_else(|| mail_node(email));
    emails.iter().map(|email| (email.identity.clone(), name_of(email))).collect()
}

fn mail_node(email: &Interaction) -> String {
    format!("mail {}", email.identity)
}

fn message_node(message_id: &str) -> String {
    format!("message {message_id}")
}

/// The email before this one with the same subject and the same set of addresses, if it is at most 30 days older.
fn previous_of_subject<'a>(email: &Interaction, earlier: &[&'a Interaction]) -> Option<&'a Interaction> {
    email.subject.as_ref()?;
    let same = |other: &&&Interaction| other.subject == email.subject && other.participants() == email.participants();
    earlier.iter().rev().find(same).copied().filter(|previous| email.moment - previous.moment <= SUBJECT_GAP_US)
}

/// What is joined by edges gets the smallest name among it.
fn components(edges: &[(String, String)]) -> BTreeMap<String, String> {
    let mut neighbours: BTreeMap<&String, Vec<&String>> = BTreeMap::new();
    for (a, b) in edges {
        neighbours.entry(a).or_default().push(b);
        neighbours.entry(b).or_default().push(a);
    }
    let mut names = BTreeMap::new();
    for start in neighbours.keys() {
        if names.contains_key(*start) {
            continue;
        }
        let mut reached: BTreeSet<&String> = BTreeSet::from([*start]);
        let mut waiting = vec![*start];
        while let Some(node) = waiting.pop() {
            for next in &neighbours[node] {
                if reached.insert(next) {
                    waiting.push(next);
                }
            }
        }
        let name = reached.first().map(|first| (*first).clone()).unwrap_or_default();
        names.extend(reached.into_iter().map(|node| (node.clone(), name.clone())));
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::naive::Data;
    use crate::naive::read::Facts;
    use crate::worlds::{InteractionRow, World};

    /// Emails as (day, message id, conversation id, in reply to, subject); the result numbers the conversations in time order.
    fn check(emails: &[(i64, &str, &str, &str, &str)], expected: &[usize]) {
        let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let rows = emails.iter().map(|(day, id, conversation, parent, subject)| InteractionRow {
            occurred_at: (1_600_000_000 + day * 86_400).to_string(),
            kind: "email".into(),
            from: Some("u@us.example".into()),
            to: vec!["a@x.example".into()],
            message_id: some(id),
            conversation_id: some(conversation),
            in_reply_to: some(parent),
            subject: some(subject),
            ..Default::default()
        });
        let mut world = World { as_of: 1_700_000_000_000_000, internal_domains: vec!["us.example".into()], ..Default::default() };
        world.interactions = rows.collect();
        for _ in 0..2 {
            let facts = Facts::read(&world, Data::CrmAndMailbox);
            let names = conversations(&facts.interactions, &facts.interactions.iter().collect::<Vec<_>>());
            let mut seen: Vec<&String> = Vec::new();
            let mut numbers = Vec::new();
            for interaction in &facts.interactions {
                let name = &names[&interaction.identity];
                if !seen.contains(&name) {
                    seen.push(name);
                }
                numbers.push(seen.iter().position(|other| *other == name).expect("just added"));
            }
            assert_eq!(numbers, expected, "{emails:?}");
            world.interactions.reverse();
        }
    }

    #[test]
    fn headers_join_also_over_mails_never_seen() {
        check(&[(0, "b", "", "a", ""), (1, "c", "", "a", ""), (2, "d", "", "c", ""), (3, "e", "", "", "")], &[0, 0, 0, 1]);
        // A late ancestor joins: `a` itself answers `z`, as `y` does.
        check(&[(0, "b", "", "a", ""), (1, "y", "", "z", ""), (2, "a", "", "z", "")], &[0, 0, 0]);
    }

    #[test]
    fn a_conversation_id_is_stronger_than_headers_but_its_answers_join_it() {
        check(&[(0, "a", "", "", ""), (1, "b", "k", "a", ""), (2, "c", "", "b", ""), (3, "d", "k", "", "")], &[0, 1, 1, 1]);
    }

    #[test]
    fn the_subject_joins_within_thirty_days_of_the_previous() {
        check(&[(0, "", "", "", "Offer"), (30, "", "", "", "Re: offer"), (61, "", "", "", "Offer")], &[0, 0, 1]);
        check(&[(0, "", "", "", ""), (1, "", "", "", "Re:"), (2, "", "", "", "")], &[0, 1, 2]);
        // Whatever the headers of the previous one.
        check(
            &[(0, "a", "k", "", "Offer"), (1, "", "", "", "Offer"), (2, "c", "", "z", "Offer"), (3, "", "", "", "Offer")],
            &[0, 0, 1, 1],
        );
    }
}
