//! `schemathesis` (PyPI) against the API of a served store: as an administrator, and as a seller.
//!
//! It makes requests of every operation from the OpenAPI document, sound and unsound, and fails on an answer that the document does not
//! know: a status, a media type, a header, a body of another shape, or any fault of the server.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

use crate::checkout::run;

/// What is asked of each answer.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,response_headers_conformance";
/// Users who ask, with their roles. The seller comes first: the administrator changes what everybody may do.
const CALLERS: [(&str, &str, &str); 2] = [
    ("seller", "sam@zilverbrug.example", "Salesperson"),
    ("administrator", "karin@zilverbrug.example", "System Administrator;Privacy Administrator;Vice President of Sales"),
];
/// Requests of each operation that are made up, beside those that are worked out.
const EXAMPLES: &str = "20";
/// Seconds for one caller.
const SECONDS: &str = "60";
/// Requests are made up from this: what one machine finds, another finds too.
const SEED: &str = "20261128";

/// Stops the server with this program, however it ends.
struct Served(Child);

impl Drop for Served {
    fn drop(&mut self) {
        _ = self.0.kill();
        _ = self.0.wait();
    }
}

/// Asks everything; how many callers found nothing wrong, and how many did.
pub fn ask(binary: &str, schemathesis: &str, folder: &Path, tell: impl Fn(&str)) -> Result<(usize, usize), String> {
    let data = folder.join("data").display().to_string();
    let rapport = |arguments: &[&str]| run(folder, binary, &[&["--data", &data], arguments].concat());
    rapport(&["demo", "--load-only"])?;
    let users = folder.join("users.csv");
    let rows = CALLERS.map(|(name, email, roles)| format!("{email},{name},premium,{roles}\n")).concat();
    std::fs::write(&users, format!("email,name,licence,roles\n{rows}")).map_err(|error| error.to_string())?;
    rapport(&["import", "users", &users.display().to_string()])?;
    let scopes = ["--scope", "read", "--scope", "write", "--scope", "manage"];
    let token = |email: &str| rapport(&[&["token", "create", "--user", email, "--name", "schemathesis"], &scopes[..]].concat());
    let tokens = CALLERS.map(|(_, email, _)| token(email));
    let (_served, address) = serve(binary, &data)?;
    let mut failed = 0;
    for ((name, ..), token) in CALLERS.into_iter().zip(tokens) {
        tell(&format!("schemathesis as {name}"));
        let document = format!("{address}/api/v1/openapi.json");
        let header = format!("Authorization: Bearer {}", token?.trim());
        let arguments = [
            "--no-color",
            "run",
            &document,
            "--header",
            &header,
            "--checks",
            CHECKS,
            "--phases",
            "examples,coverage,fuzzing",
            "--seed",
            SEED,
            "--max-examples",
            EXAMPLES,
            "--max-time",
            SECONDS,
            "--continue-on-failure",
            "--no-shrink",
            "--warnings",
            "off",
            "--request-timeout",
            "30",
            "--generation-database",
            "none",
            // A stream that stays open.
            "--exclude-path",
            "/api/v1/events",
        ];
        let status = Command::new(schemathesis).args(arguments).current_dir(folder).status();
        let status = status.map_err(|error| format!("`{schemathesis}` cannot be run: {error}"))?;
        failed += usize::from(!status.success());
    }
    Ok((CALLERS.len() - failed, failed))
}

/// Serves a store on a free port: the server, and its address.
fn serve(binary: &str, data: &str) -> Result<(Served, String), String> {
    let arguments = ["--data", data, "serve", "--listen", "127.0.0.1:0", "--require-sign-in"];
    // What the server has to say is shown, so that a fault can be found.
    let child = Command::new(binary).args(arguments).stdout(Stdio::piped()).spawn();
    let mut served = Served(child.map_err(|error| format!("`{binary}` cannot be run: {error}"))?);
    let lines = served.0.stdout.take().map(|out| BufReader::new(out).lines().map_while(Result::ok));
    let address = lines.into_iter().flatten().find_map(|line| line.split("ready at ").nth(1).map(|at| at.trim().to_owned()));
    address.map(|address| (served, address)).ok_or_else(|| "the server did not say where it is".to_owned())
}
