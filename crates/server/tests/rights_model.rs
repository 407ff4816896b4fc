//! Random sequences of changes of consent, roles, groups, opt-out, private contacts, licence, premium features and location: after each, no
//! answer holds a fact that the rules forbid. What they allow is worked out anew from the rows, by plain filters that share nothing with the product.

use std::collections::{BTreeMap, BTreeSet};

use rapport_domain::{Depth, UserId};
use rapport_server::app::{Caller, Scopes, export::Format, import::ImportOptions, ties::WhoKnowsQuery, users::UserChange};
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
    /// Whom users keep to themselves.
    private: BTreeSet<(&'static str, &'static str)>,
    /// Of the first user.
    licence: &'static str,
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

    /// What rows tell of who knows somebody: numbers of mails by user, and whoever has a tie that is perhaps not told.
    fn ties(&self, rows: &[&Row], external: &'static str) -> (BTreeMap<&'static str, u64>, BTreeSet<&'static str>) {
        let mut mails: BTreeMap<&'static str, BTreeSet<usize>> = BTreeMap::new();
        for row in rows {
            for (user, _, _) in USERS {
                let to = |who: &str| row.to.iter().any(|one| one == who);
                if (row.from == user && to(external)) || (row.from == external && to(user)) {
                    mails.entry(user).or_default().insert(row.mail);
                }
            }
        }
        let tied = mails.keys().copied().collect();
        mails.retain(|user, _| !self.out.contains(user) && !self.private.contains(&(user, external)));
        (mails.into_iter().map(|(user, mails)| (user, mails.len() as u64)).collect(), tied)
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

    fn reason(&self, user: &'static str, external: &'static str, is_tied: bool, consent: &str) -> &'static str {
        let is_private = self.private.contains(&(user, external));
        if self.out.contains(user) {
            "opted_out"
        } else if is_tied {
            assert!(is_private, "{user} is missing although tied");
            "private_contact"
        } else if !self.role_selected(user) {
            "role"
        } else if self.group_excluded(user) {
            "group"
        } else if is_private {
            "private_contact"
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
    match chance.below(10) {
        8 => {
            let user = chance.of(&USERS).0;
            let kept: Vec<&'static str> = EXTERNALS.into_iter().filter(|_| !chance.often()).collect();
            belief.private.retain(|(known, _)| *known != user);
            belief.private.extend(kept.iter().map(|external| (user, *external)));
            let contacts: Vec<String> = kept.iter().map(|external| (*external).to_owned()).collect();
            test.app().set_private_contacts(Some(user), &contacts).await.unwrap();
            let names = |row: &Row| kept.iter().any(|external| row.from == *external || row.to.iter().any(|to| to == external));
            belief.rows.retain(|row| row.seen_in != user || !names(row));
            format!("{user} keeps {kept:?}")
        }
        9 => {
            belief.licence = chance.of(&["none", "enterprise", "premium"]);
            let change = UserChange { licence: Some(belief.licence.to_owned()), ..UserChange::default() };
            test.app().put_user(USERS[0].0, &change).await.unwrap();
            format!("licence {}", belief.licence)
        }
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
            let consent = test.get("/api/v1/enabling").await.json(200).await["consent"]["state"].clone();
            belief.mailbox = chance.often();
            // Without consent nothing is kept, which another test shows.
            belief.keeps =
                !belief.mailbox && chance.often() && ["granted", "not_requested"].iter().any(|state| consent == *state);
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

    check_licence(test, belief, &visible, done).await;
    for external in EXTERNALS {
        let answer = test.get(&format!("/api/v1/who-knows?target={external}")).await;
        if !belief.premium || !belief.who_knows {
            answer.problem(403, "not_enabled").await;
            continue;
        }
        let body = answer.json(200).await;
        let (told, tied) = belief.ties(&visible, external);
        let found: BTreeMap<&str, u64> = body["introducers"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| (one["colleague"].as_str().unwrap(), one["interactions"].as_u64().unwrap()))
            .collect();
        assert_eq!(found, told, "{external}, {consent} {belief:?} after {done:#?}");
        for one in body["missing"].as_array().unwrap() {
            let user = USERS.iter().find(|(email, _, _)| one["colleague"] == *email).unwrap().0;
            let reason = belief.reason(user, external, tied.contains(user), &consent);
            assert_eq!(one["reason"], reason, "{user} {consent} {belief:?} after {done:#?}");
        }
        assert_eq!(found.len() + body["missing"].as_array().unwrap().len(), USERS.len());
    }
}

/// What the first user is told follows their licence: nothing, CRM data alone, or everything.
async fn check_licence(test: &TestApp, belief: &Belief, visible: &[&Row], done: &[String]) {
    let all = test.app().view().await.unwrap();
    let user = all.user_of(USERS[0].0).unwrap();
    let caller = Caller::User { user, actor: USERS[0].0.to_owned(), scopes: Scopes::ALL, through_token: false };
    let app = test.app().acting_for(caller);
    let is_reader = app.rights(&all).reads > Depth::None;
    assert_eq!(is_reader, belief.licence != "none", "{belief:?} after {done:#?}");
    if !is_reader {
        return;
    }
    let is_basic = belief.licence == "enterprise";
    let told: Vec<&Row> = visible.iter().copied().filter(|row| !is_basic || row.seen_in == "crm").collect();
    for external in EXTERNALS {
        let query = WhoKnowsQuery { target: external.to_owned(), as_of: None, limit: 9, hops: 1, viewer: None };
        let answer = match app.who_knows(&query).await {
            Ok(answer) => answer,
            Err(error) => {
                assert!(error.is_switched_off() && !is_basic && !(belief.premium && belief.who_knows), "{error} {belief:?}");
                continue;
            }
        };
        let name = |user: UserId| answer.view.directory.user(user).email.clone();
        let found: BTreeMap<String, u64> =
            answer.introducers.iter().map(|one| (name(one.tie.user), one.tie.figures.interactions().into())).collect();
        let (mut expected, _) = belief.ties(&told, external);
        expected.remove(USERS[0].0);
        let expected: BTreeMap<String, u64> = expected.into_iter().map(|(user, mails)| (user.to_owned(), mails)).collect();
        assert_eq!(found, expected, "{external} {belief:?} after {done:#?}");
        assert!(answer.missing.is_empty() && answer.missing_counts.is_empty());
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
        private: BTreeSet::new(),
        licence: "premium",
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
