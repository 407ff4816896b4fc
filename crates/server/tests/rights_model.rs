//! Random sequences of changes of consent, roles, groups, opt-out, premium features and location: after each, no answer holds a fact that the
//! rules forbid. What they allow is worked out anew from the rows, by plain filters that share nothing with the product.

use std::collections::{BTreeMap, BTreeSet};

use rapport_server::app::{export::Format, import::ImportOptions};
use rapport_testkit::test_app::TestApp;
use serde_json::{Value, json};

const USERS: [(&str, &str, &str); 3] =
    [("ann@us.example", "Salesperson", "Sales"), ("bob@us.example", "Sales Manager", "Board"), ("cas@us.example", "", "Sales")];
const EXTERNALS: [&str; 3] = ["jo@acme.example", "kay@acme.example", "lee@bolt.example"];
const STEPS: usize = 40;

/// One row of the file: who wrote to whom, and who saw it. `mailbox`: a user's address, empty for nobody's, `crm`.
#[derive(Clone, Debug)]
struct Row {
    mail: usize,
    from: String,
    to: Vec<String>,
    seen_in: &'static str,
}

/// A small generator: the same world and steps for a seed.
struct Chance(u64);

impl Chance {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % n
    }

    fn of<T: Clone>(&mut self, items: &[T]) -> T {
        items[self.below(items.len())].clone()
    }

    fn often(&mut self) -> bool {
        self.below(3) > 0
    }
}

/// What the test believes to be so, beside the state of consent, which it asks for.
#[derive(Clone, Debug)]
struct Belief {
    premium: bool,
    mailbox: bool,
    keeps: bool,
    /// `None` = all.
    roles: Option<BTreeSet<&'static str>>,
    groups: BTreeSet<&'static str>,
    out: BTreeSet<&'static str>,
    accepts_declared: bool,
    who_knows: bool,
    rows: Vec<Row>,
}

impl Belief {
    fn role_selected(&self, user: &str) -> bool {
        let role = USERS.iter().find(|(email, _, _)| *email == user).unwrap().1;
        self.roles.as_ref().is_none_or(|roles| roles.contains(role))
    }

    fn group_excluded(&self, user: &str) -> bool {
        self.groups.contains(USERS.iter().find(|(email, _, _)| *email == user).unwrap().2)
    }

    fn is_allowed(&self, seen_in: &str, consent: &str) -> bool {
        let is_used = self.premium && self.mailbox && self.accepts_declared && consent == "granted";
        let anybody = self.roles.as_ref().is_none_or(|roles| !roles.is_empty());
        match seen_in {
            "crm" => true,
            "" => is_used && self.roles.is_none(),
            user => is_used && anybody && self.role_selected(user) && !self.group_excluded(user) && !self.out.contains(user),
        }
    }

    /// Opting out deletes at once, and whatever else waits for nothing.
    fn opt_out(&mut self, user: &'static str) {
        self.out.insert(user);
        let everything = !self.mailbox && !self.keeps;
        let out = self.out.clone();
        self.rows.retain(|row| row.seen_in == "crm" || !(everything || out.contains(row.seen_in)));
    }

    fn reason(&self, user: &str, consent: &str) -> &'static str {
        if self.out.contains(user) {
            "opted_out"
        } else if !self.role_selected(user) {
            "role"
        } else if self.group_excluded(user) {
            "group"
        } else if !(self.premium && self.mailbox && self.accepts_declared) {
            "mailbox_data_off"
        } else if consent != "granted" {
            "consent_missing"
        } else {
            "no_interactions"
        }
    }
}

fn world(chance: &mut Chance) -> Vec<Row> {
    let mut rows = Vec::new();
    for mail in 0..18 {
        let user = chance.of(&USERS).0;
        let external = chance.of(&EXTERNALS);
        let (from, mut to) = if chance.often() { (user, vec![external]) } else { (external, vec![user]) };
        let more: Vec<&str> = USERS.iter().map(|(email, _, _)| *email).chain(EXTERNALS).collect();
        if chance.often() {
            to.push(chance.of(&more));
        }
        to.retain(|one| *one != from);
        to.sort_unstable();
        to.dedup();
        let to: Vec<String> = to.into_iter().map(str::to_owned).collect();
        let mut places: Vec<&'static str> = vec!["crm", "", USERS[0].0, USERS[1].0, USERS[2].0];
        for _ in 0..=chance.below(2) {
            let seen_in = places.remove(chance.below(places.len()));
            rows.push(Row { mail, from: from.to_owned(), to: to.clone(), seen_in });
        }
    }
    rows
}

fn csv(rows: &[Row]) -> String {
    let line = |Row { mail, from, to, seen_in }: &Row| {
        let (mailbox, source) = if *seen_in == "crm" { ("", "crm") } else { (*seen_in, "mailbox") };
        let day = mail + 1;
        format!("2026-02-{day:02}T09:00:00Z,email,{from},{},m{mail}@x,{mailbox},{source}", to.join(";"))
    };
    let header = "occurred_at,kind,from,to,message_id,mailbox,source".to_owned();
    let lines: Vec<String> = std::iter::once(header).chain(rows.iter().map(line)).collect();
    lines.join("\n")
}

async fn loaded(rows: &[Row]) -> TestApp {
    let test = TestApp::new().await;
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        std::fs::write(folder.path().join(name), text).unwrap();
        folder.path().join(name)
    };
    let users: Vec<String> = USERS.iter().map(|(email, role, group)| format!("{email},{role},{group}")).collect();
    let users = file("users.csv", &format!("email,roles,groups\n{}", users.join("\n")));
    test.app().import_users(&users, &ImportOptions::default()).await.unwrap();
    let consent = ImportOptions { consent: Some("a test".to_owned()), ..ImportOptions::default() };
    let report = test.app().import_interactions(&file("x.csv", &csv(rows)), &consent, &|_| {}).await.unwrap();
    assert_eq!((report.failed, report.excluded.len()), (0, 0), "{report:?}");
    test
}

/// Changes one thing, here and there.
async fn step(test: &TestApp, chance: &mut Chance, belief: &mut Belief) -> String {
    let put = async |path: &str, body: Value| {
        test.put(&format!("/api/v1/{path}"), &[], &body).await.json(200).await;
        format!("{path} {body}")
    };
    match chance.below(8) {
        0 => {
            let user = chance.of(&USERS).0;
            if belief.out.contains(user) {
                test.app().opt_out(Some(user), false).await.unwrap();
                belief.out.remove(user);
                // Opting in runs what is due, too.
                let everything = !belief.mailbox && !belief.keeps;
                belief.rows.retain(|row| row.seen_in == "crm" || !everything);
                format!("in {user}")
            } else {
                test.app().opt_out(Some(user), true).await.unwrap();
                belief.opt_out(user);
                format!("out {user}")
            }
        }
        1 => {
            belief.groups = ["Sales", "Board"].into_iter().filter(|_| !chance.often()).collect();
            put("enabling/excluded-groups", json!({"groups": belief.groups})).await
        }
        2 => {
            belief.accepts_declared = chance.often();
            put("settings/geography.accepts_declared", json!({"value": belief.accepts_declared})).await
        }
        3 => {
            belief.premium = chance.often();
            put("enabling/premium", json!({"is_enabled": belief.premium})).await
        }
        4 | 5 => {
            if !belief.premium {
                return "nothing".to_owned();
            }
            belief.mailbox = chance.often();
            belief.keeps = !belief.mailbox && chance.often();
            belief.who_knows = chance.often();
            belief.roles =
                chance.often().then(|| ["Salesperson", "Sales Manager"].into_iter().filter(|_| chance.often()).collect());
            let body = json!({"relationship_analytics": true, "who_knows_whom": belief.who_knows, "mailbox": belief.mailbox,
                "all_roles": belief.roles.is_none(), "roles": belief.roles.clone().unwrap_or_default(), "keeps_stored": belief.keeps});
            put("enabling", body).await
        }
        _ => {
            // Whether it is refused is another test's business; what it leads to is asked for afterwards.
            let action = chance.of(&[
                json!({"action": "revoke"}),
                json!({"action": "ask_again"}),
                json!({"action": "grant", "text": "t"}),
            ]);
            let asked = test.post("/api/v1/enabling/consent", &[], &action).await;
            if asked.status == 200 && action["action"] == "ask_again" {
                (belief.mailbox, belief.keeps) = (true, false);
            }
            format!("{action} {}", asked.status)
        }
    }
}

async fn check(test: &TestApp, belief: &Belief, done: &[String]) {
    let enabling = test.get("/api/v1/enabling").await.json(200).await;
    let consent = enabling["consent"]["state"].as_str().unwrap().to_owned();
    let visible: Vec<&Row> = belief.rows.iter().filter(|row| belief.is_allowed(row.seen_in, &consent)).collect();

    let mut out = Vec::new();
    test.app().export_interactions(Format::Csv, &mut out).await.unwrap();
    let text = String::from_utf8(out).unwrap();
    let mut lines: Vec<String> = text.lines().skip(1).map(|line| line.split(',').next().unwrap().to_owned()).collect();
    lines.sort();
    let mut expected: Vec<String> = visible.iter().map(|row| format!("2026-02-{:02}T09:00:00Z", row.mail + 1)).collect();
    expected.sort();
    assert_eq!(lines, expected, "{consent} {belief:?} after {done:#?}");

    for external in EXTERNALS {
        let answer = test.get(&format!("/api/v1/who-knows?target={external}")).await;
        if !belief.premium || !belief.who_knows {
            answer.problem(403, "not_enabled").await;
            continue;
        }
        let body = answer.json(200).await;
        let mut ties: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
        for row in &visible {
            for (user, _, _) in USERS.iter().filter(|(user, _, _)| !belief.out.contains(user)) {
                let to = |who: &str| row.to.iter().any(|one| one == who);
                if (row.from == *user && to(external)) || (row.from == external && to(user)) {
                    ties.entry(user).or_default().insert(row.mail);
                }
            }
        }
        let found: BTreeMap<&str, u64> = body["introducers"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| (one["colleague"].as_str().unwrap(), one["interactions"].as_u64().unwrap()))
            .collect();
        let expected: BTreeMap<&str, u64> = ties.iter().map(|(user, mails)| (*user, mails.len() as u64)).collect();
        assert_eq!(found, expected, "{external}, {consent} {belief:?} after {done:#?}");
        for one in body["missing"].as_array().unwrap() {
            let user = one["colleague"].as_str().unwrap();
            assert_eq!(one["reason"], belief.reason(user, &consent), "{user} {consent} {belief:?} after {done:#?}");
        }
        assert_eq!(found.len() + body["missing"].as_array().unwrap().len(), USERS.len());
    }
}

async fn walk(seed: u64) {
    let mut chance = Chance(seed);
    let rows = world(&mut chance);
    let test = loaded(&rows).await;
    let mut belief = Belief {
        premium: true,
        mailbox: true,
        keeps: false,
        roles: None,
        groups: BTreeSet::new(),
        out: BTreeSet::new(),
        accepts_declared: true,
        who_knows: true,
        rows,
    };
    let mut done = Vec::new();
    check(&test, &belief, &done).await;
    for _ in 0..STEPS {
        done.push(step(&test, &mut chance, &mut belief).await);
        check(&test, &belief, &done).await;
    }
}

#[tokio::test]
async fn no_answer_holds_what_the_rules_forbid() {
    for seed in 1..=12 {
        walk(seed).await;
    }
}
