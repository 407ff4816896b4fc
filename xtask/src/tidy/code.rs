//! Rules for Rust files.

use super::Findings;
use crate::{Checkout, checkout::TextFile};

/// Lines of a file under `crates/*/src` at most: more is more than one subject.
pub const FILE_LINES_MAX: usize = 800;

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
