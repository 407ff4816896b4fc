//! As whom a mail system is asked.

use std::fmt;

/// A user and their password, or whatever a server takes in its place.
#[derive(Clone, PartialEq, Eq)]
pub struct Login {
    /// As the server knows the user.
    pub user: String,
    /// Their password. No log and no error holds it.
    pub password: String,
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login").field("user", &self.user).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_shows_a_password() {
        let login = Login { user: "ann".to_owned(), password: "secret".to_owned() };
        assert_eq!(format!("{login:?}"), r#"Login { user: "ann", .. }"#);
    }
}
