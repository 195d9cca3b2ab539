//! The operator's master key: the one that is set, or one that is made beside the data where none needs to be.

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use omniops_domain::{Domain, chain, secrets};
use omniops_vault::{MasterKey, Vault};
use secrecy::ExposeSecret;
use secrecy::zeroize::Zeroizing;

use crate::config::Config;

/// In the data directory.
const FILE: &str = "master.key";

/// Where the master key is.
#[derive(Debug)]
pub enum Found {
    /// `OMNIOPS_MASTER_KEY`, of which the first encrypts.
    Set(Vec<MasterKey>),
    /// Made on an earlier start. Never in production.
    File { path: PathBuf, key: MasterKey },
    /// The next start makes it. Never in production.
    NotYet,
    /// In production it has to be set. There may be a file from before this was production.
    Missing { file: Option<PathBuf> },
}

/// Looks for the key and makes nothing. An error is a file that cannot be read or holds no key.
pub fn find(config: &Config) -> anyhow::Result<Found> {
    if !config.secrets.master_keys.is_empty() {
        return Ok(Found::Set(config.secrets.master_keys.clone()));
    }
    let path = path(config);
    if config.http.production {
        return Ok(Found::Missing { file: path.exists().then_some(path) });
    }
    Ok(match read(&path)? {
        Some(key) => Found::File { path, key },
        None => Found::NotYet,
    })
}

/// For processes that keep secrets. Outside production a key that is neither set nor there is made, once for all
/// processes that start at the same time; in production its absence stops the start.
pub fn open(config: &Config) -> anyhow::Result<Vault> {
    match find(config)? {
        Found::NotYet => {
            let path = path(config);
            let key = make(&path).with_context(|| format!("a master key cannot be kept in {}", path.display()))?;
            tracing::info!(path = %path.display(), key = %key.id(), "made a master key");
            Ok(Vault::new(key, []))
        }
        Found::Missing { file } => bail!(missing(file.as_deref())),
        found => Ok(vault(found, config)),
    }
}

/// For commands that may not need it: locked where there is no key.
pub fn open_if_there(config: &Config) -> anyhow::Result<Vault> {
    Ok(vault(find(config)?, config))
}

fn vault(found: Found, config: &Config) -> Vault {
    match found {
        Found::Set(keys) => {
            let mut keys = keys.into_iter();
            let Some(first) = keys.next() else { return Vault::locked() };
            warn_of_another_in_the_file(&path(config), config);
            Vault::new(first, keys)
        }
        Found::File { path, key } => {
            if is_open_to_others(&path) {
                tracing::warn!(path = %path.display(), "others can read the master key; chmod 600 it");
            }
            Vault::new(key, [])
        }
        Found::NotYet | Found::Missing { .. } => Vault::locked(),
    }
}

/// A key was made and later another one set: what the first one keeps could not be read.
fn warn_of_another_in_the_file(path: &Path, config: &Config) {
    if let Ok(Some(key)) = read(path)
        && !config.secrets.master_keys.iter().any(|set| set.id() == key.id())
    {
        tracing::warn!(
            path = %path.display(),
            "there is another master key in the data directory; for secrets that it keeps, add it to OMNIOPS_MASTER_KEY \
             behind a comma, run `omniops secrets rotate`, and then take both away"
        );
    }
}

/// Logs that there are secrets under a key that is not there. Chats go on without them.
pub async fn warn_of_unreadable_secrets(domain: &Domain) {
    match secrets::unreadable(domain).await {
        Ok(0) => {}
        Ok(tenants) => tracing::error!(
            tenants,
            "secrets cannot be read: the master key that they are under is not among those of OMNIOPS_MASTER_KEY"
        ),
        Err(error) => tracing::warn!(error = chain(&error), "whether all secrets can be read is not known"),
    }
}

/// What to do about a key that has to be set.
pub fn missing(file: Option<&Path>) -> String {
    let mut text =
        "OMNIOPS_MASTER_KEY is not set, and in production OmniOps makes none by itself: set it to 32 random \
                    bytes in base64 (`openssl rand -base64 32`), and keep it apart from the backups of the database"
            .to_owned();
    if let Some(file) = file {
        text.push_str("; the secrets kept so far are under the key in ");
        text.push_str(&file.display().to_string());
        text.push_str(", so set it to what that file holds");
    }
    text
}

/// Whether anybody but its owner may read the file.
pub fn is_open_to_others(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 0o077 != 0)
}

fn path(config: &Config) -> PathBuf {
    config.database.data_dir.join(FILE)
}

fn read(path: &Path) -> anyhow::Result<Option<MasterKey>> {
    let text = match fs::read_to_string(path) {
        Ok(text) => Zeroizing::new(text),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).with_context(|| format!("{} cannot be read", path.display())),
    };
    let key = text.parse().with_context(|| format!("{} is not usable", path.display()))?;
    Ok(Some(key))
}

/// Writes a new key under another name and gives it this one only if nobody has it: of several processes one makes the
/// key, all get it, and at no time is there a part of one.
fn make(path: &Path) -> anyhow::Result<MasterKey> {
    let dir = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(dir)?;
    let key = MasterKey::generate()?;
    // Readable by its owner alone from its first byte.
    let mut file = tempfile::Builder::new().prefix(".master-key-").tempfile_in(dir)?;
    writeln!(file, "{}", key.to_text().expose_secret())?;
    file.as_file().sync_all()?;
    match file.persist_noclobber(path) {
        Ok(_) => {
            File::open(dir)?.sync_all()?;
            Ok(key)
        }
        Err(lost) if lost.error.kind() == ErrorKind::AlreadyExists => {
            read(path)?.context("it was there a moment ago and is gone")
        }
        Err(failed) => Err(failed.error.into()),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;

    use tempfile::TempDir;

    use super::*;

    fn config(dir: &TempDir, more: &[(&str, &str)]) -> Config {
        let dir = [("OMNIOPS_DATA_DIR", dir.path().to_str().unwrap())];
        Config::from_variables(dir.into_iter().chain(more.iter().copied())).unwrap()
    }

    const PRODUCTION: (&str, &str) = ("OMNIOPS_PUBLIC_URL", "https://support.example");

    fn files(dir: &TempDir) -> Vec<String> {
        fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[test]
    fn the_first_start_makes_a_key_and_later_ones_keep_it() {
        let dir = TempDir::new().unwrap();
        let config = config(&dir, &[]);
        assert!(matches!(find(&config).unwrap(), Found::NotYet));
        assert_eq!(open_if_there(&config).unwrap().wrapping_key(), None, "a command that only looks makes none");
        assert!(files(&dir).is_empty());

        let first = open(&config).unwrap().wrapping_key();
        assert!(first.is_some());
        assert_eq!(open(&config).unwrap().wrapping_key(), first);
        assert_eq!(open_if_there(&config).unwrap().wrapping_key(), first);
        assert_eq!(files(&dir), [FILE], "nothing else is left");
        assert!(!is_open_to_others(&dir.path().join(FILE)));
    }

    #[test]
    fn processes_that_start_together_get_the_same_key() {
        let dir = TempDir::new().unwrap();
        let config = config(&dir, &[]);
        let together = Barrier::new(8);
        let keys: Vec<_> = std::thread::scope(|scope| {
            let start = || {
                together.wait();
                open(&config).unwrap().wrapping_key()
            };
            let starts: Vec<_> = (0..8).map(|_| scope.spawn(start)).collect();
            starts.into_iter().map(|start| start.join().unwrap()).collect()
        });
        assert!(keys.iter().all(|key| key.is_some() && key == &keys[0]), "{keys:?}");
        assert_eq!(files(&dir), [FILE]);
    }

    #[test]
    fn a_data_directory_that_is_not_there_yet_is_made() {
        let dir = TempDir::new().unwrap();
        let inner = dir.path().join("a/b");
        let config = Config::from_variables([("OMNIOPS_DATA_DIR", inner.to_str().unwrap())]).unwrap();
        assert!(open(&config).unwrap().wrapping_key().is_some());
    }

    #[test]
    fn a_key_that_is_set_is_used_and_none_is_made() {
        let dir = TempDir::new().unwrap();
        let key = MasterKey::generate().unwrap();
        let text = key.to_text();
        let config = config(&dir, &[("OMNIOPS_MASTER_KEY", text.expose_secret())]);
        assert_eq!(open(&config).unwrap().wrapping_key(), Some(key.id()));
        assert!(files(&dir).is_empty());
    }

    #[test]
    fn production_does_not_start_without_a_key_and_says_what_to_set() {
        let dir = TempDir::new().unwrap();
        let config = config(&dir, &[PRODUCTION]);
        let error = open(&config).unwrap_err().to_string();
        assert!(error.contains("OMNIOPS_MASTER_KEY") && error.contains("openssl rand -base64 32"), "{error}");
        assert!(files(&dir).is_empty());
        assert_eq!(open_if_there(&config).unwrap().wrapping_key(), None, "commands that need none go on");
    }

    #[test]
    fn production_names_the_key_of_the_time_before_and_does_not_use_it() {
        let dir = TempDir::new().unwrap();
        open(&config(&dir, &[])).unwrap();
        let error = open(&config(&dir, &[PRODUCTION])).unwrap_err().to_string();
        assert!(error.contains(FILE), "{error}");
    }

    #[test]
    fn a_file_that_holds_no_key_is_told_and_never_overwritten() {
        let dir = TempDir::new().unwrap();
        fs::write(dir.path().join(FILE), "hunter2!").unwrap();
        let error = format!("{:#}", open(&config(&dir, &[])).unwrap_err());
        assert!(error.contains(FILE) && !error.contains("hunter2"), "{error}");
        assert_eq!(fs::read_to_string(dir.path().join(FILE)).unwrap(), "hunter2!");
    }
}
