//! What lies where in a cluster's directory, and the small files in it.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Write};
use std::net::TcpListener;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rand::Rng;
use rand::distr::Alphanumeric;
use uuid::Uuid;

use super::user::{self, RunAs};
use crate::{Error, Result};

/// Characters of 62 kinds: 190 bits.
const PASSWORD_LENGTH: usize = 32;
/// The kernel allows 107 bytes for the path of a socket; the file name in it takes up to 20.
const LONGEST_SOCKET_DIRECTORY: usize = 85;

/// `<OMNIOPS_DATA_DIR>/postgres`.
#[derive(Clone, Debug)]
pub(crate) struct Directory {
    base: PathBuf,
}

impl Directory {
    /// Makes the directory if need be. It and its parent belong to OmniOps, so they are opened for passing
    /// through: the cluster's own directories inside are closed to everybody but its user.
    pub fn create(base: &Path, run_as: Option<&RunAs>) -> Result<Self> {
        fs::create_dir_all(base).map_err(Error::file(base))?;
        let base = base.canonicalize().map_err(Error::file(base))?;
        if run_as.is_some() {
            for directory in [Some(base.as_path()), base.parent()].into_iter().flatten() {
                let mode = fs::metadata(directory).map_err(Error::file(directory))?.permissions().mode();
                fs::set_permissions(directory, fs::Permissions::from_mode(mode | 0o011))
                    .map_err(Error::file(directory))?;
            }
        }
        let this = Self { base };
        make_private(&this.socket_directory(), run_as)?;
        Ok(this)
    }

    /// Where PostgreSQL's user cannot get to `base`, which happens to root below its closed home, makes `base` a link
    /// to a fresh directory below `elsewhere`.
    pub fn make_reachable(base: &Path, run_as: Option<&RunAs>, elsewhere: &Path) -> Result<()> {
        let (Some(user), Some(parent), false) = (run_as, base.parent(), base.exists()) else { return Ok(()) };
        fs::create_dir_all(parent).map_err(Error::file(parent))?;
        let parent = parent.canonicalize().map_err(Error::file(parent))?;
        // The data directory itself is ours to open; what is above it is not.
        let Some(above) = parent.parent() else { return Ok(()) };
        let Some(closed) = user::first_closed(above, user)? else { return Ok(()) };
        let place = elsewhere.join(Uuid::now_v7().simple().to_string());
        fs::create_dir_all(&place).map_err(Error::file(&place))?;
        std::os::unix::fs::symlink(&place, base).map_err(Error::file(base))?;
        tracing::info!(
            closed = %closed.display(), place = %place.display(),
            "the user {} that runs PostgreSQL for root cannot enter this directory; the data goes elsewhere", user.name
        );
        Ok(())
    }

    pub fn base(&self) -> &Path {
        &self.base
    }

    /// PostgreSQL's own data directory.
    pub fn data(&self) -> PathBuf {
        self.base.join("data")
    }

    /// Where `initdb` works until it is done, so that a half-made cluster is never taken for one.
    pub fn unfinished(&self) -> PathBuf {
        self.base.join("data.unfinished")
    }

    pub fn log(&self) -> PathBuf {
        self.base.join("postgres.log")
    }

    fn socket_directory(&self) -> PathBuf {
        self.base.join("run")
    }

    /// The socket's directory, unless its path is too long for one.
    pub fn usable_socket_directory(&self) -> Option<PathBuf> {
        let directory = self.socket_directory();
        (directory.as_os_str().len() <= LONGEST_SOCKET_DIRECTORY).then_some(directory)
    }

    /// The major version that the data directory was made by; `None` if there is none yet.
    pub fn version(&self) -> Result<Option<String>> {
        let path = self.data().join("PG_VERSION");
        match fs::read_to_string(&path) {
            Ok(version) => Ok(Some(version.trim().to_owned())),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Error::file(path)(error)),
        }
    }

    /// The lock that the process running the cluster holds. The kernel lets go of it when the process ends,
    /// however it ends. `None` if another process has it.
    pub fn try_lock(&self) -> Result<Option<File>> {
        let path = self.base.join("lock");
        let file = File::create(&path).map_err(Error::file(&path))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(Error::file(path)(error)),
        }
    }

    /// A password that is made the first time it is asked for, and only we can read.
    pub fn password(&self, name: &str) -> Result<String> {
        let path = self.base.join(format!("{name}-password"));
        match fs::read_to_string(&path) {
            Ok(password) if password.len() == PASSWORD_LENGTH => return Ok(password),
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(Error::file(path)(error)),
            _ => {}
        }
        let password: String = rand::rng().sample_iter(Alphanumeric).take(PASSWORD_LENGTH).map(char::from).collect();
        write_private(&path, &password)?;
        Ok(password)
    }

    /// The port that the cluster has, or had the last time.
    pub fn port(&self) -> Option<u16> {
        fs::read_to_string(self.base.join("port")).ok()?.trim().parse().ok()
    }

    /// The last port if it is free, else another, which is then remembered.
    pub fn choose_port(&self) -> Result<u16> {
        let free = |port: u16| TcpListener::bind(("127.0.0.1", port)).and_then(|listener| listener.local_addr());
        if let Some(port) = self.port()
            && free(port).is_ok()
        {
            return Ok(port);
        }
        let path = self.base.join("port");
        let port = free(0).map_err(Error::file(&path))?.port();
        fs::write(&path, port.to_string()).map_err(Error::file(path))?;
        Ok(port)
    }

    /// The log's last lines, for an error message.
    pub fn log_tail(&self) -> String {
        let log = fs::read(self.log()).unwrap_or_default();
        let log = String::from_utf8_lossy(&log);
        let lines: Vec<&str> = log.lines().collect();
        lines.get(lines.len().saturating_sub(15)..).unwrap_or_default().join("\n")
    }
}

/// A directory that only PostgreSQL's user can enter.
pub(crate) fn make_private(path: &Path, run_as: Option<&RunAs>) -> Result<()> {
    fs::create_dir_all(path).map_err(Error::file(path))?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o700)).map_err(Error::file(path))?;
    user::give(path, run_as)
}

/// Writes a file that only its owner can read, whole or not at all.
pub(crate) fn write_private(path: &Path, content: &str) -> Result<()> {
    let unfinished = path.with_extension("unfinished");
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&unfinished)
        .map_err(Error::file(&unfinished))?;
    file.write_all(content.as_bytes()).and_then(|()| file.sync_all()).map_err(Error::file(&unfinished))?;
    fs::rename(&unfinished, path).map_err(Error::file(path))
}
