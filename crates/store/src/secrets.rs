//! Secrets of other systems, sealed before they are stored: whoever has the database alone has none of them.
//!
//! The key lies in a file of its own, beside the database or wherever the operator says, readable by its owner alone; back it up apart from
//! the database. While it is exchanged a second file lies beside it: what is sealed opens with either, so that a crash at any instant
//! loses nothing.

use std::{
    fs::{self, OpenOptions},
    io::{ErrorKind, Read, Write},
    path::{Path, PathBuf},
};

use chacha20poly1305::{
    Key, XChaCha20Poly1305, XNonce,
    aead::{Aead, KeyInit, Payload},
};
use rapport_domain::{Moment, OrgId, UserId};

use crate::{Store, StoreError};

/// Name of the key file inside the data folder, unless it lies elsewhere.
pub const KEY_FILE: &str = "secret.key";

/// What the name of the next key's file ends with.
const NEXT: &str = ".next";

const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 24;

impl Store {
    /// Seals a secret for one purpose of an organization: it opens for no other.
    pub fn seal(&self, org: OrgId, purpose: &str, secret: &str) -> Result<Vec<u8>, StoreError> {
        seal(&cipher(&self.key_file)?, org, purpose, secret)
    }

    /// Opens a sealed secret.
    pub fn unseal(&self, org: OrgId, purpose: &str, sealed: &[u8]) -> Result<String, StoreError> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE_BYTES>().ok_or_else(|| unreadable(purpose))?;
        let bound = bound(org, purpose);
        let open = |file: &Path| {
            let payload = Payload { msg: sealed, aad: &bound };
            cipher(file)?.decrypt(&XNonce::from(*nonce), payload).map_err(|_| unreadable(purpose))
        };
        let opened = match open(&self.key_file) {
            Ok(opened) => opened,
            Err(error) => {
                let next = self.next_key_file();
                if next.exists() { open(&next)? } else { return Err(error) }
            }
        };
        String::from_utf8(opened).map_err(|_| unreadable(purpose))
    }

    /// The same store, whose key lies in this file.
    #[must_use]
    pub fn with_key_file(mut self, file: &Path) -> Self {
        file.clone_into(&mut self.key_file);
        self
    }

    /// Exchanges the key, at the word of somebody of one organization: everything that is sealed, of every one, is sealed anew. How much
    /// that was. After a crash the same again
    /// goes on with the key that was begun with.
    pub async fn exchange_key(&self, org: OrgId, (actor, now): (&str, Moment)) -> Result<u64, StoreError> {
        let next = self.next_key_file();
        let new = cipher(&next)?;
        let mut tx = self.begin().await?;
        let mut count = 0;
        for Sealed { select, update, purpose } in SEALED {
            let rows: Vec<(i64, String, i64, Vec<u8>)> = sqlx::query_as(select).fetch_all(&mut *tx).await?;
            for (of, id, user, sealed) in rows {
                let purpose = purpose(&id, user);
                let secret = self.unseal(OrgId(of), &purpose, &sealed)?;
                let sealed = seal(&new, OrgId(of), &purpose, &secret)?;
                sqlx::query(update).bind(sealed).bind(of).bind(&id).bind(user).execute(&mut *tx).await?;
                count += 1;
            }
        }
        let what = format!("{count} secrets");
        crate::registry::audit_record(&mut tx, org, now, actor, "secrets.key_exchanged", None, Some(&what)).await?;
        tx.commit().await?;
        fs::rename(&next, &self.key_file).map_err(|error| unusable(&self.key_file, &error))?;
        Ok(count)
    }

    fn next_key_file(&self) -> PathBuf {
        let mut name = self.key_file.clone().into_os_string();
        name.push(NEXT);
        name.into()
    }
}

/// For what the secret of a sign-in provider is sealed.
pub fn provider_purpose(id: &str) -> String {
    format!("provider {id}")
}

/// For what the secrets of a connector are sealed.
pub fn connector_purpose(id: &str) -> String {
    format!("connector {id}")
}

/// For what the password of a connector's mailbox is sealed.
pub fn mailbox_purpose(id: &str, user: UserId) -> String {
    format!("connector {id} mailbox {}", user.0)
}

/// Where something sealed is stored: organization, id, user (0 if it is nobody's) and what is sealed; and how it is written again.
struct Sealed {
    select: &'static str,
    update: &'static str,
    purpose: fn(&str, i64) -> String,
}

/// Everything that is sealed and stored. The key is that of the store: all organizations share it.
const SEALED: [Sealed; 3] = [
    Sealed {
        select: "SELECT org_id, provider_id, 0, secret FROM identity_providers WHERE secret IS NOT NULL",
        update: "UPDATE identity_providers SET secret = ?1 WHERE org_id = ?2 AND provider_id = ?3 AND ?4 = 0",
        purpose: |id, _| provider_purpose(id),
    },
    Sealed {
        select: "SELECT org_id, connector, 0, secrets FROM connectors WHERE secrets IS NOT NULL",
        update: "UPDATE connectors SET secrets = ?1 WHERE org_id = ?2 AND connector = ?3 AND ?4 = 0",
        purpose: |id, _| connector_purpose(id),
    },
    Sealed {
        select: "SELECT org_id, connector, user_id, login FROM captured_mailboxes WHERE login IS NOT NULL",
        update: "UPDATE captured_mailboxes SET login = ?1 WHERE org_id = ?2 AND connector = ?3 AND user_id = ?4",
        purpose: |id, user| mailbox_purpose(id, UserId(user as u32)),
    },
];

fn cipher(file: &Path) -> Result<XChaCha20Poly1305, StoreError> {
    Ok(XChaCha20Poly1305::new(&Key::from(key(file)?)))
}

fn seal(cipher: &XChaCha20Poly1305, org: OrgId, purpose: &str, secret: &str) -> Result<Vec<u8>, StoreError> {
    let mut nonce = [0; NONCE_BYTES];
    getrandom::fill(&mut nonce).map_err(StoreError::no_random)?;
    let bound = bound(org, purpose);
    let payload = Payload { msg: secret.as_bytes(), aad: &bound };
    let sealed = cipher.encrypt(&XNonce::from(nonce), payload).map_err(|_| unreadable(purpose))?;
    Ok([&nonce[..], &sealed].concat())
}

fn bound(org: OrgId, purpose: &str) -> Vec<u8> {
    format!("{} {purpose}", org.0).into_bytes()
}

fn unreadable(purpose: &str) -> StoreError {
    StoreError::damaged(format!("the secret of {purpose} cannot be read: `{KEY_FILE}` is not the file that it was sealed with"))
}

fn unusable(path: &Path, error: &std::io::Error) -> StoreError {
    StoreError::damaged(format!("the key file `{}` cannot be used: {error}", path.display()))
}

/// The key of a file, which is made when it is first needed.
fn key(path: &Path) -> Result<[u8; KEY_BYTES], StoreError> {
    let failed = |error: std::io::Error| unusable(path, &error);
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

    #[tokio::test]
    async fn an_exchanged_key_opens_everything_and_the_old_one_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let elsewhere = folder.path().join("keys");
        fs::create_dir(&elsewhere).unwrap();
        let key_file = elsewhere.join("mail.key");
        let store = Store::create(&folder.path().join("data")).await.unwrap().with_key_file(&key_file);
        let now = rapport_domain::Moment(0);
        let new = crate::registry::NewOrganization { name: "default", hash_key: [1; 32], now };
        store.create_organization(&new).await.unwrap();
        let org = store.organization("default").await.unwrap().id;
        let sealed = store.seal(org, &connector_purpose("mail"), "hush").unwrap();
        store.put_connector(org, ("mail", "imap", "{}"), Some(&sealed), false, ("a test", now)).await.unwrap();
        assert!(!folder.path().join("data").join(KEY_FILE).exists());
        let before = fs::read(&key_file).unwrap();

        // A crash after everything was sealed anew, before the files changed places: both open.
        let read = async || {
            let sealed = store.connectors(org).await.unwrap().remove(0).secrets.unwrap();
            store.unseal(org, &connector_purpose("mail"), &sealed).map_err(|error| error.to_string())
        };
        assert_eq!(store.exchange_key(org, ("a test", now)).await.unwrap(), 1);
        let after = fs::read(&key_file).unwrap();
        assert_ne!(before, after);
        assert_eq!(read().await.as_deref(), Ok("hush"));
        assert!(store.unseal(org, &connector_purpose("mail"), &sealed).is_err(), "what was sealed before opens no more");
        fs::rename(&key_file, store.next_key_file()).unwrap();
        fs::write(&key_file, &before).unwrap();
        assert_eq!(read().await.as_deref(), Ok("hush"));
        assert_eq!(store.exchange_key(org, ("a test", now)).await.unwrap(), 1);
        assert_eq!(fs::read(&key_file).unwrap(), after, "the exchange goes on with the key that it began with");
        assert_eq!(read().await.as_deref(), Ok("hush"));
        assert!(!store.next_key_file().exists());
    }
}
