//! Generated files: what they are, how they are made, and whether the committed ones are current.

use std::path::Path;

use crate::{checkout::run, diff::diff};

/// One generated file.
#[derive(Clone, Copy, Debug)]
pub struct Generated {
    /// Path from the root.
    pub path: &'static str,
    /// Arguments of `rapport` that print it.
    pub arguments: &'static [&'static str],
}

/// Every generated file that is committed.
pub const GENERATED: &[Generated] = &[
    Generated { path: "docs/reference/openapi.json", arguments: &["openapi"] },
    Generated { path: "docs/reference/cli.md", arguments: &["help-markdown"] },
    Generated { path: "docs/reference/settings.md", arguments: &["settings", "describe"] },
];

/// Prints one file by running the binary: the one that is named, else the one that cargo builds.
pub fn generate(root: &Path, binary: Option<&str>, generated: &Generated) -> Result<String, String> {
    let printed = if let Some(binary) = binary {
        run(root, binary, generated.arguments)?
    } else {
        let mut arguments = vec!["run", "-q", "-p", "rapport", "--"];
        arguments.extend_from_slice(generated.arguments);
        run(root, "cargo", &arguments)?
    };
    if printed.trim().is_empty() {
        return Err(format!("`rapport {}` printed nothing", generated.arguments.join(" ")));
    }
    Ok(normalized(&printed))
}

/// Makes every generated file anew; the paths of those that changed.
pub fn write(root: &Path, binary: Option<&str>) -> Result<Vec<&'static str>, String> {
    let mut changed = Vec::new();
    for generated in GENERATED {
        let text = generate(root, binary, generated)?;
        let path = root.join(generated.path);
        if std::fs::read_to_string(&path).is_ok_and(|committed| committed == text) {
            continue;
        }
        let failed = |error: std::io::Error| format!("`{}` cannot be written: {error}", generated.path);
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(failed)?;
        }
        std::fs::write(&path, text).map_err(failed)?;
        changed.push(generated.path);
    }
    Ok(changed)
}

/// What differs between the committed files and what the binary prints; empty if nothing does.
pub fn check(root: &Path, binary: Option<&str>) -> Result<Vec<String>, String> {
    let mut findings = Vec::new();
    for generated in GENERATED {
        let text = generate(root, binary, generated)?;
        match std::fs::read_to_string(root.join(generated.path)) {
            Ok(committed) => {
                if let Some(difference) = diff(&committed, &text) {
                    findings.push(format!(
                        "{}: no longer what `rapport {}` prints\n{difference}",
                        generated.path,
                        generated.arguments.join(" ")
                    ));
                }
            }
            Err(error) => findings.push(format!("{}: {error}", generated.path)),
        }
    }
    Ok(findings)
}

/// Without white space at the ends of lines, and with one line end at the end, as every text file here.
fn normalized(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    format!("{}\n", lines.join("\n").trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generated_text_is_as_tidy_as_written_text() {
        assert_eq!(normalized("a  \n\nb\r\n\n\n"), "a\n\nb\n");
    }
}
