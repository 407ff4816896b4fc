//! Passwords: argon2id with the parameters that OWASP recommends (19 MiB, two passes), which are those of the crate's default.

use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use tokio::sync::Semaphore;

use crate::AppError;

/// Characters of a password at least: what OWASP asks where there is no second factor.
pub(crate) const MIN_CHARS: usize = 12;
/// Bytes of a password at most: longer ones make no difference and cost time.
const MAX_BYTES: usize = 1024;

/// Passwords that are hashed at the same time: each takes 19 MiB and a core.
static HASHING: Semaphore = Semaphore::const_new(2);

/// Refuses a password that is too short, too long, or says who its owner is.
pub(crate) fn check(password: &str, email: &str) -> Result<(), AppError> {
    let lower = password.to_lowercase();
    let local_part = email.split('@').next().unwrap_or_default();
    let distinct = password.chars().collect::<std::collections::BTreeSet<char>>().len();
    if password.chars().count() < MIN_CHARS {
        Err(AppError::invalid(format!("the password has fewer than {MIN_CHARS} characters"))
            .with_hint("a few words in a row are easy to remember and hard to guess"))
    } else if password.len() > MAX_BYTES {
        Err(AppError::invalid(format!("the password is longer than {MAX_BYTES} bytes")))
    } else if distinct < 5 || lower.contains("password") || local_part.chars().count() > 2 && lower.contains(local_part) {
        Err(AppError::invalid("the password is easy to guess")
            .with_hint("leave out your name and what everybody tries first; a few words in a row are hard to guess"))
    } else {
        Ok(())
    }
}

/// The hash of a password, with its salt and parameters.
pub(crate) async fn hash(password: String) -> Result<String, AppError> {
    in_background(move || {
        let hashed: PasswordHash = Argon2::default()
            .hash_password(password.as_bytes())
            .map_err(|error| AppError::invalid(format!("the password could not be hashed: {error}")))?;
        Ok(hashed.to_string())
    })
    .await?
}

/// Whether a password is the one of a hash. Without a hash it takes as long and is wrong.
pub(crate) async fn is_right(password: String, hash: Option<String>) -> Result<bool, AppError> {
    if password.len() > MAX_BYTES {
        return Ok(false);
    }
    let Some(known) = hash else {
        _ = self::hash(password).await?;
        return Ok(false);
    };
    in_background(move || {
        PasswordHash::new(&known).is_ok_and(|known| Argon2::default().verify_password(password.as_bytes(), &known).is_ok())
    })
    .await
}

async fn in_background<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, AppError> {
    let stopped = |error: &dyn std::fmt::Display| AppError::invalid(format!("hashing stopped: {error}"));
    let _permit = HASHING.acquire().await.map_err(|error| stopped(&error))?;
    tokio::task::spawn_blocking(work).await.map_err(|error| stopped(&error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_hash_tells_the_right_password() {
        let right = "correct horse battery".to_owned();
        let hashed = hash(right.clone()).await.unwrap();
        assert!(hashed.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hashed}");
        assert_ne!(hashed, hash(right.clone()).await.unwrap());
        assert!(is_right(right.clone(), Some(hashed.clone())).await.unwrap());
        assert!(!is_right("correct horse batterz".to_owned(), Some(hashed.clone())).await.unwrap());
        assert!(!is_right(right.clone(), None).await.unwrap());
        assert!(!is_right(right, Some("damaged".to_owned())).await.unwrap());
        assert!(!is_right("x".repeat(2000), Some(hashed)).await.unwrap());
    }

    #[test]
    fn weak_passwords_are_refused() {
        let email = "ann.aarts@us.example";
        for weak in ["", "short", "elevenchars", "aaaaaaaaaaaaaaaa", "MyPassword2026!", "xx Ann.Aarts xx", &"x1y2z".repeat(300)] {
            assert!(check(weak, email).unwrap_err().is_invalid(), "{weak}");
        }
        for fine in ["correct horse battery", "vier woorden op een rij", "日本語のとても長いパスワード"] {
            assert!(check(fine, email).is_ok(), "{fine}");
        }
    }
}
