//! What security roles let their users do (06): depths of reading and writing records, and tasks.
//!
//! Rights add up: whoever has several roles may do what any of them allows. A role that nobody defined allows nothing.

use std::collections::BTreeSet;

/// How far a right on records reaches. Each depth contains those before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Depth {
    /// No record.
    #[default]
    None,
    /// Records that the user owns, and those shared with them.
    User,
    /// Also those that somebody of the user's team owns.
    Team,
    /// Also those that somebody of the user's business unit owns, or of one beneath it.
    BusinessUnit,
    /// All.
    Organization,
}

impl Depth {
    /// All depths, ascending.
    pub const ALL: [Self; 5] = [Self::None, Self::User, Self::Team, Self::BusinessUnit, Self::Organization];

    /// The word of the interface, e.g. `business_unit`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::User => "user",
            Self::Team => "team",
            Self::BusinessUnit => "business_unit",
            Self::Organization => "organization",
        }
    }

    /// The depth of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|depth| depth.as_str() == word)
    }
}

/// A task that is not about single records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Task {
    /// Enable features, select roles, save, set everything in the settings, import.
    Configure,
    /// Options of features, forms and widgets.
    Customize,
    /// Users with their licences, roles, groups; who may sign in.
    ManageUsers,
    /// Consent for other sources than Microsoft 365, and excluded groups.
    Consent,
    /// Erasure, what is held on others, access log, works council mode.
    Privacy,
    /// Read the audit log.
    Audit,
}

impl Task {
    /// All tasks.
    pub const ALL: [Self; 6] = [Self::Configure, Self::Customize, Self::ManageUsers, Self::Consent, Self::Privacy, Self::Audit];

    /// The word of the interface, e.g. `manage_users`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Configure => "configure",
            Self::Customize => "customize",
            Self::ManageUsers => "manage_users",
            Self::Consent => "consent",
            Self::Privacy => "privacy",
            Self::Audit => "audit",
        }
    }

    /// The task of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|task| task.as_str() == word)
    }
}

/// What somebody may do. Nothing, by default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rights {
    /// Which records they may read, with their insights; at least [`Depth::User`] comes with who knows whom.
    pub reads: Depth,
    /// Which records they may create and change; never farther than they read.
    pub writes: Depth,
    /// What else.
    pub tasks: BTreeSet<Task>,
}

/// Name of the role that may do everything in the settings except granting consent.
pub const SYSTEM_ADMINISTRATOR: &str = "System Administrator";

/// Built-in roles: name, depth of reading, depth of writing, tasks.
const BUILT_IN: [(&str, Depth, Depth, &[Task]); 7] = [
    (
        SYSTEM_ADMINISTRATOR,
        Depth::Organization,
        Depth::Organization,
        &[Task::Configure, Task::Customize, Task::ManageUsers, Task::Audit],
    ),
    ("System Customizer", Depth::None, Depth::None, &[Task::Customize]),
    ("Privacy Administrator", Depth::None, Depth::None, &[Task::Consent, Task::Privacy, Task::Audit]),
    ("Sales Manager", Depth::BusinessUnit, Depth::BusinessUnit, &[]),
    ("Salesperson", Depth::User, Depth::User, &[]),
    ("Vice President of Sales", Depth::Organization, Depth::BusinessUnit, &[]),
    ("Sequence Manager", Depth::None, Depth::None, &[]),
];

/// Names of the built-in roles.
pub fn built_in_roles() -> impl Iterator<Item = &'static str> {
    BUILT_IN.iter().map(|(name, ..)| *name)
}

impl Rights {
    /// Every right there is: those of whoever holds the store itself.
    pub fn all() -> Self {
        Self { reads: Depth::Organization, writes: Depth::Organization, tasks: Task::ALL.into_iter().collect() }
    }

    /// Rights of a built-in role; upper and lower case are one.
    pub fn of_built_in(role: &str) -> Option<Self> {
        let found = BUILT_IN.iter().find(|(name, ..)| name.eq_ignore_ascii_case(role.trim()))?;
        Some(Self { reads: found.1, writes: found.2, tasks: found.3.iter().copied().collect() })
    }

    /// These rights and others.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.reads = self.reads.max(other.reads);
        self.writes = self.writes.max(other.writes);
        self.tasks.extend(other.tasks);
        self
    }

    /// Whether a task is among them.
    pub fn may(&self, task: Task) -> bool {
        self.tasks.contains(&task)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn built_in_roles_allow_what_the_table_says() {
        let of = |role| Rights::of_built_in(role).unwrap();
        let administrator = of("system administrator ");
        assert!(administrator.may(Task::Configure) && !administrator.may(Task::Consent) && !administrator.may(Task::Privacy));
        assert_eq!((of("Salesperson").reads, of("Sales Manager").reads), (Depth::User, Depth::BusinessUnit));
        assert_eq!(of("Vice President of Sales").reads, Depth::Organization);
        assert_eq!(of("System Customizer"), Rights { tasks: [Task::Customize].into(), ..Rights::default() });
        assert_eq!(of("Sequence Manager"), Rights::default());
        assert_eq!(Rights::of_built_in("Astronaut"), None);
        for (name, reads, writes, _) in BUILT_IN {
            assert!(writes <= reads, "{name} would write what it cannot read");
        }
    }

    #[test]
    fn rights_add_up() {
        let both = Rights::of_built_in("Salesperson").unwrap().and(Rights::of_built_in("Privacy Administrator").unwrap());
        assert_eq!((both.reads, both.writes), (Depth::User, Depth::User));
        assert!(both.may(Task::Consent) && !both.may(Task::Configure));
        assert_eq!(Rights::all().and(both), Rights::all());
    }

    #[test]
    fn words_are_read_back() {
        assert!(Depth::ALL.into_iter().all(|depth| Depth::parse(depth.as_str()) == Some(depth)));
        assert!(Task::ALL.into_iter().all(|task| Task::parse(task.as_str()) == Some(task)));
        assert_eq!((Depth::parse("galaxy"), Task::parse("")), (None, None));
    }
}
