//! Rules for all text files.

use super::Findings;
use crate::Checkout;

/// Folders of one machine. Written in parts, so that this file is no finding.
const MACHINE_PATHS: [&str; 3] = [concat!("/ho", "me/"), concat!("/ro", "ot/"), concat!("/wo", "rk/")];

/// Where packages come from is the business of whoever builds: their configuration, never ours.
const REGISTRY_HOSTS: [&str; 8] = [
    concat!("index.crates", ".io"),
    concat!("static.crates", ".io"),
    concat!("registry.npmjs", ".org"),
    concat!("registry.yarnpkg", ".com"),
    concat!("pypi", ".org"),
    concat!("deb.debian", ".org"),
    concat!("proxy.golang", ".org"),
    concat!("registry-1.docker", ".io"),
];

/// Files whose format wants tabs.
const WITH_TABS: [&str; 1] = ["Makefile"];

/// Whether a file is somebody else's, kept byte by byte as test data.
fn is_data(path: &str) -> bool {
    path.split('/').any(|part| part == "corpus" || part == "fixtures")
}

/// No folder of one machine is named.
pub fn machine_paths(checkout: &Checkout) -> Findings {
    Ok(each_line(checkout, |line| {
        let named = MACHINE_PATHS.into_iter().find(|path| names(line, path))?;
        Some(format!("`{named}` is a folder of one machine"))
    }))
}

/// Whether a line names an absolute path: `https://example.com/x/` and `a/x/` are something else.
fn names(line: &str, path: &str) -> bool {
    line.match_indices(path).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        before.is_none_or(|c| !(c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '~' | '}' | ')')))
    })
}

/// No host of a registry is named.
pub fn registry_hosts(checkout: &Checkout) -> Findings {
    Ok(each_line(checkout, |line| {
        let named = REGISTRY_HOSTS.into_iter().find(|host| line.contains(host))?;
        Some(format!("`{named}` belongs into the builder's own configuration"))
    }))
}

/// No tab, no white space at the end of a line, no line end but LF, one at the end of the file.
pub fn white_space(checkout: &Checkout) -> Findings {
    let mut findings =
        each_line(checkout, |line| (line.trim_end() != line).then(|| "white space at the end of the line".to_owned()));
    for file in checkout.files.iter().filter(|file| !is_data(&file.path)) {
        let name = file.path.rsplit('/').next().unwrap_or_default();
        let tab = file.text.lines().position(|line| line.contains('\t')).filter(|_| !WITH_TABS.contains(&name));
        findings.extend(tab.map(|number| format!("{}:{}: a tab; indent with spaces", file.path, number + 1)));
        if !file.text.is_empty() && (!file.text.ends_with('\n') || file.text.ends_with("\n\n")) {
            findings.push(format!("{}:{}: end the file with one line end", file.path, file.text.lines().count()));
        }
    }
    Ok(findings)
}

/// Asks each line of each text file; `what` says what is wrong with it.
fn each_line(checkout: &Checkout, what: impl Fn(&str) -> Option<String>) -> Vec<String> {
    let mut findings = Vec::new();
    for file in checkout.files.iter().filter(|file| !is_data(&file.path)) {
        for (number, line) in file.text.split('\n').enumerate() {
            findings.extend(what(line).map(|what| format!("{}:{}: {what}", file.path, number + 1)));
        }
    }
    findings
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::checkout::TextFile;

    pub(crate) fn checkout(files: &[(&str, &str)]) -> Checkout {
        let mut files: Vec<TextFile> =
            files.iter().map(|(path, text)| TextFile { path: (*path).to_owned(), text: (*text).to_owned() }).collect();
        files.sort_by(|a, b| a.path.cmp(&b.path));
        let paths = files.iter().map(|file| file.path.clone()).collect();
        Checkout { root: std::path::PathBuf::new(), paths, files }
    }

    #[test]
    fn absolute_paths_are_told_from_parts_of_others() {
        let home = MACHINE_PATHS[0];
        for line in [format!("see {home}jo"), format!("\"{home}jo\""), format!("({home}jo)"), home.to_owned()] {
            assert!(names(&line, home), "{line}");
        }
        for line in [format!("https://example.com{home}jo"), format!("docs{home}jo"), format!("..{home}jo")] {
            assert!(!names(&line, home), "{line}");
        }
        let found = machine_paths(&checkout(&[("a.md", &format!("x\n{home}jo\n"))])).unwrap();
        assert_eq!(found.len(), 1);
        assert!(found[0].starts_with("a.md:2: "), "{found:?}");
    }

    #[test]
    fn hosts_are_found() {
        let line = format!("https://{}/x\n", REGISTRY_HOSTS[0]);
        assert_eq!(registry_hosts(&checkout(&[("a.toml", &line)])).unwrap().len(), 1);
    }

    #[test]
    fn white_space_is_found_but_not_in_data() {
        let broken = "a \n\tb\nc\r\nd";
        let found =
            white_space(&checkout(&[("a.md", broken), ("tests/corpus/a.eml", broken), ("Makefile", "a:\n\tb\n")])).unwrap();
        let lines: Vec<&str> = found.iter().map(|finding| &finding[..finding.find(": ").unwrap()]).collect();
        assert_eq!(lines, ["a.md:1", "a.md:3", "a.md:2", "a.md:4"]);
    }
}
