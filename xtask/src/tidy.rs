//! The rules of the house, each a function from the checkout to findings (`path:line: what`).

pub mod code;
pub mod dependencies;
pub mod documents;
pub mod text;

use crate::Checkout;

/// What a rule finds, or why it could not look.
pub type Findings = Result<Vec<String>, String>;

/// One rule by name.
pub type Rule = (&'static str, fn(&Checkout) -> Findings);

/// Every rule.
pub const RULES: &[Rule] = &[
    ("dependencies point one way", dependencies::direction),
    ("pure crates stay pure", dependencies::purity),
    ("nothing is left undone", code::left_undone),
    ("files fit the head", code::long_files),
    ("functions fit a screen", code::long_functions),
    ("no module is named utils", code::named_utils),
    ("crates say what they are", code::crate_docs),
    ("no path of a machine", text::machine_paths),
    ("no host of a registry", text::registry_hosts),
    ("no tab and no trailing white space", text::white_space),
    ("metric pages have their headings", documents::metric_pages),
    ("what documents name exists", documents::named_paths),
];

/// What all rules find.
pub fn findings(checkout: &Checkout) -> Findings {
    let mut all = Vec::new();
    for (_, rule) in RULES {
        all.extend(rule(checkout)?);
    }
    Ok(all)
}
