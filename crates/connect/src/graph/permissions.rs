//! What is read of a tenant, and what has to be granted for it.

/// Something of a tenant that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Access {
    /// Mail of mailboxes.
    Mail,
    /// Calendars of mailboxes.
    Calendars,
    /// Users of the directory.
    Users,
    /// Names of the groups that users are in.
    Groups,
}

impl Access {
    /// All there are.
    pub const ALL: [Self; 4] = [Self::Mail, Self::Calendars, Self::Users, Self::Groups];

    /// The permission that allows it and no more than is needed.
    pub fn permission(self) -> &'static str {
        self.permissions()[0]
    }

    /// Permissions that allow it, the least first.
    fn permissions(self) -> &'static [&'static str] {
        match self {
            Self::Mail => &["Mail.ReadBasic.All", "Mail.ReadBasic", "Mail.Read", "Mail.ReadWrite"],
            Self::Calendars => &["Calendars.ReadBasic.All", "Calendars.Read", "Calendars.ReadWrite"],
            Self::Users => &["User.Read.All", "User.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"],
            Self::Groups => &[
                "GroupMember.Read.All",
                "GroupMember.ReadWrite.All",
                "Group.Read.All",
                "Group.ReadWrite.All",
                "Directory.Read.All",
                "Directory.ReadWrite.All",
            ],
        }
    }

    /// Whether these permissions allow it.
    pub fn is_allowed_by(self, granted: &[String]) -> bool {
        granted.iter().any(|one| self.permissions().contains(&one.as_str()))
    }
}

/// Permissions that allow more than we ever read.
pub fn beyond_need(granted: &[String]) -> impl Iterator<Item = &str> {
    // Who may read the tenant itself learns nothing of anybody.
    let is_fine = |one: &str| Access::ALL.iter().any(|access| access.permission() == one) || one == "Organization.Read.All";
    granted.iter().map(String::as_str).filter(move |one| !is_fine(one))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_permission_is_enough_and_a_greater_one_is_told() {
        let granted = ["Mail.ReadBasic.All", "Calendars.ReadWrite", "Organization.Read.All", "Sites.Read.All"].map(str::to_owned);
        let allowed = Access::ALL.map(|access| access.is_allowed_by(&granted));
        assert_eq!(allowed, [true, true, false, false]);
        assert_eq!(beyond_need(&granted).collect::<Vec<_>>(), ["Calendars.ReadWrite", "Sites.Read.All"]);
        for access in Access::ALL {
            let least = [access.permission().to_owned()];
            assert!(access.is_allowed_by(&least) && beyond_need(&least).next().is_none(), "{access:?}");
        }
    }
}
