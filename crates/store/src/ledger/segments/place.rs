//! Object storage that segments are kept in: S3, Azure Blob, Google Cloud Storage, or a folder elsewhere.
//!
//! An object is a segment's file, `<place>/<organization>/<number>.parquet`, written once. Whoever wants to read parts of objects instead of
//! fetching them whole begins at [`Place::get`].

use std::{fmt, fs::File, os::unix::fs::FileExt as _, sync::Arc, time::Duration};

use bytes::Bytes;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use object_store::{
    ClientOptions, Error, ObjectStore, ObjectStoreExt as _, RetryConfig, WriteMultipart, aws::AmazonS3Builder,
    azure::MicrosoftAzureBuilder, gcp::GoogleCloudStorageBuilder, local::LocalFileSystem, path::Path,
};
use rapport_domain::OrgId;
use url::Url;

use crate::StoreError;

/// Bytes that are sent or asked for at a time: several requests for a large file, none of which takes long. S3 takes at least five million.
const PART_BYTES: u64 = 8 << 20;
/// Parts that are on their way at the same time.
const PARTS_AT_ONCE: usize = 4;
/// How long one request may take, with its part.
const REQUEST_WAIT: Duration = Duration::from_secs(30);
/// How long connecting may take.
const CONNECT_WAIT: Duration = Duration::from_secs(5);
/// How often a request is tried again, and how long after the first no more: somebody waits, and a writer may hold the database.
const RETRIES_MAX: usize = 4;
const RETRY_WAIT: Duration = Duration::from_secs(20);
/// Objects of a folder that are looked at. More than numbers are given to ten runs.
const LISTED_MAX: usize = 1_000_000;
/// Says whose folder it is. Tools that read folders pass over names with `_`.
const OWNER_FILE: &str = "_rapport";
/// Characters of what object storage says that are passed on.
const REASON_MAX: usize = 400;

/// Object storage that segments are kept in. Its credentials are in nothing that it prints.
#[derive(Clone)]
pub struct Place {
    /// Without a slash at its end.
    url: Arc<str>,
    prefix: Path,
    objects: Arc<dyn ObjectStore>,
    /// Values that no message may have in it.
    secrets: Arc<[String]>,
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Place").field(&self.url).finish()
    }
}

impl Place {
    /// A place by its URL: `s3://bucket/prefix`, `az://container/prefix`, `gs://bucket/prefix` or `file:///folder`. `environment`: the
    /// variables of the process, among which are credentials (`AWS_…`, `AZURE_…`, `GOOGLE_…`).
    pub fn parse(text: &str, environment: &[(String, String)]) -> Result<Self, StoreError> {
        let wrong = |what: &str| {
            StoreError::refused(format!(
                "no place for segments: {what}; it is `s3://BUCKET/PREFIX`, `az://CONTAINER/PREFIX`, `gs://BUCKET/PREFIX` or `file:///FOLDER`"
            ))
        };
        let url = Url::parse(text).map_err(|_| wrong("its URL cannot be read"))?;
        // What stands there is not repeated: it may be a password.
        if !url.username().is_empty() || url.password().is_some() || url.query().is_some() || url.fragment().is_some() {
            return Err(wrong("its URL has more than a name and a path; credentials are taken from environment variables"));
        }
        let prefix = Path::from_url_path(url.path()).map_err(|_| wrong("its path cannot be read"))?;
        let given = |prefix: &'static str| environment.iter().filter(move |(key, _)| key.starts_with(prefix));
        let retry = RetryConfig { max_retries: RETRIES_MAX, retry_timeout: RETRY_WAIT, ..RetryConfig::default() };
        let client = ClientOptions::new().with_timeout(REQUEST_WAIT).with_connect_timeout(CONNECT_WAIT);
        macro_rules! built {
            ($builder:ty, $variables:literal) => {{
                // The first to come decides for the process, and all decide alike.
                _ = rustls::crypto::ring::default_provider().install_default();
                let builder = <$builder>::new().with_url(url.as_str()).with_retry(retry).with_client_options(client);
                let with = |builder: $builder, (key, value): &(String, String)| match key.to_ascii_lowercase().parse() {
                    Ok(key) => builder.with_config(key, value),
                    Err(_) => builder,
                };
                let store = given($variables).fold(builder, with).build();
                store.map(|store| Arc::new(store) as Arc<dyn ObjectStore>)
            }};
        }
        let objects = match (url.scheme(), url.host_str()) {
            ("s3", Some(_)) => built!(AmazonS3Builder, "AWS_"),
            ("az", Some(_)) => built!(MicrosoftAzureBuilder, "AZURE_"),
            ("gs", Some(_)) => built!(GoogleCloudStorageBuilder, "GOOGLE_"),
            ("file", None) if !prefix.as_ref().is_empty() => {
                Ok(Arc::new(LocalFileSystem::new().with_fsync(true)) as Arc<dyn ObjectStore>)
            }
            _ => return Err(wrong("its URL names no storage that is known")),
        };
        let is_secret =
            |key: &str| ["SECRET", "KEY", "TOKEN", "SAS", "PASSWORD", "CREDENTIAL"].iter().any(|word| key.contains(word));
        let secrets = ["AWS_", "AZURE_", "GOOGLE_"].into_iter().flat_map(given);
        let secrets = secrets.filter(|(key, value)| is_secret(key) && !value.is_empty()).map(|(_, value)| value.clone());
        let place = Self { secrets: secrets.collect(), ..Self::of(&url, prefix, Arc::new(LocalFileSystem::new())) };
        let objects = objects.map_err(|error| wrong(&place.reason(&error)))?;
        Ok(Self { objects, ..place })
    }

    /// A place under any URL, of which these objects are: tests have them fail.
    #[doc(hidden)]
    pub fn of_objects(url: &str, objects: Arc<dyn ObjectStore>) -> Self {
        let url = Url::parse(url).expect("a URL of a test");
        let prefix = Path::from_url_path(url.path()).expect("a path of a test");
        Self::of(&url, prefix, objects)
    }

    fn of(url: &Url, prefix: Path, objects: Arc<dyn ObjectStore>) -> Self {
        Self { url: url.as_str().trim_end_matches('/').into(), prefix, objects, secrets: Arc::default() }
    }

    /// Its URL.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The URL of an organization's objects.
    pub(crate) fn folder_of(&self, org: OrgId) -> String {
        format!("{}/{}", self.url, org.0)
    }

    /// An object, as messages and other tools name it.
    pub(crate) fn name(&self, org: OrgId, id: i64) -> String {
        format!("{}/{id}.parquet", self.folder_of(org))
    }

    fn folder(&self, org: OrgId) -> Path {
        self.prefix.clone().join(org.0.to_string())
    }

    fn path(&self, org: OrgId, id: i64) -> Path {
        self.folder(org).join(format!("{id}.parquet"))
    }

    /// Writes a file as an object.
    pub(crate) async fn put(&self, org: OrgId, id: i64, file: &File, len: u64) -> Result<(), StoreError> {
        let failed = |error: String| StoreError::unreachable(format!("`{}` cannot be written: {error}", self.name(org, id)));
        let read = |start: u64| {
            let mut bytes = vec![0; PART_BYTES.min(len - start) as usize];
            file.read_exact_at(&mut bytes, start).map(|()| Bytes::from(bytes))
        };
        if len <= PART_BYTES {
            let bytes = read(0).map_err(|error| failed(error.to_string()))?;
            let put = self.objects.put(&self.path(org, id), bytes.into()).await;
            return put.map(drop).map_err(|error| failed(self.reason(&error)));
        }
        let upload = self.objects.put_multipart(&self.path(org, id)).await.map_err(|error| failed(self.reason(&error)))?;
        let mut write = WriteMultipart::new_with_chunk_size(upload, PART_BYTES as usize);
        let mut start = 0;
        while start < len {
            let part = match write.wait_for_capacity(PARTS_AT_ONCE).await {
                Ok(()) => read(start).map_err(|error| error.to_string()),
                Err(error) => Err(self.reason(&error)),
            };
            match part {
                Ok(bytes) => {
                    start += bytes.len() as u64;
                    write.put(bytes);
                }
                Err(error) => {
                    // Else its parts would lie there unseen.
                    _ = write.abort().await;
                    return Err(failed(error));
                }
            }
        }
        write.finish().await.map(drop).map_err(|error| failed(self.reason(&error)))
    }

    /// Hands an object of so many bytes on, part by part and in order; whether there is one.
    pub(crate) async fn get(
        &self,
        org: OrgId,
        id: i64,
        len: u64,
        mut take: impl FnMut(&[u8]) -> Result<(), StoreError>,
    ) -> Result<bool, StoreError> {
        let path = self.path(org, id);
        let failed =
            |error: &Error| StoreError::unreachable(format!("`{}` cannot be read: {}", self.name(org, id), self.reason(error)));
        let meta = match self.objects.head(&path).await {
            Ok(meta) => meta,
            Err(Error::NotFound { .. }) => return Ok(false),
            Err(error) => return Err(failed(&error)),
        };
        if meta.size != len {
            return Err(self.damaged(org, id, &format!("it has {} bytes instead of {len}", meta.size)));
        }
        let starts = (0..len).step_by(PART_BYTES as usize);
        let parts = stream::iter(starts.map(|start| self.objects.get_range(&path, start..len.min(start + PART_BYTES))));
        let mut parts = parts.buffered(PARTS_AT_ONCE);
        let mut got = 0;
        while let Some(part) = parts.next().await {
            let bytes = match part {
                Ok(bytes) => bytes,
                Err(Error::NotFound { .. }) => return Ok(false),
                Err(error) => return Err(failed(&error)),
            };
            got += bytes.len() as u64;
            take(&bytes)?;
        }
        if got != len {
            return Err(self.damaged(org, id, &format!("{got} bytes came instead of {len}")));
        }
        Ok(true)
    }

    /// An object that is not what was written.
    pub(crate) fn damaged(&self, org: OrgId, id: i64, what: &str) -> StoreError {
        StoreError::damaged(format!(
            "the segment `{}` cannot be read: {what} (`rapport rebuild` makes all anew)",
            self.name(org, id)
        ))
    }

    /// Deletes objects; one that is not there is fine. All are tried, and the first that could not be deleted is told.
    pub(crate) async fn delete(&self, org: OrgId, ids: &[i64], mut deleted: impl FnMut()) -> Result<(), StoreError> {
        let paths: Vec<_> = ids.iter().map(|id| Ok(self.path(org, *id))).collect();
        let mut results = self.objects.delete_stream(stream::iter(paths).boxed());
        let mut outcome = Ok(());
        while let Some(result) = results.next().await {
            match result {
                Ok(_) | Err(Error::NotFound { .. }) => deleted(),
                Err(error) if outcome.is_ok() => {
                    let what = format!("an object of `{}`", self.folder_of(org));
                    outcome = Err(StoreError::undeleted_object(&what, &self.reason(&error)));
                }
                Err(_) => {}
            }
        }
        outcome
    }

    /// The numbers of an organization's objects.
    pub(crate) async fn list(&self, org: OrgId) -> Result<Vec<i64>, StoreError> {
        let folder = self.folder(org);
        let objects = self.objects.list(Some(&folder)).take(LISTED_MAX);
        let number = |name: &str| name.strip_suffix(".parquet")?.parse::<i64>().ok();
        let numbers = objects.try_filter_map(|object| {
            let is_in_it =
                object.location.prefix_matches(&folder) && object.location.parts().count() == folder.parts().count() + 1;
            let found = object.location.filename().filter(|_| is_in_it).and_then(number);
            std::future::ready(Ok(found))
        });
        numbers.try_collect().await.map_err(|error| {
            StoreError::unreachable(format!("`{}` cannot be listed: {}", self.folder_of(org), self.reason(&error)))
        })
    }

    /// Whose objects an organization's folder has.
    pub(crate) async fn owner(&self, org: OrgId) -> Result<Option<String>, StoreError> {
        let path = self.folder(org).join(OWNER_FILE);
        let read = async || self.objects.get_range(&path, 0..OWNER_CHARACTERS).await;
        match read().await {
            Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
            Err(Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(StoreError::unreachable(format!(
                "`{}/{OWNER_FILE}` cannot be read: {}",
                self.folder_of(org),
                self.reason(&error)
            ))),
        }
    }

    /// Somebody else's objects are in an organization's folder.
    pub(crate) fn not_ours(&self, org: OrgId) -> StoreError {
        let folder = self.folder_of(org);
        StoreError::refused(format!("`{folder}` holds objects of another store or program: give this one a place of its own"))
    }

    /// Takes an organization's folder for its own: two stores in one would delete each other's objects.
    pub(crate) async fn claim(&self, org: OrgId, owner: &str) -> Result<(), StoreError> {
        match self.owner(org).await? {
            Some(there) if there == owner => return Ok(()),
            None if self.list(org).await?.is_empty() => {}
            _ => return Err(self.not_ours(org)),
        }
        let path = self.folder(org).join(OWNER_FILE);
        let put = self.objects.put(&path, owner.to_owned().into_bytes().into()).await;
        put.map(drop).map_err(|error| {
            StoreError::unreachable(format!("`{}/{OWNER_FILE}` cannot be written: {}", self.folder_of(org), self.reason(&error)))
        })
    }

    /// Deletes all objects of an organization, and that they are its own.
    pub(crate) async fn leave(&self, org: OrgId) -> Result<(), StoreError> {
        self.delete(org, &self.list(org).await?, || ()).await?;
        match self.objects.delete(&self.folder(org).join(OWNER_FILE)).await {
            Ok(()) | Err(Error::NotFound { .. }) => Ok(()),
            Err(error) => {
                Err(StoreError::undeleted_object(&format!("`{}/{OWNER_FILE}`", self.folder_of(org)), &self.reason(&error)))
            }
        }
    }

    /// What went wrong, without credentials.
    fn reason(&self, error: &Error) -> String {
        let mut text = match error {
            Error::NotFound { .. } => "there is no such bucket or object".to_owned(),
            Error::PermissionDenied { .. } => "access is denied".to_owned(),
            Error::Unauthenticated { .. } => "the credentials are not accepted".to_owned(),
            error => error.to_string(),
        };
        // What it all began with says most, and comes last.
        let last = std::iter::successors(std::error::Error::source(error), |error| error.source()).last();
        if let Some(last) = last.map(ToString::to_string).filter(|last| !text.contains(last.as_str())) {
            text = format!("{text}: {last}");
        }
        for secret in self.secrets.iter() {
            text = text.replace(secret.as_str(), "***");
        }
        text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(REASON_MAX).collect()
    }
}

/// Characters of the name of an owner.
const OWNER_CHARACTERS: u64 = 32;

/// How an organization calls itself in places: nobody finds its key by it.
pub(crate) fn owner_name(hash_key: &[u8; 32]) -> String {
    let hash = blake3::derive_key("rapport 2026-11-30 owner of a place for segments", hash_key);
    blake3::Hash::from(hash).to_hex()[..OWNER_CHARACTERS as usize].to_owned()
}
