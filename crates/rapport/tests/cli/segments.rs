//! Sealing by hand: no answer changes, whatever is damaged is named, and other tools read the folder as it is.

use std::{
    fmt::Write as _,
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    process::{Child, Command, Stdio},
};

use serde_json::Value;

use crate::harness::{AS_OF, Place, small_organization};

/// What `doctor --deep` looks at beside the rest.
const DEEP: [&str; 3] = ["segments", "touches", "identities"];

#[test]
fn sealing_changes_no_answer_and_doctor_reads_everything() {
    let place = small_organization();
    let before = place.everything(AS_OF);
    let sealed = place.run(&["seal", "--json"]).ok().json();
    assert!(sealed["touches"].as_u64().unwrap() > 10 && sealed["segments"] == 1, "{sealed}");
    assert_eq!(place.everything(AS_OF), before);
    let findings = |outcome: &Value| -> Vec<(String, bool)> {
        let deep = outcome.as_array().unwrap().iter().filter(|finding| DEEP.iter().any(|check| finding["check"] == *check));
        deep.map(|finding| (finding["check"].as_str().unwrap().to_owned(), finding["ok"].as_bool().unwrap())).collect()
    };
    let sound = place.run(&["doctor", "--deep", "--json"]).ok().json();
    assert_eq!(findings(&sound), DEEP.map(|check| (check.to_owned(), true)));

    let file = fs::read_dir(sealed["folder"].as_str().unwrap()).unwrap().next().unwrap().unwrap().path();
    let mut bytes = fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0xff;
    fs::write(&file, bytes).unwrap();
    let damaged = place.run(&["doctor", "--deep"]);
    assert_eq!(damaged.code, Some(1), "{damaged:?}");
    assert!((damaged.stdout.clone() + &damaged.stderr).contains("rapport rebuild"), "{damaged:?}");
    place.run(&["rebuild"]).ok();
    place.run(&["doctor", "--deep"]).ok();
    assert_eq!(place.everything(AS_OF), before);
}

/// Mails of a hundred conversations with three people, each a turn or more.
fn conversations() -> String {
    let mut rows = "occurred_at,kind,from,to,message_id,conversation_id\n".to_owned();
    for conversation in 0..100 {
        let person = conversation % 3;
        for step in 0..=conversation % 5 {
            let (ours, theirs) = ("ann@us.example", format!("person{person}@acme.example"));
            let (from, to) = if (step + conversation) % 2 == 0 { (ours, theirs.as_str()) } else { (theirs.as_str(), ours) };
            let (day, minute) = (1 + conversation % 27, (conversation * 7 + step * 11) % 60);
            let hour = step * 4 + conversation % 4;
            writeln!(
                rows,
                "2026-02-{day:02}T{hour:02}:{minute:02}:00Z,email,{from},{to},m{conversation}.{step}@x,c{conversation}"
            )
            .unwrap();
        }
    }
    rows
}

/// `RAPPORT_DUCKDB_PYTHON`: a Python that has DuckDB. `make test-duckdb` names one.
#[test]
#[allow(clippy::disallowed_methods, clippy::print_stdout, reason = "the Makefile passes it; a skipped test has to say so")]
fn duckdb_reads_the_folder_as_it_is() {
    let Some(python) = std::env::var("RAPPORT_DUCKDB_PYTHON").ok().filter(|path| !path.is_empty()) else {
        println!(
            "SKIPPED: duckdb_reads_the_folder_as_it_is: RAPPORT_DUCKDB_PYTHON names no Python with DuckDB (make test-duckdb does)"
        );
        return;
    };
    let place = Place::new();
    let interactions = place.file("interactions.csv", conversations());
    let contacts: Vec<String> = (0..3).map(|i| format!("c{i},Person {i},person{i}@acme.example\n")).collect();
    place.file("crm/contacts.csv", format!("id,name,email\n{}", contacts.concat()));
    place.run(&["import", "crm", place.path().join("crm").to_str().unwrap(), "--as-of", AS_OF]).ok();
    place.run(&["import", "interactions", &interactions, "--consent", "works council", "--as-of", AS_OF]).ok();
    let sealed = place.run(&["seal", "--json"]).ok().json();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cli/read_segments.py");
    let store = place.store().join("rapport.sqlite");
    let output = Command::new(python)
        .args([script, sealed["folder"].as_str().unwrap(), store.to_str().unwrap(), AS_OF, "2025-01-01T00:00:00Z"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let theirs: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(theirs["touches"], sealed["touches"]);
    let mut compared = 0;
    for contact in theirs["contacts"].as_array().unwrap() {
        let ours = place.run(&["contact", contact["email"].as_str().unwrap(), "--as-of", AS_OF, "--json"]).ok().json();
        for name in ["emails_sent", "emails_received"] {
            assert_eq!(ours["kpis"][name], contact[name], "{name} of {contact}");
        }
        for name in ["response_time_by_us_h", "response_time_by_them_h"] {
            let (mine, theirs) = (ours["kpis"][name]["mean"].as_f64().unwrap(), contact[name].as_f64().unwrap());
            assert!((mine - theirs).abs() < 1e-9, "{name} of {contact}: {mine}");
        }
        compared += 1;
    }
    assert_eq!(compared, 3);
}

#[test]
fn memory_for_reading_is_bounded_and_changes_no_answer() {
    let mut place = small_organization();
    let before = place.everything(AS_OF);
    let refused = place.run(&["--pass-memory-mb", "0", "doctor"]);
    assert_eq!(refused.code, Some(2), "{refused:?}");
    assert!(refused.stderr.contains("--pass-memory-mb") && refused.stderr.contains("16..="), "{refused:?}");
    place.environment.push(("RAPPORT_PASS_MEMORY_MB".to_owned(), "16".to_owned()));
    assert_eq!(place.everything(AS_OF), before);
    place.run(&["seal"]).ok();
    for segments_memory_mb in ["0", "256"] {
        place.environment.push(("RAPPORT_SEGMENTS_MEMORY_MB".to_owned(), segments_memory_mb.to_owned()));
        assert_eq!(place.everything(AS_OF), before, "{segments_memory_mb} MB");
    }
}

#[test]
fn segments_in_a_folder_elsewhere_change_no_answer() {
    let mut place = small_organization();
    let before = place.everything(AS_OF);
    let elsewhere = format!("file://{}", place.path().join("elsewhere").display());
    place.run(&["seal"]).ok();
    let moved = place.run(&["seal", "--move-to", &elsewhere]).ok().stdout;
    assert_eq!(moved, format!("moved 1 segments; start with `--segments {elsewhere}` from now on\n"));
    let elsewhere_told = place.run(&["doctor"]).failed().stderr;
    assert!(elsewhere_told.contains(&format!("--segments {elsewhere}")), "{elsewhere_told}");
    place.environment.push(("RAPPORT_SEGMENTS".to_owned(), elsewhere.clone()));
    fs::remove_dir_all(place.store().join("segments")).unwrap();
    assert_eq!(place.everything(AS_OF), before);
    place.run(&["doctor", "--deep"]).ok();
    let sealed = place.run(&["seal", "--json"]).ok().json();
    assert_eq!(sealed["folder"], format!("{elsewhere}/1"));
    fs::rename(place.path().join("elsewhere"), place.path().join("away")).unwrap();
    fs::remove_dir_all(place.store().join("segments")).unwrap();
    let missing = place.run(&["contact", "con-1"]).failed().stderr;
    assert!(missing.contains(&elsewhere) && missing.contains("is not there"), "{missing}");
    fs::rename(place.path().join("away"), place.path().join("elsewhere")).unwrap();
    place.run(&["seal", "--move-to", "data"]).ok();
    place.environment.clear();
    assert_eq!(place.everything(AS_OF), before);
    let refused = place.run(&["--segments", "s3://key:secret-word@bucket", "doctor"]).failed().stderr;
    assert!(refused.contains("environment variables") && !refused.contains("secret-word"), "{refused}");
}

/// A program that speaks the protocol of S3, with a bucket `rapport`.
struct S3 {
    program: Child,
    address: String,
}

impl S3 {
    fn start(program: &str) -> Self {
        // It chooses a port, and says which.
        let mut program = Command::new(program).args(["-H", "127.0.0.1", "-p", "0"]).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(program.stderr.take().unwrap()).lines().map_while(Result::ok);
        let address = lines.find_map(|line| Some(line.split_once("Running on http://")?.1.trim().to_owned())).unwrap();
        // Whoever writes into a pipe that nobody reads stops.
        std::thread::spawn(move || lines.for_each(drop));
        let mut bucket = TcpStream::connect(&address).unwrap();
        let request = format!("PUT /rapport HTTP/1.1\r\nHost: {address}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        bucket.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        bucket.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        Self { program, address }
    }

    fn environment(&self) -> Vec<(String, String)> {
        let endpoint = format!("http://{}", self.address);
        let variables = [
            ("RAPPORT_SEGMENTS", "s3://rapport/touches"),
            ("AWS_ENDPOINT", &endpoint),
            ("AWS_ALLOW_HTTP", "true"),
            ("AWS_REGION", "us-east-1"),
            ("AWS_ACCESS_KEY_ID", "public-name"),
            ("AWS_SECRET_ACCESS_KEY", "secret-word"),
        ];
        variables.map(|(key, value)| (key.to_owned(), value.to_owned())).to_vec()
    }
}

impl Drop for S3 {
    fn drop(&mut self) {
        _ = self.program.kill();
        _ = self.program.wait();
    }
}

/// `RAPPORT_MOTO`: the program `moto_server`. `make test-s3` names one.
#[test]
#[allow(clippy::disallowed_methods, clippy::print_stdout, reason = "the Makefile passes it; a skipped test has to say so")]
fn segments_are_kept_in_what_speaks_the_protocol_of_s3() {
    let Some(program) = std::env::var("RAPPORT_MOTO").ok().filter(|path| !path.is_empty()) else {
        println!(
            "SKIPPED: segments_are_kept_in_what_speaks_the_protocol_of_s3: RAPPORT_MOTO names no program (make test-s3 does)"
        );
        return;
    };
    let server = S3::start(&program);
    let mut place = small_organization();
    let before = place.everything(AS_OF);
    place.environment = server.environment();
    let sealed = place.run(&["seal", "--json"]).ok().json();
    assert_eq!((&sealed["folder"], &sealed["segments"]), (&"s3://rapport/touches/1".into(), &1.into()));
    assert_eq!(place.everything(AS_OF), before, "from the cache");
    fs::remove_dir_all(place.store().join("segments")).unwrap();
    assert_eq!(place.everything(AS_OF), before, "fetched");
    place.run(&["doctor", "--deep"]).ok();
    place.run(&["erase", "carla@acme.example"]).ok();
    place.run(&["seal"]).ok();
    place.run(&["doctor", "--deep"]).ok();
    let after = place.everything(AS_OF);
    assert_ne!(after, before);

    fs::remove_dir_all(place.store().join("segments")).unwrap();
    let url = "s3://rapport/touches/1/";
    let wrong = [("AWS_ENDPOINT".to_owned(), "http://127.0.0.1:1".to_owned())];
    place.environment.extend(wrong);
    let away = place.run(&["contact", "con-1"]).failed().stderr;
    assert!(away.contains(url) && away.contains("object storage answers"), "{away}");
    assert!(!away.contains("secret-word") && !away.contains("public-name") && !away.contains("rapport rebuild"), "{away}");
    place.environment.pop();
    assert_eq!(place.everything(AS_OF), after);
    // Another bucket, which is not there.
    place.environment.push(("RAPPORT_SEGMENTS".to_owned(), "s3://elsewhere".to_owned()));
    let elsewhere = place.run(&["contact", "con-1"]).failed().stderr;
    assert!(elsewhere.contains("--segments s3://rapport/touches"), "{elsewhere}");
}
