//! `cargo xtask`: tidy rules, and generated files with their check.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command of developers talks to its terminal")]

use std::process::ExitCode;

use xtask::{Checkout, checkout, codegen, schemathesis, tidy};

const USAGE: &str = "usage:
  cargo xtask tidy               check the rules of the house
  cargo xtask codegen            make the generated files under docs/reference/ anew
  cargo xtask codegen --check    fail if one of them is not what the binary prints
  cargo xtask schemathesis BIN   ask a served demo organization everything that its OpenAPI document describes, by the program BIN

RAPPORT_BIN names a built `rapport` to use for codegen; without it cargo builds and runs one.";

#[expect(clippy::disallowed_methods, reason = "the one place where this program reads the environment")]
fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let binary = std::env::var("RAPPORT_BIN").ok();
    let outcome = match arguments.as_slice() {
        ["tidy"] => tidy_command(),
        ["codegen"] => codegen_command(binary.as_deref()),
        ["codegen", "--check"] => check_command(binary.as_deref()),
        ["schemathesis", schemathesis] => schemathesis_command(binary.as_deref(), schemathesis),
        ["help" | "--help" | "-h"] => {
            println!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

fn tidy_command() -> Result<(), String> {
    let checkout = Checkout::read(&checkout::root())?;
    let findings = tidy::findings(&checkout)?;
    if findings.is_empty() {
        println!("tidy: {} files, {} rules, nothing found", checkout.files.len(), tidy::RULES.len());
        return Ok(());
    }
    Err(format!("{}\ntidy: {} findings", findings.join("\n"), findings.len()))
}

fn codegen_command(binary: Option<&str>) -> Result<(), String> {
    let changed = codegen::write(&checkout::root(), binary)?;
    println!("codegen: {} files, {} changed", codegen::GENERATED.len(), changed.len());
    for path in changed {
        println!("  {path}");
    }
    Ok(())
}

fn schemathesis_command(binary: Option<&str>, program: &str) -> Result<(), String> {
    let binary = binary.ok_or("RAPPORT_BIN names no built `rapport`")?;
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let (passed, failed) = schemathesis::ask(binary, program, folder.path(), |text| println!("{text}"))?;
    println!("{passed} passed, {failed} failed");
    if failed == 0 { Ok(()) } else { Err("schemathesis: the API does not answer as its document says".to_owned()) }
}

fn check_command(binary: Option<&str>) -> Result<(), String> {
    let findings = codegen::check(&checkout::root(), binary)?;
    if findings.is_empty() {
        println!("codegen: {} files are current", codegen::GENERATED.len());
        return Ok(());
    }
    Err(format!("{}\nhint: run `cargo xtask codegen` and commit what it writes", findings.join("\n")))
}
