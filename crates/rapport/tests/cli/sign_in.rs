//! Who may sign in, and what programs may do, on the command line.

use crate::harness::Place;

const USERS: &str = "email,name,roles,business_unit,teams\nann@us.example,Ann Ash,Salesperson,Sales/North,Tender\n";

#[test]
fn users_are_invited_and_programs_get_tokens() {
    let place = Place::new();
    let users = place.file("users.csv", USERS);
    place.run(&["import", "users", &users]).ok();

    let invited = place.run(&["sign-in", "invite", "ann@us.example", "--server", "https://rapport.example.com/"]).ok();
    assert!(invited.stdout.starts_with("https://rapport.example.com/invitation#"), "{}", invited.stdout);
    assert!(invited.stderr.contains("hand it to them alone"), "{}", invited.stderr);
    let nobody = place.run(&["sign-in", "invite", "jo@acme.example"]).failed().stderr;
    assert!(nobody.contains("`jo@acme.example` is no user's address"), "{nobody}");

    let made = place.run(&["token", "create", "--user", "ann@us.example", "--name", "export", "--scope", "read"]).ok();
    let token = made.stdout.trim().to_owned();
    assert!(
        token.starts_with("rapport_") && made.stderr.contains("token 1: read, for ann@us.example, until "),
        "{}",
        made.stderr
    );
    let listed = place.run(&["token", "list", "--user", "ann@us.example"]).ok().stdout;
    assert!(listed.starts_with("1  export  read  until ") && !listed.contains(&token), "{listed}");
    let json = place.run(&[
        "token",
        "create",
        "--user",
        "ann@us.example",
        "--name",
        "x",
        "--scope",
        "read",
        "--scope",
        "write",
        "--json",
    ]);
    assert_eq!(json.ok().json()["made"]["scopes"], "read write");
    let wrong = place.run(&["token", "create", "--user", "ann@us.example", "--name", "x", "--scope", "fly"]).failed().stderr;
    assert!(wrong.contains("`fly` is none of read, write, manage"), "{wrong}");
    place.run(&["token", "delete", "1", "--user", "ann@us.example"]).ok();
    assert!(place.run(&["token", "delete", "1", "--user", "ann@us.example"]).failed().stderr.contains("there is no token 1"));

    assert!(place.run(&["sign-in", "remove", "ann@us.example"]).ok().stdout.starts_with("removed"));
    assert!(place.run(&["sign-in", "remove", "ann@us.example"]).ok().stdout.contains("anyway"));
    assert_eq!(place.run(&["token", "list", "--user", "ann@us.example"]).ok().stdout, "");
}

#[test]
fn providers_are_kept_without_showing_their_secret() {
    let place = Place::new();
    let secret = place.file("secret.txt", "hush hush\n");
    let set = ["sign-in", "provider", "set", "entra", "--issuer", "https://login.example/t/v2.0", "--client-id", "c1"];
    let kept = place.run(&[&set[..], &["--secret-file", &secret, "--trust-addresses"]].concat()).ok().stdout;
    assert!(kept.contains("/api/v1/sign-in/entra/callback"), "{kept}");
    let listed = place.run(&["sign-in", "provider", "list"]).ok().stdout;
    assert_eq!(listed, "entra  entra  https://login.example/t/v2.0 as c1\n");
    let json = place.run(&["sign-in", "provider", "list", "--json"]).ok().json();
    assert_eq!(json["items"][0]["issuer"], "https://login.example/t/v2.0");
    let plain = ["sign-in", "provider", "set", "x", "--issuer", "http://login.example", "--client-id", "c1"];
    assert!(place.run(&plain).failed().stderr.contains("begins with https://"));
    let empty = place.file("empty.txt", "\n");
    assert!(place.run(&[&set[..], &["--secret-file", &empty]].concat()).failed().stderr.contains("holds no secret"));
    place.run(&["sign-in", "provider", "remove", "entra"]).ok();
    assert!(place.run(&["sign-in", "provider", "remove", "entra"]).failed().stderr.contains("no sign-in provider `entra`"));
}

#[test]
fn serving_says_what_makes_no_sense() {
    let place = Place::new();
    for (arguments, said) in [
        (&["--listen", "example.com:80"][..], "is no address to listen on"),
        (&["--public-url", "rapport.example.com"], "is no public address"),
        (&["--trusted-proxy", "proxy"], "is no proxy's address"),
    ] {
        let refused = place.run(&[&["serve"], arguments].concat()).failed().stderr;
        assert!(refused.contains(said) && refused.contains("hint:"), "{refused}");
    }
}
