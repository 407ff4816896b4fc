//! How somebody proves who they are: passwords, secrets, and how often it may be tried.
//!
//! Mechanism only: who may sign in, and what follows, is in `app/sign_in`.

pub(crate) mod limiter;
pub(crate) mod password;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::AppError;

/// Random bytes of a secret: nobody guesses 256 bits.
const SECRET_BYTES: usize = 32;

/// A new secret as text that fits into addresses and headers.
pub(crate) fn new_secret() -> Result<String, AppError> {
    let mut bytes = [0; SECRET_BYTES];
    getrandom::fill(&mut bytes).map_err(|error| AppError::invalid(format!("the system gives no random bytes: {error}")))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_long_and_differ() {
        let (a, b) = (new_secret().unwrap(), new_secret().unwrap());
        assert_eq!((a.len(), b.len()), (43, 43));
        assert_ne!(a, b);
        assert!(a.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'));
    }
}
