//! What each command prints, on which stream, and with which exit code.

use std::{
    fmt::Write as _,
    io::{BufRead, BufReader},
    process::Stdio,
};

use expect_test::{Expect, expect};

use crate::harness::{AS_OF, INTERACTIONS, Outcome, Place, USERS, bare, small_organization};

fn check(place: &Place, arguments: &[&str], expected: &Expect) {
    expected.assert_eq(&place.show(arguments));
}

#[test]
fn init_makes_a_store_and_keeps_one_that_exists() {
    let place = Place::empty();
    check(
        &place,
        &["init"],
        &expect![[r"
        exit 0
        --- stdout
        made organization `default` in PLACE/store; internal domains: none yet
        --- stderr
        hint: say whose addresses are ours with `rapport init --internal-domain YOUR.DOMAIN`, or import users
    "]],
    );
    check(
        &place,
        &["init", "--internal-domain", "US.example", "--time-zone", "Europe/Amsterdam"],
        &expect![[r"
        exit 0
        --- stdout
        kept organization `default` in PLACE/store; internal domains: us.example
    "]],
    );
    check(
        &place,
        &["settings", "get", "time_zone"],
        &expect![[r"
        exit 0
        --- stdout
        Europe/Amsterdam
    "]],
    );
    check(
        &place,
        &["init", "--internal-domain", "no domain"],
        &expect![[r#"
            exit 1
            --- stderr
            error: internal domain `no domain`: the part after `@` is no domain
            hint: correct what the message names and run the command again; `rapport help` and `--help` show what each command takes
        "#]],
    );
    check(
        &place,
        &["init", "--time-zone", "Mars/Olympus"],
        &expect![[r#"
            exit 1
            --- stderr
            error: `time_zone` cannot be `Mars/Olympus`: it is an IANA time zone such as Europe/Amsterdam
            hint: correct what the message names and run the command again; `rapport help` and `--help` show what each command takes
        "#]],
    );
}

#[test]
fn a_command_without_a_store_says_how_to_make_one() {
    check(
        &Place::empty(),
        &["contact", "con-1"],
        &expect![[r"
        exit 1
        --- stderr
        error: `PLACE/store` holds no store
        hint: make one with `rapport init --internal-domain YOUR.DOMAIN`, or say where it is with `--data DIR`
    "]],
    );
    check(
        &Place::empty(),
        &["import", "users", "users.csv"],
        &expect![[r"
        exit 1
        --- stderr
        error: `PLACE/store` holds no store
        hint: make one with `rapport init --internal-domain YOUR.DOMAIN`, or say where it is with `--data DIR`
    "]],
    );
}

#[test]
fn settings_are_read_and_set() {
    let place = Place::new();
    check(
        &place,
        &["settings", "get"],
        &expect![[r#"
            exit 0
            --- stdout
            setting                       value        what it does
            ---------------------------------------------------------------------------------------------------------------------------------------------------------
            capture.history_months        12           whole months before today that capture reads of a mailbox, newest first
            capture.keep_subjects         false        keep the text of subjects, so that pages can show it
            capture.notice_days           7            days between telling an employee that their mailbox will be read and reading it for the first time
            capture.poll_seconds          60           seconds between two looks at a mailbox that sends no news by itself
            capture.scope                 business     whose interactions capture keeps; file imports keep everyone's until this is set
            exclude.automatic             true         leave out automatic answers
            exclude.calendar_reply        true         leave out answers to invitations
            exclude.delivery_report       true         leave out delivery reports
            exclude.draft                 true         leave out drafts
            exclude.internal_only         true         leave out what only colleagues took part in
            exclude.list                  true         leave out newsletters and mailing lists
            exclude.no_colleague          true         leave out what no colleague took part in
            exclude.no_recipients         true         leave out mail without recipients
            exclude.noreply               true         leave out senders such as noreply@
            exclude.sensitive             true         leave out what is marked private or confidential
            exclude.too_many_recipients   true         leave out mail to more than 50 people
            geography.accepts_declared    true         use mailbox data where the operator declared its location
            geography.regions             APC;EUR;NAM  macro regions of Microsoft 365 whose mailbox data is used
            health.frequency_days         7            how often sellers should be in touch
            health.grade.fair             40           lowest score that is fair; below that of good
            health.grade.good             60           lowest score that is good
            health.influence.email        0            influence of emails in percent
            health.influence.meeting      0            influence of meetings in percent
            health.influence.phone_call   0            influence of phone calls in percent
            health.influence.task         0            influence of tasks in percent
            health.model                  v2           model of health score and tie strength
            health.show                   true         show health on pages; it is computed either way
            kpis.email_reader_min         2.5          minutes that an email costs the other side
            kpis.email_sender_min         5            minutes that an email costs the sender's side
            kpis.response_within_h        168          hours within which a turn counts as answered
            response_time.business_days   mon-fri      days on which response times in business hours run, in the organization's time zone
            response_time.business_hours  09:00-17:00  hours of such a day in which they run
            retention.months              36           months that interactions are to be kept; 0 = for ever
            similar_deals.enabled         true         compare opportunities with similar won ones
            ties.medium                   30           lowest strength of a medium tie; below that of a strong one
            ties.strong                   60           lowest strength of a strong tie
            time_zone                     UTC          time zone of days, weeks and midnight
            who_knows.introducers         5            colleagues that who knows whom shows on a record at most
            who_knows.open_requests       5            requests for an introduction that a colleague has open at a time at most
            who_knows.template                         text that asks for an introduction, with {colleague}, {target} and {me}; empty = that of the reader's language
        "#]],
    );
    check(
        &place,
        &["settings", "set", "health.frequency_days", "14"],
        &expect![[r"
        exit 0
        --- stdout
        health.frequency_days = 14
    "]],
    );
    check(
        &place,
        &["settings", "set", "health.influence.meeting", "-50"],
        &expect![[r"
        exit 0
        --- stdout
        health.influence.meeting = -50
    "]],
    );
    check(
        &place,
        &["settings", "get", "health.influence.meeting"],
        &expect![[r"
        exit 0
        --- stdout
        -50
    "]],
    );
    check(
        &place,
        &["settings", "set", "health.frequency_days", "8"],
        &expect![[r#"
            exit 1
            --- stderr
            error: `health.frequency_days` cannot be `8`: it is one of 1, 3, 7, 14, 30
            hint: correct what the message names and run the command again; `rapport help` and `--help` show what each command takes
        "#]],
    );
    check(
        &place,
        &["settings", "set", "health.influence.email", "51"],
        &expect![[r#"
            exit 1
            --- stderr
            error: `health.influence.email` cannot be `51`: it is a whole number from -50 to 50
            hint: correct what the message names and run the command again; `rapport help` and `--help` show what each command takes
        "#]],
    );
    check(
        &place,
        &["settings", "get", "health"],
        &expect![[r"
        exit 1
        --- stderr
        error: there is no setting `health`
        hint: `rapport settings get` lists all settings
    "]],
    );
    check(
        &place,
        &["settings", "get", "retention.months", "--json"],
        &expect![[r#"
        exit 0
        --- stdout
        {"retention.months":"36"}
    "#]],
    );
}

#[test]
fn moving_one_grades_minimum_moves_its_neighbour() {
    let place = Place::new();
    check(
        &place,
        &["settings", "set", "health.grade.good", "40"],
        &expect![[r"
        exit 0
        --- stdout
        health.grade.fair = 39
        health.grade.good = 40
    "]],
    );
    check(
        &place,
        &["settings", "set", "health.grade.fair", "75"],
        &expect![[r"
        exit 0
        --- stdout
        health.grade.fair = 75
        health.grade.good = 76
    "]],
    );
    check(
        &place,
        &["settings", "set", "health.grade.good", "101"],
        &expect![[r#"
            exit 1
            --- stderr
            error: `health.grade.good` cannot be `101`: it is a whole number from 2 to 100
            hint: correct what the message names and run the command again; `rapport help` and `--help` show what each command takes
        "#]],
    );
}

#[test]
fn a_dry_run_says_what_would_become_of_each_mail_and_keeps_none() {
    let place = Place::new();
    let users = place.file("users.csv", USERS);
    place.run(&["import", "users", &users]).ok();
    let mail = place.file(
        "two.mbox",
        "From x Tue Feb 03 12:00:00 2026\nFrom: carla@acme.example\nTo: ann@us.example\nDate: Tue, 03 Feb 2026 12:00:00 +0000\n\n\
         From x Tue Feb 03 12:00:00 2026\nFrom: noreply@acme.example\nTo: ann@us.example, bob@us.example\nDate: Tue, 03 Feb 2026 13:00:00 +0000\n\n",
    );
    let shown = place.run(&["import", "mail", &mail, "--dry-run", "--as-of", AS_OF]).ok().stdout;
    let lines: Vec<&str> = shown.lines().map(|line| line.trim_start_matches(&mail)).collect();
    assert_eq!(
        lines[..3],
        [
            ":0  2026-02-03T12:00:00Z  from carla@acme.example to ann@us.example: kept",
            ":115  2026-02-03T13:00:00Z  from noreply@acme.example to ann@us.example and 1 more: excluded noreply",
            "nothing was kept; an import would say:",
        ],
        "{shown}"
    );
    assert!(lines[3].starts_with("read 2, kept 1, duplicates 0, failed 0, excluded 1"), "{shown}");
    let csv = place.run(&["export", "interactions", "--format", "csv"]).ok().stdout;
    assert_eq!(csv.lines().count(), 1, "the header alone");
}

#[test]
fn imports_of_mailbox_data_need_consent_once() {
    let place = Place::new();
    let users = place.file("users.csv", USERS);
    let rows = place.file("interactions.csv", INTERACTIONS);
    let mail = place.file(
        "one.eml",
        "From: carla@acme.example\nTo: ann@us.example\nDate: Tue, 03 Feb 2026 12:00:00 +0000\nMessage-ID: <9@x>\n\n",
    );
    let ics = place.file("empty.ics", "BEGIN:VCALENDAR\nVERSION:2.0\nEND:VCALENDAR\n");
    check(
        &place,
        &["import", "users", &users],
        &expect![[r"
        exit 0
        --- stdout
        read 2, kept 2, duplicates 0, failed 0, excluded 0   (TIME)
    "]],
    );
    check(
        &place,
        &["import", "interactions", &rows, "--as-of", AS_OF],
        &expect![[r#"
        exit 1
        --- stderr
        error: mailbox data may not be read: consent is not granted
        hint: pass --consent "TEXT" with what was agreed to; it is recorded in the audit log and holds for later imports
    "#]],
    );
    check(
        &place,
        &["import", "mail", &mail, "--as-of", AS_OF],
        &expect![[r#"
        exit 1
        --- stderr
        error: mailbox data may not be read: consent is not granted
        hint: pass --consent "TEXT" with what was agreed to; it is recorded in the audit log and holds for later imports
    "#]],
    );
    check(
        &place,
        &["import", "calendar", &ics, "--as-of", AS_OF],
        &expect![[r#"
        exit 1
        --- stderr
        error: mailbox data may not be read: consent is not granted
        hint: pass --consent "TEXT" with what was agreed to; it is recorded in the audit log and holds for later imports
    "#]],
    );
    check(
        &place,
        &["import", "mail", &mail, "--consent", " "],
        &expect![[r#"
        exit 1
        --- stderr
        error: the consent text is empty
        hint: say what was agreed to, e.g. --consent "board decision of 1 March"
    "#]],
    );
    check(
        &place,
        &["import", "interactions", &rows, "--as-of", AS_OF, "--consent", "works council"],
        &expect![[r"
        exit 0
        --- stdout
        read 5, kept 5, duplicates 0, failed 0, excluded 0   (TIME)
    "]],
    );
    check(
        &place,
        &["import", "interactions", &rows, "--as-of", AS_OF],
        &expect![[r"
        exit 0
        --- stdout
        read 5, kept 0, duplicates 5, failed 0, excluded 0   (TIME)
    "]],
    );
    check(
        &place,
        &["import", "mail", &mail, "--as-of", AS_OF],
        &expect![[r"
        exit 0
        --- stdout
        read 1, kept 1, duplicates 0, failed 0, excluded 0   (TIME)
    "]],
    );
    check(
        &place,
        &["import", "mail", &mail, "--mailbox", "carla@acme.example"],
        &expect![[r"
        exit 1
        --- stderr
        error: --mailbox `carla@acme.example` is neither a user's address nor at an internal domain
        hint: import the user first: `rapport import users FILE.csv`
    "]],
    );
    check(
        &place,
        &["import", "mail", "nowhere"],
        &expect![[r#"
            exit 1
            --- stderr
            error: cannot read `nowhere`: No such file or directory (os error 2)
            hint: correct what the message names and run the command again; `rapport help` and `--help` show what each command takes
        "#]],
    );
}

#[test]
fn records_that_do_not_exist_are_told_with_a_hint() {
    let place = small_organization();
    for noun in ["contact", "lead", "account", "opportunity"] {
        let outcome = place.run(&[noun, "nobody"]).failed();
        assert!(outcome.stderr.contains(&format!("there is no {noun} `nobody`")), "{outcome:?}");
        assert!(outcome.stderr.contains("\nhint: "), "{outcome:?}");
    }
    check(
        &place,
        &["who-knows", "nobody"],
        &expect![[r"
        exit 1
        --- stderr
        error: `nobody` is no address, domain, contact, lead or account that is known
        hint: give an address such as jo@example.com, a domain such as example.com, or an id
    "]],
    );
    check(
        &place,
        &["who-knows", "gmail.com"],
        &expect![[r"
        exit 1
        --- stderr
        error: `gmail.com` makes no company: anybody can have an address there
        hint: ask for one address, e.g. `rapport who-knows jo@gmail.com`
    "]],
    );
    check(
        &place,
        &["who-knows", "bob@us.example"],
        &expect![[r#"
            exit 1
            --- stderr
            error: `bob@us.example` is ours: who knows whom is about external people
            hint: correct what the message names and run the command again; `rapport help` and `--help` show what each command takes
        "#]],
    );
    check(
        &place,
        &["who-knows", "stranger@far.example", "--as-of", AS_OF],
        &expect![[r"
        exit 0
        --- stdout
        Who knows stranger@far.example? As of 2026-03-01T00:00:00Z, data: crm_and_mailbox

        Nobody of us has been in touch within the last two years.

        Not introducers: 2 no_interactions (--json lists them)
    "]],
    );
    check(
        &place,
        &["export", "kpis", "--table", "planets"],
        &expect![[r#"
            exit 1
            --- stderr
            error: --table `planets`: it is one of accounts, contacts, leads, opportunities
            hint: correct what the message names and run the command again; `rapport help` and `--help` show what each command takes
        "#]],
    );
    check(
        &place,
        &["access", "nobody"],
        &expect![[r#"
            exit 1
            --- stderr
            error: `nobody`: the address needs a part before and after `@`
            hint: correct what the message names and run the command again; `rapport help` and `--help` show what each command takes
        "#]],
    );
    check(
        &place,
        &["people", "split", "7"],
        &expect![[r#"
            exit 1
            --- stderr
            error: there is no merge `7` that still holds
            hint: check the name for typing errors, and that --data and --org say which store and organization you mean
        "#]],
    );
}

#[test]
fn usage_errors_exit_with_2_and_print_no_data() {
    let place = Place::new();
    let wrong: &[&[&str]] = &[
        &["contact"],
        &["frobnicate"],
        &["contact", "con-1", "--as-of", "yesterday"],
        &["contact", "con-1", "--model", "v99"],
        &["who-knows", "x@y.example", "--hops", "3"],
        &["export", "ties", "--format", "xml"],
        &["import", "mail"],
        &["settings", "set", "time_zone"],
    ];
    for arguments in wrong {
        let outcome = place.run(arguments);
        assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(2), ""), "{arguments:?}: {outcome:?}");
        assert!(outcome.stderr.contains("Usage: rapport") || outcome.stderr.starts_with("error: "), "{arguments:?}: {outcome:?}");
        assert!(outcome.stderr.contains("--help"), "{arguments:?}: {outcome:?}");
    }
    let help = place.run(&["--help"]).ok();
    assert!(help.stdout.contains("Usage: rapport") && help.stderr.is_empty(), "{help:?}");
}

#[test]
fn the_store_is_found_by_flag_variable_or_default() {
    let place = Place::new();
    let run = |name: &str, arguments: &[&str]| {
        let mut command = bare(place.path());
        if !name.is_empty() {
            command.env("RAPPORT_DATA", place.path().join(name));
        }
        Outcome::of(command.args(arguments).output().unwrap())
    };
    run("store", &["settings", "get", "time_zone"]).ok();
    assert!(run("elsewhere", &["settings", "get", "time_zone"]).failed().stderr.contains("holds no store"));
    // The flag goes before the variable.
    run("elsewhere", &["settings", "get", "time_zone", "--data", place.store().to_str().unwrap()]).ok();
    assert!(run("", &["doctor"]).failed().stderr.contains("`./rapport-data` holds no store"));
    run("", &["init"]).ok();
    assert!(place.path().join("rapport-data/rapport.sqlite").is_file());
}

#[test]
fn organizations_of_one_store_do_not_see_each_other() {
    let place = small_organization();
    check(
        &place,
        &["--org", "other", "contact", "con-1"],
        &expect![[r#"
            exit 1
            --- stderr
            error: there is no organization `other`; this store has: default
            hint: check the name for typing errors, and that --data and --org say which store and organization you mean
        "#]],
    );
    check(
        &place,
        &["init", "--org", "other", "--internal-domain", "acme.example"],
        &expect![[r"
        exit 0
        --- stdout
        made organization `other` in PLACE/store; internal domains: acme.example
    "]],
    );
    place.run(&["--org", "other", "contact", "con-1"]).failed();
    assert_eq!(place.run(&["--org", "other", "export", "interactions"]).ok().stdout.lines().count(), 1);
    place.run(&["--org", "other", "settings", "set", "health.frequency_days", "30"]).ok();
    assert_eq!(place.run(&["settings", "get", "health.frequency_days"]).ok().stdout, "7\n");
    assert_eq!(place.run(&["export", "interactions"]).ok().stdout.lines().count(), 9);
}

#[test]
fn exports_hold_the_same_rows_in_every_format() {
    let place = small_organization();
    check(
        &place,
        &["export", "ties", "--model", "v1", "--as-of", AS_OF],
        &expect![[r"
        exit 0
        --- stdout
        colleague,external,strength,grade,activity,directness,mutuality,likelihood_30d,interactions,active_days,first_at,last_at
        ann@us.example,carla@acme.example,18,weak,20.387380511083897,16.970006129349603,13.904442494582748,0.4202056880071386,5,4,2026-02-01T10:00:00Z,2026-02-17T16:45:00Z
        bob@us.example,carla@acme.example,11,weak,10.536299732616039,10.536299732616039,7.18334271735327,0.26207785076142476,2,2,2026-02-04T09:00:00Z,2026-02-10T08:30:00Z
        ann@us.example,dan@acme.example,2,weak,4.724488760868928,2.3908245915728155,0,0.17160573671629334,1,1,2026-02-03T09:00:00Z,2026-02-03T09:00:00Z
        ann@us.example,eve@elm.example,3,weak,8.06226170911215,4.1158311863278225,0,0.2758349088643368,1,1,2026-02-17T16:45:00Z,2026-02-17T16:45:00Z
        --- stderr
        4 rows
    "]],
    );
    check(
        &place,
        &["export", "interactions"],
        &expect![[r"
        exit 0
        --- stdout
        occurred_at,kind,from,to,cc,duration_s,message_id,conversation_id,in_reply_to,subject,regarding,state,source,mailbox
        2026-02-01T10:00:00Z,phone_call,ann@us.example,contact:con-1,,600,,,,,opportunities/o1,completed,crm,
        2026-02-02T10:00:00Z,task,,,,900,,,,,opportunities/o1,completed,crm,
        2026-03-20T10:00:00Z,meeting,ann@us.example,carla@acme.example,,3600,,,,,,scheduled,crm,
        2026-02-03T09:00:00Z,email,ann@us.example,carla@acme.example;dan@acme.example,,,1.carla@acme.example@x,,,,,,mailbox,
        2026-02-03T12:00:00Z,email,carla@acme.example,ann@us.example,,,2@x,,1.carla@acme.example@x,,,,mailbox,
        2026-02-04T09:00:00Z,meeting,ann@us.example,carla@acme.example,bob@us.example,3600,uid-1,conv-carla@acme.example,,,,,mailbox,
        2026-02-10T08:30:00Z,email,carla.cruz@acme.example,bob@us.example,dan@acme.example,,3@x,,,,,,mailbox,
        2026-02-17T16:45:00Z,email,ann@us.example,eve@elm.example,carla@acme.example,,4@x,,,,,,mailbox,
        --- stderr
        8 rows
    "]],
    );
    for what in [&["ties"][..], &["kpis"], &["kpis", "--table", "opportunities"], &["interactions"]] {
        let export = |format: &str| {
            let arguments = [&["export"], what, &["--format", format, "--as-of", AS_OF]].concat();
            place.command(&arguments).output().unwrap()
        };
        let csv = Outcome::of(export("csv")).ok();
        let jsonl = Outcome::of(export("jsonl")).ok();
        let rows = jsonl.stdout.lines().count();
        assert!(rows > 0, "{what:?}");
        assert_eq!(csv.stdout.lines().count(), rows + 1, "{what:?}");
        assert_eq!([&csv.stderr, &jsonl.stderr], [&format!("{rows} rows\n"); 2], "{what:?}");
        let header: Vec<&str> = csv.stdout.lines().next().unwrap().split(',').collect();
        for line in jsonl.stdout.lines() {
            let row: serde_json::Map<String, serde_json::Value> = serde_json::from_str(line).unwrap();
            let mut names: Vec<&str> = row.keys().map(String::as_str).collect();
            let mut wanted = header.clone();
            names.sort_unstable();
            wanted.sort_unstable();
            assert_eq!(names, wanted, "{what:?}");
        }
        let parquet = export("parquet");
        assert!(parquet.status.success() && parquet.stdout.starts_with(b"PAR1") && parquet.stdout.ends_with(b"PAR1"), "{what:?}");
        // To a file: the same bytes, and nothing on stdout.
        for (format, bytes) in [("csv", csv.stdout.as_bytes()), ("parquet", &parquet.stdout)] {
            let file = place.path().join("out");
            let to_file = ["--format", format, "--as-of", AS_OF, "--output", file.to_str().unwrap()];
            let outcome = place.run(&[&["export"], what, &to_file].concat()).ok();
            assert_eq!(outcome.stdout, "");
            assert!(std::fs::read(&file).unwrap() == bytes, "{what:?} {format}");
        }
    }
}

#[test]
fn what_was_exported_can_be_imported_elsewhere() {
    let place = small_organization();
    let exported = place.run(&["export", "interactions"]).ok().stdout;
    let other = Place::new();
    let rows = other.file("rows.csv", &exported);
    other.run(&["import", "users", &other.file("users.csv", USERS)]).ok();
    let report = other.run(&["import", "interactions", &rows, "--consent", "t", "--as-of", AS_OF, "--json"]).ok().report();
    assert_eq!(report["kept"], 8, "{report}");
    assert_eq!(other.run(&["export", "interactions"]).ok().stdout, exported);
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let place = Place::new();
    let mut rows = "occurred_at,kind,from,to,cc,message_id\n".to_owned();
    for i in 0..5_000 {
        writeln!(rows, "{},email,ann@us.example,carla@acme.example,,m{i}@x", 1_700_000_000 + i * 60).unwrap();
    }
    let file = place.file("rows.csv", rows);
    place.run(&["import", "interactions", &file, "--consent", "t", "--as-of", AS_OF]).ok();
    for format in ["csv", "jsonl", "parquet"] {
        let mut command = place.command(&["export", "interactions", "--format", format]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut line = Vec::new();
        // As `| head -1` does: one line is read, then the pipe closes with much more to come.
        BufReader::with_capacity(16, child.stdout.take().unwrap()).read_until(b'\n', &mut line).unwrap();
        let outcome = Outcome::of(child.wait_with_output().unwrap());
        assert_eq!(outcome.code, Some(0), "{format}: {outcome:?}");
        assert!(!outcome.stderr.contains("error"), "{format}: {outcome:?}");
    }
}

#[test]
fn the_audit_log_is_shown_checked_and_written_out() {
    let place = small_organization();
    let shown = place.run(&["audit", "list"]).ok().stdout;
    let actions: Vec<&str> =
        shown.lines().skip(2).filter_map(|line| line.split_whitespace().find(|word| word.contains("consent."))).collect();
    assert_eq!(actions, ["consent.granted", "consent.requested"]);
    let verified = place.run(&["audit", "verify"]).ok().stdout;
    assert!(
        verified.starts_with("11 entries, 0 of them changed by an erasure\nnothing was changed; write down 11:"),
        "{verified}"
    );
    let check = place.run(&["audit", "verify", "--json"]).ok().json();
    let head = check["head"].as_str().unwrap().to_owned();
    place.run(&["settings", "set", "health.frequency_days", "14"]).ok();
    place.run(&["audit", "verify", "--noted", &head]).ok();
    let later = place.run(&["audit", "verify", "--noted", &head.replacen("11:", "99:", 1)]);
    assert_eq!(later.code, Some(1));
    assert!(later.stdout.contains("entry 99: the entry is missing"), "{later:?}");
    assert!(later.stderr.contains("the audit log is not as it was written"), "{later:?}");
    assert!(place.run(&["audit", "verify", "--noted", "9"]).failed().stderr.contains("`9` is no noted entry"));
    let csv = place.run(&["export", "audit"]).ok().stdout;
    assert_eq!(csv.lines().next(), Some("number,at,actor,action,before,after,redacted,hash"));
    assert_eq!(csv.lines().count(), 13);
}

#[test]
fn doctor_and_config_check_tell_what_they_looked_at() {
    let place = small_organization();
    check(
        &place,
        &["doctor"],
        &expect![[r#"
            exit 0
            --- stdout
            check         result  details
            -----------------------------------------------------------------------------------
            file          ok      ok
            interactions  ok      8 interactions, 8 sightings, 0 without a run
            runs          ok      0 runs under addresses that are ours now (rebuild moves them)
            users         ok      2 users, 1 internal domains
            audit         ok      11 entries, none changed or missing
            connectors    ok      0 connectors, 0 mailboxes, 0 failing
            secrets       ok      every sealed secret opens with this key file
            consent       ok      mailbox data: granted
        "#]],
    );
    check(
        &place,
        &["config", "check"],
        &expect![[r#"
            exit 0
            --- stdout
            data: PLACE/store
            organization: default
            settings: all 40 make sense
        "#]],
    );
    let findings = place.run(&["doctor", "--json"]).ok().json();
    assert!(findings.as_array().unwrap().iter().all(|finding| finding["ok"] == true), "{findings}");
}
