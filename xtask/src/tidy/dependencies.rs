//! Which crate may know which, read from `cargo metadata`.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{CargoOpt, DependencyKind, Metadata, MetadataCommand, Package, PackageId};

use super::Findings;
use crate::{Checkout, checkout::run};

/// What each crate of ours may depend on. Development-only crates may reach all.
pub const ALLOWED: &[(&str, &[&str])] = &[
    ("rapport-domain", &[]),
    ("rapport-capture", &["rapport-domain"]),
    ("rapport-insight", &["rapport-domain"]),
    ("rapport-store", &["rapport-domain"]),
    ("rapport-connect", &["rapport-domain"]),
    ("rapport-server", &["rapport-domain", "rapport-capture", "rapport-insight", "rapport-store", "rapport-connect"]),
    ("rapport", &["rapport-domain", "rapport-capture", "rapport-insight", "rapport-store", "rapport-server"]),
];

/// Crates for development only: the product never depends on them, but its tests may.
pub const DEVELOPMENT_ONLY: &[&str] = &["rapport-testkit", "xtask"];

/// Crates that do no I/O.
pub const PURE: &[&str] = &["rapport-domain", "rapport-capture", "rapport-insight"];

/// What a pure crate never reaches, not even over other crates.
pub const IMPURE: &[&str] = &["tokio", "sqlx", "sqlx-core", "reqwest", "hyper", "axum"];

/// One edge between two crates of ours.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Edge {
    from: String,
    to: String,
    for_tests: bool,
}

/// Every edge between crates of ours is allowed.
pub fn direction(checkout: &Checkout) -> Findings {
    let metadata = metadata(checkout)?;
    let members = metadata.workspace_packages();
    let names: BTreeSet<&str> = members.iter().map(|package| package.name.as_str()).collect();
    let mut findings = Vec::new();
    for name in &names {
        if !DEVELOPMENT_ONLY.contains(name) && !ALLOWED.iter().any(|(known, _)| known == name) {
            findings.push(format!(
                "Cargo.toml:1: `{name}` has no line in the table of allowed edges (xtask/src/tidy/dependencies.rs)"
            ));
        }
    }
    let of_package = |package: &&Package| {
        let from = package.name.to_string();
        let ours = package.dependencies.iter().filter(|dependency| names.contains(dependency.name.as_str()));
        let edges = ours.map(|dependency| Edge {
            from: from.clone(),
            to: dependency.name.clone(),
            for_tests: dependency.kind == DependencyKind::Development,
        });
        edges.collect::<Vec<_>>()
    };
    let edges: BTreeSet<Edge> = members.iter().flat_map(of_package).collect();
    findings.extend(edges.iter().filter_map(forbidden));
    Ok(findings)
}

/// What is wrong with an edge.
fn forbidden(edge: &Edge) -> Option<String> {
    let Edge { from, to, for_tests } = edge;
    if DEVELOPMENT_ONLY.contains(&from.as_str()) || (*for_tests && to == "rapport-testkit") {
        return None;
    }
    let allowed = ALLOWED.iter().find(|(name, _)| name == from).is_some_and(|(_, to_all)| to_all.contains(&to.as_str()));
    (!allowed).then(|| format!("Cargo.toml:1: `{from}` depends on `{to}`, which is not one of its allowed edges"))
}

/// No pure crate reaches a crate that does I/O.
pub fn purity(checkout: &Checkout) -> Findings {
    let metadata = metadata(checkout)?;
    let graph = graph(&metadata);
    let mut findings = Vec::new();
    for package in metadata.workspace_packages().into_iter().filter(|package| PURE.contains(&package.name.as_str())) {
        for path in paths_to_impure(&package.id, &graph) {
            let names: Vec<&str> = path.iter().map(|id| metadata[id].name.as_str()).collect();
            if names.last().is_some_and(|last| IMPURE.contains(last)) {
                findings.push(format!("Cargo.toml:1: a pure crate does I/O: {}", names.join(" -> ")));
            }
        }
    }
    Ok(findings)
}

/// What each package needs to run.
type Graph<'a> = BTreeMap<&'a PackageId, Vec<&'a PackageId>>;

fn graph(metadata: &Metadata) -> Graph<'_> {
    let nodes = metadata.resolve.iter().flat_map(|resolve| &resolve.nodes);
    nodes
        .map(|node| {
            let normal = node.deps.iter().filter(|dep| dep.dep_kinds.iter().any(|kind| kind.kind == DependencyKind::Normal));
            (&node.id, normal.map(|dep| &dep.pkg).collect())
        })
        .collect()
}

/// A shortest path to every package that can be reached.
fn paths_to_impure<'a>(from: &'a PackageId, graph: &Graph<'a>) -> Vec<Vec<&'a PackageId>> {
    let mut paths = vec![vec![from]];
    let mut seen = BTreeSet::from([from]);
    let mut next = 0;
    while next < paths.len() {
        let path = paths[next].clone();
        next += 1;
        for to in graph.get(path[path.len() - 1]).into_iter().flatten() {
            if seen.insert(*to) {
                paths.push(path.iter().copied().chain([*to]).collect());
            }
        }
    }
    paths
}

fn metadata(checkout: &Checkout) -> Result<Metadata, String> {
    // Only what this machine builds: packages of other platforms were never fetched.
    let version = run(&checkout.root, "rustc", &["-vV"])?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).unwrap_or_default();
    MetadataCommand::new()
        .manifest_path(checkout.root.join("Cargo.toml"))
        .features(CargoOpt::AllFeatures)
        .other_options(vec!["--filter-platform".to_owned(), host.to_owned()])
        .exec()
        .map_err(|error| format!("`cargo metadata` failed: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edge(from: &str, to: &str, for_tests: bool) -> Edge {
        Edge { from: from.to_owned(), to: to.to_owned(), for_tests }
    }

    #[test]
    fn edges_point_one_way() {
        assert_eq!(forbidden(&edge("rapport-server", "rapport-store", false)), None);
        assert_eq!(forbidden(&edge("rapport-insight", "rapport-testkit", true)), None);
        assert_eq!(forbidden(&edge("rapport-testkit", "rapport-server", false)), None);
        for broken in [
            edge("rapport-insight", "rapport-store", false),
            edge("rapport-capture", "rapport-insight", true),
            edge("rapport-domain", "rapport-capture", false),
            edge("rapport-store", "rapport-server", true),
            edge("rapport-server", "rapport-testkit", false),
            edge("rapport-server", "xtask", true),
        ] {
            assert!(forbidden(&broken).is_some(), "{broken:?}");
        }
    }
}
