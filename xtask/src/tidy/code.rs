//! Rules for Rust files.

use super::Findings;
use crate::{Checkout, checkout::TextFile};

/// Lines of a file under `crates/*/src` at most: more is more than one subject.
pub const FILE_LINES_MAX: usize = 800;

/// Lines of a function there at most, from its signature to its closing brace: what one can see at once.
pub const FUNCTION_LINES_MAX: usize = 100;

/// What says that something is not finished, or not run. Written in parts, so that this file is no finding.
const LEFT_UNDONE: [&str; 3] = [concat!("todo", "!("), concat!("unimplemented", "!("), concat!("#[", "ignore")];

fn rust_files(checkout: &Checkout) -> impl Iterator<Item = &TextFile> {
    checkout.files.iter().filter(|file| file.has_extension("rs"))
}

/// Whether a path lies in the sources of a crate.
fn is_crate_source(path: &str) -> bool {
    let mut parts = path.split('/');
    parts.next() == Some("crates") && parts.nth(1) == Some("src")
}

/// No `todo`, no `unimplemented`, no ignored test.
pub fn left_undone(checkout: &Checkout) -> Findings {
    let mut findings = Vec::new();
    for file in rust_files(checkout) {
        for (number, line) in file.text.lines().enumerate() {
            for word in LEFT_UNDONE.iter().filter(|word| line.contains(*word)) {
                findings.push(format!("{}:{}: `{word}` is not finished work", file.path, number + 1));
            }
        }
    }
    Ok(findings)
}

/// No file of a crate's sources is longer than [`FILE_LINES_MAX`].
pub fn long_files(checkout: &Checkout) -> Findings {
    let sources = rust_files(checkout).filter(|file| is_crate_source(&file.path));
    let counted = sources.map(|file| (&file.path, file.text.lines().count()));
    let long = counted.filter(|(_, lines)| *lines > FILE_LINES_MAX);
    Ok(long.map(|(path, lines)| format!("{path}:1: {lines} lines, more than {FILE_LINES_MAX}: split it by subject")).collect())
}

/// No function of a crate's sources is longer than [`FUNCTION_LINES_MAX`].
pub fn long_functions(checkout: &Checkout) -> Findings {
    let mut findings = Vec::new();
    for file in rust_files(checkout).filter(|file| is_crate_source(&file.path)) {
        for (start, lines) in functions(&file.text).into_iter().filter(|(_, lines)| *lines > FUNCTION_LINES_MAX) {
            findings.push(format!("{}:{start}: a function of {lines} lines, more than {FUNCTION_LINES_MAX}", file.path));
        }
    }
    Ok(findings)
}

/// First line (from 1) and number of lines of each function. Formatted code closes a function where it indented it.
fn functions(text: &str) -> Vec<(usize, usize)> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    for (start, line) in lines.iter().enumerate().filter(|(_, line)| begins_function(line)) {
        let indent = line.len() - line.trim_start().len();
        let closing = format!("{}}}", " ".repeat(indent));
        // The signature ends with `{`, or the whole function stands on a line or is only declared.
        let signature = lines[start..].iter().position(|line| line.ends_with(['{', ';', '}'])).unwrap_or(0);
        let has_body = lines[start + signature].ends_with('{');
        let body = lines[start..].iter().position(|line| *line == closing).filter(|_| has_body);
        found.push((start + 1, body.unwrap_or(signature) + 1));
    }
    found
}

fn begins_function(line: &str) -> bool {
    const QUALIFIERS: [&str; 5] = ["pub", "pub(crate)", "pub(super)", "const", "async"];
    line.split_whitespace().find(|word| !QUALIFIERS.contains(word)) == Some("fn")
}

/// No module is named after nothing.
pub fn named_utils(checkout: &Checkout) -> Findings {
    let name = concat!("ut", "ils");
    let named = |part: &str| part.trim_end_matches(".rs") == name;
    let by_path = rust_files(checkout).filter(|file| file.path.split('/').any(named));
    let mut findings: Vec<String> =
        by_path.map(|file| format!("{}:1: name the module after its subject, not `{name}`", file.path)).collect();
    for file in rust_files(checkout) {
        for (number, line) in file.text.lines().enumerate() {
            let declared = line.trim().trim_start_matches("pub ").trim_start_matches("pub(crate) ");
            if declared.strip_prefix("mod ").is_some_and(|rest| rest.trim_end_matches([' ', ';', '{']) == name) {
                findings.push(format!("{}:{}: name the module after its subject, not `{name}`", file.path, number + 1));
            }
        }
    }
    Ok(findings)
}

/// Every crate's `lib.rs` begins by saying what the crate is.
pub fn crate_docs(checkout: &Checkout) -> Findings {
    let mut findings = Vec::new();
    let of_crate = |path: &str| path.strip_suffix("/Cargo.toml").map(|folder| format!("{folder}/src/lib.rs"));
    for path in checkout.files.iter().filter_map(|file| of_crate(&file.path)) {
        let Some(text) = checkout.text(&path) else { continue };
        findings.extend(crate_docs_of(text).map(|what| format!("{path}:1: {what}")));
    }
    Ok(findings)
}

fn crate_docs_of(text: &str) -> Option<&'static str> {
    if !text.starts_with("//!") {
        return Some("begins without `//!` docs");
    }
    let mut docs = text.lines().take_while(|line| line.starts_with("//!"));
    (!docs.any(|line| line.contains("What it is"))).then_some("its docs lack \"What it is\"")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::text::tests::checkout;

    #[test]
    fn unfinished_work_is_found() {
        let broken = format!("fn f() {{\n    {}x\")\n}}\n", concat!("todo", "!(\""));
        let found = left_undone(&checkout(&[("crates/a/src/x.rs", &broken), ("notes.md", &broken)])).unwrap();
        assert_eq!(found.len(), 1);
        assert!(found[0].starts_with("crates/a/src/x.rs:2: "), "{found:?}");
    }

    #[test]
    fn long_sources_are_found_and_long_tests_are_not() {
        let long = "\n".repeat(801);
        let found = long_files(&checkout(&[("crates/a/src/x.rs", &long), ("crates/a/tests/x.rs", &long)])).unwrap();
        assert_eq!(found, ["crates/a/src/x.rs:1: 801 lines, more than 800: split it by subject"]);
    }

    #[test]
    fn functions_are_measured_from_signature_to_brace() {
        let text = "impl A {\n    pub(crate) fn a(\n        b: B,\n    ) -> C {\n        if b {\n        }\n    }\n\n    fn d() {}\n    fn e(&self);\n}\n";
        assert_eq!(functions(text), [(2, 6), (9, 1), (10, 1)]);
        let long = format!("async fn f() {{\n{}}}\n", "    g();\n".repeat(99));
        let found = long_functions(&checkout(&[("crates/a/src/x.rs", &long)])).unwrap();
        assert_eq!(found, ["crates/a/src/x.rs:1: a function of 101 lines, more than 100"]);
    }

    #[test]
    fn a_module_is_named_after_its_subject() {
        let declared = format!("pub mod {};\n", concat!("ut", "ils"));
        let path = format!("crates/a/src/{}.rs", concat!("ut", "ils"));
        assert_eq!(named_utils(&checkout(&[("crates/a/src/lib.rs", &declared), (&path, "")])).unwrap().len(), 2);
        assert_eq!(named_utils(&checkout(&[("crates/a/src/lib.rs", "mod days;\n")])).unwrap().len(), 0);
    }

    #[test]
    fn a_crate_says_what_it_is() {
        assert_eq!(crate_docs_of("//! A.\n//!\n//! **What it is.** B.\n"), None);
        assert!(crate_docs_of("//! A.\n// What it is\n").is_some());
        assert!(crate_docs_of("use a;\n//! What it is\n").is_some());
        let found = crate_docs(&checkout(&[("crates/a/Cargo.toml", ""), ("crates/a/src/lib.rs", "//! A.\n")])).unwrap();
        assert_eq!(found, ["crates/a/src/lib.rs:1: its docs lack \"What it is\""]);
    }
}
