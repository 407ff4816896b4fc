//! Secrets of other systems, sealed before they are stored: whoever has the database alone has none of them.
//!
//! The key lies in a file of its own beside the database, readable by its owner alone; back it up apart from the database.

use std::{
    fs::{self, OpenOptions},
    io::{ErrorKind, Read, Write},
    path::Path,
};

use chacha20poly1305::{
    Key, XChaCha20Poly1305, XNonce,
    aead::{Aead, KeyInit, Payload},
};
use rapport_domain::OrgId;

use crate::{Store, StoreError};

/// Name of the key file inside the data folder.
pub const KEY_FILE: &str = "secret.key";

const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 24;

impl Store {
    /// Seals a secret for one purpose of an organization: it opens for no other.
    pub fn seal(&self, org: OrgId, purpose: &str, secret: &str) -> Result<Vec<u8>, StoreError> {
        let mut nonce = [0; NONCE_BYTES];
        getrandom::fill(&mut nonce).map_err(StoreError::no_random)?;
        let bound = bound(org, purpose);
        let payload = Payload { msg: secret.as_bytes(), aad: &bound };
        let sealed = self.cipher()?.encrypt(&XNonce::from(nonce), payload).map_err(|_| unreadable(purpose))?;
        Ok([&nonce[..], &sealed].concat())
    }

    /// Opens a sealed secret.
    pub fn unseal(&self, org: OrgId, purpose: &str, sealed: &[u8]) -> Result<String, StoreError> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE_BYTES>().ok_or_else(|| unreadable(purpose))?;
        let bound = bound(org, purpose);
        let payload = Payload { msg: sealed, aad: &bound };
        let opened = self.cipher()?.decrypt(&XNonce::from(*nonce), payload).map_err(|_| unreadable(purpose))?;
        String::from_utf8(opened).map_err(|_| unreadable(purpose))
    }

    fn cipher(&self) -> Result<XChaCha20Poly1305, StoreError> {
        Ok(XChaCha20Poly1305::new(&Key::from(key(&self.folder().join(KEY_FILE))?)))
    }
}

fn bound(org: OrgId, purpose: &str) -> Vec<u8> {
    format!("{} {purpose}", org.0).into_bytes()
}

fn unreadable(purpose: &str) -> StoreError {
    StoreError::damaged(format!("the secret of {purpose} cannot be read: `{KEY_FILE}` is not the file that it was sealed with"))
}

/// The key of a file, which is made when it is first needed.
fn key(path: &Path) -> Result<[u8; KEY_BYTES], StoreError> {
    let failed = |error: std::io::Error| StoreError::folder(path, &error);
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(mut file) => {
            let mut key = [0; KEY_BYTES];
            getrandom::fill(&mut key).map_err(StoreError::no_random)?;
            file.write_all(&key).and_then(|()| file.sync_all()).map_err(failed)?;
            return Ok(key);
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
        Err(error) => return Err(failed(error)),
    }
    let mut key = [0; KEY_BYTES];
    fs::File::open(path).and_then(|mut file| file.read_exact(&mut key)).map_err(failed)?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_sealed_secret_opens_for_its_purpose_with_its_key() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::create(folder.path()).await.unwrap();
        let org = OrgId(1);
        let sealed = store.seal(org, "provider entra", "hush").unwrap();
        assert_ne!(sealed, store.seal(org, "provider entra", "hush").unwrap());
        assert!(!sealed.windows(4).any(|window| window == b"hush"));
        assert_eq!(store.unseal(org, "provider entra", &sealed).unwrap(), "hush");
        assert!(store.unseal(org, "provider google", &sealed).is_err());
        assert!(store.unseal(OrgId(2), "provider entra", &sealed).is_err());
        assert!(store.unseal(org, "provider entra", &sealed[..20]).is_err());
        let mut changed = sealed.clone();
        *changed.last_mut().unwrap() ^= 1;
        assert!(store.unseal(org, "provider entra", &changed).is_err());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(folder.path().join(KEY_FILE)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        fs::write(folder.path().join(KEY_FILE), [7; KEY_BYTES]).unwrap();
        let error = store.unseal(org, "provider entra", &sealed).unwrap_err();
        assert!(error.to_string().contains("`secret.key`"), "{error}");
        fs::write(folder.path().join(KEY_FILE), "short").unwrap();
        assert!(store.unseal(org, "provider entra", &sealed).is_err());
    }
}
