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
    /// Message traces of the tenant.
    Traces,
}

impl Access {
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
            Self::Traces => &["ExchangeMessageTrace.Read.All"],
        }
    }

    /// Whether these permissions allow it.
    pub fn is_allowed_by(self, granted: &[String]) -> bool {
        granted.iter().any(|one| self.permissions().contains(&one.as_str()))
    }
}

/// Permissions that allow more than what is read.
pub fn beyond_need<'a>(granted: &'a [String], read: &[Access]) -> impl Iterator<Item = &'a str> {
    let needed: Vec<&str> = read.iter().map(|access| access.permission()).collect();
    granted.iter().map(String::as_str).filter(move |one| !needed.contains(one))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_permission_is_enough_and_a_greater_one_is_told() {
        let all = [Access::Mail, Access::Calendars, Access::Users, Access::Groups, Access::Traces];
        let granted = ["Mail.ReadBasic.All", "Calendars.ReadWrite", "User.Read.All"].map(str::to_owned);
        assert_eq!(all.map(|access| access.is_allowed_by(&granted)), [true, true, true, false, false]);
        let beyond: Vec<&str> = beyond_need(&granted, &[Access::Mail, Access::Calendars]).collect();
        assert_eq!(beyond, ["Calendars.ReadWrite", "User.Read.All"], "what nobody reads is too much, too");
        for access in all {
            let least = [access.permission().to_owned()];
            assert!(access.is_allowed_by(&least) && beyond_need(&least, &[access]).next().is_none(), "{access:?}");
        }
    }
}
