//! Rules for documents.

use super::Findings;
use crate::{Checkout, checkout::TextFile};

/// What every metric's page tells, in this order.
pub const METRIC_HEADINGS: [&str; 5] = ["## What it is", "## Definition", "## Why", "## Edge cases", "## Examples"];

/// The fence of an example that runs as a test.
pub const EXAMPLE_FENCE: &str = "```rapport-example";

/// The list of metric pages; it is no metric itself.
const METRIC_INDEX: &str = "docs/metrics/README.md";
/// How models compare; it is no metric either.
const MODEL_COMPARISON: &str = "docs/metrics/model-comparison.md";

/// Folders whose names in backticks must exist: moved or renamed code takes its documents along.
const NAMED_FOLDERS: [&str; 4] = ["crates/", "docs/", "xtask/", ".ci/"];

/// Every page under `docs/metrics` has the headings in their order, an example that runs, and a link from the list.
pub fn metric_pages(checkout: &Checkout) -> Findings {
    let index = checkout.text(METRIC_INDEX).unwrap_or_default();
    let pages = checkout.files.iter().filter(|file| file.path.starts_with("docs/metrics/") && file.has_extension("md"));
    let mut findings = Vec::new();
    for page in pages.filter(|page| page.path != METRIC_INDEX && page.path != MODEL_COMPARISON) {
        findings.extend(page_findings(page, index));
    }
    Ok(findings)
}

fn page_findings(page: &TextFile, index: &str) -> Vec<String> {
    let mut findings = Vec::new();
    let mut lines = page.text.lines();
    if !page.text.starts_with("# ") {
        findings.push(format!("{}:1: begins without a title", page.path));
    }
    for heading in METRIC_HEADINGS {
        if !lines.by_ref().any(|line| line == heading) {
            findings.push(format!("{}:1: `{heading}` is missing or out of order", page.path));
            break;
        }
    }
    if !page.text.lines().any(|line| line == EXAMPLE_FENCE) {
        findings.push(format!("{}:1: has no example that runs", page.path));
    }
    let name = page.path.rsplit('/').next().unwrap_or_default();
    if !index.contains(&format!("]({name})")) {
        findings.push(format!("{METRIC_INDEX}:1: does not link to `{name}`"));
    }
    findings
}

/// Links between documents, and paths that they name in backticks, lead somewhere.
pub fn named_paths(checkout: &Checkout) -> Findings {
    let mut findings = Vec::new();
    for file in checkout.files.iter().filter(|file| file.has_extension("md")) {
        let mut in_fence = false;
        for (number, line) in file.text.lines().enumerate() {
            in_fence ^= line.starts_with("```");
            if in_fence {
                continue;
            }
            let (pages, links): (Vec<&str>, Vec<&str>) = links_of(line).partition(|link| link.starts_with(PAGE_SCHEME));
            for page in pages.iter().map(|page| &page[PAGE_SCHEME.len()..]).filter(|page| !is_page(checkout, page)) {
                findings.push(format!("{}:{}: there is no page `{page}`", file.path, number + 1));
            }
            let links = links.into_iter().map(|link| joined(&file.path, link));
            let named = line.split('`').skip(1).step_by(2).filter_map(named_path).map(str::to_owned);
            for path in links.chain(named).filter(|path| !exists(checkout, path)) {
                findings.push(format!("{}:{}: there is no `{path}`", file.path, number + 1));
            }
        }
    }
    Ok(findings)
}

/// How guides name a page of ours: files know no address of a server.
const PAGE_SCHEME: &str = "app:";
/// Where the pages' addresses stand.
const ROUTES: &str = "web/app/src/routes/router.tsx";

fn is_page(checkout: &Checkout, page: &str) -> bool {
    let route = format!("path: \"{page}\",");
    checkout.files.iter().any(|file| file.path == ROUTES && file.text.contains(&route))
}

/// The targets of relative links, without their anchors.
fn links_of(line: &str) -> impl Iterator<Item = &str> {
    let targets = line.split("](").skip(1).filter_map(|rest| rest.split_once(')').map(|(target, _)| target));
    let local = targets.filter(|target| !target.contains("://") && !target.starts_with('#') && !target.starts_with("mailto:"));
    local.map(|target| target.split('#').next().unwrap_or_default())
}

/// A path of ours, without patterns and without what follows a colon (`crates/x/src/y.rs::Z`).
fn named_path(code: &str) -> Option<&str> {
    let path = code.split(':').next().unwrap_or_default().trim_end_matches('/');
    let ours = NAMED_FOLDERS.iter().any(|folder| path.starts_with(folder));
    (ours && !path.contains(['*', '{', ' ', '<', '|'])).then_some(path)
}

/// A link's target from the root.
fn joined(from: &str, link: &str) -> String {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in link.split('/').filter(|part| !part.is_empty() && *part != ".") {
        if part == ".." {
            parts.pop();
        } else {
            parts.push(part);
        }
    }
    parts.join("/")
}

fn exists(checkout: &Checkout, path: &str) -> bool {
    let folder = format!("{path}/");
    path.is_empty() || checkout.paths.iter().any(|known| known == path || known.starts_with(&folder))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::text::tests::checkout;

    fn page(body: &str) -> String {
        format!("# Turns\n\n{body}\n\n{EXAMPLE_FENCE}\n```\n")
    }

    #[test]
    fn a_page_tells_everything_in_order() {
        let index = (METRIC_INDEX, "- [Turns](turns.md)\n");
        let good = page(&METRIC_HEADINGS.join("\n"));
        assert_eq!(metric_pages(&checkout(&[index, ("docs/metrics/turns.md", &good)])).unwrap().len(), 0);
        let swapped = page("## Definition\n## What it is\n## Why\n## Edge cases\n## Examples");
        let found = metric_pages(&checkout(&[index, ("docs/metrics/turns.md", &swapped)])).unwrap();
        assert_eq!(found, ["docs/metrics/turns.md:1: `## Definition` is missing or out of order"]);
        let unlisted = metric_pages(&checkout(&[("docs/metrics/turns.md", &good)])).unwrap();
        assert_eq!(unlisted, ["docs/metrics/README.md:1: does not link to `turns.md`"]);
    }

    #[test]
    fn what_is_named_exists() {
        let text = "See [b](b.md), [c](../c.md#x), [far](https://example.com), `crates/a/src/`, `crates/a/src/x.rs::F`, `crates/*/src`.\n";
        let files = [("docs/a.md", text), ("docs/b.md", "\n"), ("c.md", "\n"), ("crates/a/src/x.rs", "\n")];
        assert_eq!(named_paths(&checkout(&files)).unwrap().len(), 0);
        let found = named_paths(&checkout(&files[..1])).unwrap();
        assert_eq!(found.len(), 4, "{found:?}");
        assert_eq!(found[0], "docs/a.md:1: there is no `docs/b.md`");
    }

    #[test]
    fn a_guide_leads_to_pages_that_are_there() {
        let guide = ("docs/guide/en/a.md", "Go to [Users](app:/settings/users).\n");
        let routes = (ROUTES, "  path: \"/settings/users\",\n");
        assert_eq!(named_paths(&checkout(&[guide, routes])).unwrap().len(), 0);
        let found = named_paths(&checkout(&[guide])).unwrap();
        assert_eq!(found, ["docs/guide/en/a.md:1: there is no page `/settings/users`"]);
    }

    #[test]
    fn fenced_text_is_no_link() {
        let text = "```text\n[x](nowhere.md) `crates/nowhere`\n```\n";
        assert_eq!(named_paths(&checkout(&[("a.md", text)])).unwrap().len(), 0);
    }
}
