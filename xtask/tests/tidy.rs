//! The rules of the house, as tests: what `cargo xtask tidy` finds, `cargo nextest run` finds.

use xtask::{Checkout, checkout, tidy};

/// Runs the rule of a name on this checkout.
fn check(name: &str) {
    let (_, rule) = tidy::RULES.iter().find(|(known, _)| *known == name).expect("the rule exists");
    let findings = rule(&Checkout::read(&checkout::root()).unwrap()).unwrap();
    assert!(findings.is_empty(), "{name}:\n{}", findings.join("\n"));
}

macro_rules! rules {
    ($($test:ident: $name:literal,)*) => {
        $(#[test] fn $test() { check($name); })*

        #[test]
        fn every_rule_is_a_test() {
            let named: Vec<&str> = tidy::RULES.iter().map(|(name, _)| *name).collect();
            assert_eq!(named, [$($name),*]);
        }
    };
}

rules! {
    dependencies_point_one_way: "dependencies point one way",
    pure_crates_stay_pure: "pure crates stay pure",
    nothing_is_left_undone: "nothing is left undone",
    files_fit_the_head: "files fit the head",
    functions_fit_a_screen: "functions fit a screen",
    no_module_is_named_utils: "no module is named utils",
    crates_say_what_they_are: "crates say what they are",
    no_path_of_a_machine: "no path of a machine",
    no_host_of_a_registry: "no host of a registry",
    no_tab_and_no_trailing_white_space: "no tab and no trailing white space",
    metric_pages_have_their_headings: "metric pages have their headings",
    what_documents_name_exists: "what documents name exists",
}
