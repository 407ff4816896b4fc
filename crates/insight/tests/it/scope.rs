//! Which interactions belong to a record (02 §1, §2).

use rapport_domain::{Moment, Table};
use rapport_insight::{
    ClosedAs, Internal, RecordScope, belongs,
    scope::{is_completed, is_pending, is_scheduled},
};

use crate::world::{World, world};

/// Which lines of a world belong to a record.
fn counted(world: &World, scope: &RecordScope) -> Vec<u64> {
    let rows = (0..world.touches.len()).filter(|i| belongs(scope, &world.touches, *i, &world.directory));
    rows.map(|i| world.touches.interaction[i]).collect()
}

fn with_users(world: &mut World, table: Table, users: &str, external: &str) -> RecordScope {
    let mut scope = RecordScope::of_addresses(1, table, world.addresses(external));
    let mut ids: Vec<_> = users.split_whitespace().map(|name| world.user_id(name)).collect();
    ids.sort_unstable();
    scope.internal = Internal::Users(ids);
    scope
}

#[test]
fn spec_02_worked_example_lead_owner_and_stakeholder() {
    let mut world = world(
        "2026-01-05 09:00 phone_call A -> s
         2026-01-06 09:00 phone_call B -> s",
    );
    let lead = with_users(&mut world, Table::Leads, "A", "l s");
    assert_eq!(counted(&world, &lead), [1]);
}

#[test]
fn spec_02_worked_example_sales_team_of_an_opportunity() {
    let mut world = world(
        "2026-01-05 09:00 email A -> s
         2026-01-06 09:00 email C -> s",
    );
    let opportunity = with_users(&mut world, Table::Opportunities, "A", "s");
    assert_eq!(counted(&world, &opportunity), [1]);
    let contact = world.contact("s");
    assert_eq!(counted(&world, &contact), [1, 2]);
    let account = RecordScope { table: Table::Accounts, ..contact };
    assert_eq!(counted(&world, &account), [1, 2]);
}

#[test]
fn regarding_counts_even_without_people_of_interest_and_zero_regards_nothing() {
    let mut world = world(
        "2026-01-05 09:00 email A -> B regarding=1
         2026-01-05 10:00 task regarding=1
         2026-01-05 11:00 email A -> B regarding=2
         2026-01-05 12:00 email A -> B",
    );
    let contact = world.contact("x");
    assert_eq!(counted(&world, &contact), [1, 2]);
    let discovered = RecordScope { record: 0, ..contact };
    assert_eq!(counted(&world, &discovered), [0; 0]);
}

#[test]
fn copies_and_optional_attendees_take_part_but_tasks_only_regard() {
    let mut world = world(
        "2026-01-05 09:00 email A -> y cc x
         2026-01-05 10:00 meeting y -> z cc x, A
         2026-01-05 11:00 task A -> x
         2026-01-05 12:00 email y -> x
         2026-01-05 13:00 email ~p -> x",
    );
    let contact = world.contact("x");
    assert_eq!(counted(&world, &contact), [1, 2, 5], "ours without a user is any user; two of theirs are nobody of ours");
}

#[test]
fn spec_02_rule_3_a_meeting_counts_for_an_opportunity_only_unregarding_and_from_mailbox_data() {
    let mut world = world(
        "2026-01-05 09:00 meeting A -> x
         2026-01-05 10:00 meeting A -> x crm
         2026-01-05 11:00 meeting A -> x both
         2026-01-05 12:00 meeting A -> x regarding=2
         2026-01-05 13:00 meeting A -> x crm regarding=1
         2026-01-05 14:00 phone_call A -> x crm
         2026-01-05 15:00 email A -> x crm regarding=2",
    );
    let opportunity = with_users(&mut world, Table::Opportunities, "A", "x");
    assert_eq!(counted(&world, &opportunity), [1, 3, 5, 6, 7]);
    let contact = RecordScope { table: Table::Contacts, record: 9, ..opportunity };
    assert_eq!(counted(&world, &contact), [1, 2, 3, 4, 5, 6, 7]);
}

#[test]
fn an_alias_of_the_owner_is_the_owner_and_ours_without_a_user_is_not() {
    let mut world = world(
        "2026-01-05 09:00 email A2 -> x
         2026-01-05 10:00 email ~p -> x",
    );
    world.name("A");
    let lead = with_users(&mut world, Table::Leads, "A", "x");
    assert_eq!(counted(&world, &lead), [1]);
}

#[test]
fn spec_02_rule_4_states_are_judged_at_the_moment() {
    let world = world(
        "2026-03-01 11:59 meeting A -> x
         2026-03-01 12:00 meeting A -> x
         2026-03-01 12:01 meeting A -> x
         2026-02-01 10:00 meeting A -> x state=scheduled
         2026-02-01 11:00 email A -> x state=open
         2026-02-01 12:00 email A -> x state=cancelled
         2026-03-02 10:00 phone_call A -> x state=completed
         2026-03-02 11:00 phone_call A -> x state=scheduled
         2026-03-02 12:00 phone_call A -> x
         2026-03-02 13:00 meeting A -> x state=cancelled",
    );
    let judged = |judge: &dyn Fn(usize) -> bool| -> Vec<u64> {
        let mut lines: Vec<_> = (0..world.touches.len()).filter(|i| judge(*i)).map(|i| world.touches.interaction[i]).collect();
        lines.sort_unstable();
        lines
    };
    let (touches, as_of) = (&world.touches, world.as_of);
    assert_eq!(judged(&|i| is_completed(touches, i, as_of)), [1, 2], "a meeting is completed from its start on");
    assert_eq!(judged(&|i| is_scheduled(touches, i, as_of)), [3, 8]);
    assert_eq!(judged(&|i| is_pending(touches, i, as_of)), [3, 4, 5, 8], "scheduled stays scheduled after its start");
}

#[test]
fn an_opportunity_is_applicable_until_the_moment_it_closes() {
    let open = RecordScope::of_addresses(1, Table::Opportunities, Vec::new());
    let closed = RecordScope { closed: Some(ClosedAs { closed_at: Some(Moment(100)) }), ..open.clone() };
    let unknown = RecordScope { closed: Some(ClosedAs { closed_at: None }), ..open.clone() };
    assert!(open.is_applicable(Moment(100)));
    assert!(closed.is_applicable(Moment(99)) && !closed.is_applicable(Moment(100)));
    assert!(!unknown.is_applicable(Moment(0)));
    let lead = RecordScope { table: Table::Leads, lead_active: false, ..open };
    assert!(!lead.is_applicable(Moment(0)));
}
