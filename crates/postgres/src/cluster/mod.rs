//! A private PostgreSQL in the data directory, for those who did not bring one.
//!
//! One process at a time runs it and holds the directory's lock; the others attach. PostgreSQL is watched and
//! started again if it dies. It stops with the process that runs it; where that process was killed, the next one
//! stops what is left over and starts afresh.

mod directory;
mod process;
mod settings;
mod supervisor;
#[cfg(feature = "testing")]
pub(crate) mod testing;
mod tools;
pub(crate) mod user;

use std::fs::File;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use sqlx::Connection;
use sqlx::postgres::PgConnection;

use crate::{DatabaseOptions, Error, Result, roles};

use process::{Installation, Wait};
use settings::Profile;
use supervisor::Supervisor;

const DATABASE: &str = "omniops";
const LOGIN: &str = "omniops";
/// How long to wait for another process that is just starting or stopping the cluster.
const PATIENCE: Duration = Duration::from_secs(30);
const POLL_EVERY: Duration = Duration::from_millis(50);

/// Whose URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UrlKind {
    /// The role that OmniOps logs in with: it sees nothing outside of tenant and system transactions.
    Login,
    /// The role that may do everything: for migrations, and for looking around by hand.
    Superuser,
}

/// A running cluster. [`stop`](Self::stop) it, or drop it, which stops it without waiting.
#[derive(Debug)]
pub struct Cluster {
    installation: Installation,
    port: u16,
    /// What makes this process the one that runs it; `None` when attached to another's.
    running: Option<Running>,
}

#[derive(Debug)]
struct Running {
    supervisor: Supervisor,
    _lock: File,
}

impl Cluster {
    /// Starts the cluster of `data_dir`, making it first if it is not there, with roles and an empty database.
    ///
    /// Fails with [`Error::InUse`] if another process runs it.
    pub async fn start(data_dir: &Path) -> Result<Self> {
        let installation = open(data_dir)?;
        match lock_patiently(&installation).await? {
            Some(lock) => Self::start_locked(installation, lock).await,
            None => Err(Error::InUse(installation.directory.base().to_owned())),
        }
    }

    /// As [`start`](Self::start), but uses the cluster that another process runs, if one does. For commands.
    pub async fn start_or_attach(data_dir: &Path) -> Result<Self> {
        let installation = open(data_dir)?;
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(lock) = installation.directory.try_lock()? {
                return Self::start_locked(installation, lock).await;
            }
            match attach(&installation).await {
                Ok(port) => return Ok(Self { installation, port, running: None }),
                // Its process may have just begun, or be about to end.
                Err(error) if Instant::now() > deadline => return Err(error),
                Err(_) => tokio::time::sleep(POLL_EVERY).await,
            }
        }
    }

    async fn start_locked(installation: Installation, lock: File) -> Result<Self> {
        installation.initialise()?;
        installation.clear_up()?;
        let (child, port) = installation.start().await?;
        let supervisor = Supervisor::watch(installation.clone(), port, child);
        let this = Self { installation, port, running: Some(Running { supervisor, _lock: lock }) };
        this.prepare().await?;
        Ok(this)
    }

    /// Roles and database.
    async fn prepare(&self) -> Result<()> {
        let superuser = self.installation.superuser(self.port)?;
        let mut conn = PgConnection::connect_with(&superuser).await?;
        roles::ensure_roles(&mut conn, LOGIN, &self.installation.directory.password("login")?).await?;
        conn.close().await?;
        roles::ensure_database(&superuser, DATABASE, LOGIN).await
    }

    /// Whether another process runs the cluster, and this one only uses it.
    pub fn is_attached(&self) -> bool {
        self.running.is_none()
    }

    /// The loopback port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// A URL that any program on this machine can connect with. It holds a password.
    pub fn url(&self, kind: UrlKind) -> Result<String> {
        let (user, password) = match kind {
            UrlKind::Login => (LOGIN, "login"),
            UrlKind::Superuser => (process::SUPERUSER, "superuser"),
        };
        let password = self.installation.directory.password(password)?;
        Ok(format!("postgres://{user}:{password}@127.0.0.1:{}/{DATABASE}", self.port))
    }

    /// How a server connects: as the log-in role, through the socket where there is one.
    pub fn database_options(&self) -> Result<DatabaseOptions> {
        let url = self.url(UrlKind::Login)?;
        let socket = self.installation.directory.usable_socket_directory().and_then(|path| url_host(&path));
        Ok(DatabaseOptions::new(match socket {
            Some(host) => format!("{url}?host={host}"),
            None => url,
        }))
    }

    /// A PostgreSQL program, such as `psql`, ready to be given arguments.
    pub fn command(&self, program: &str) -> Command {
        self.installation.tools.command(program, None)
    }

    /// Ends all sessions and stops PostgreSQL, if this process runs it.
    pub async fn stop(mut self) -> Result<()> {
        let Some(running) = self.running.take() else { return Ok(()) };
        running.supervisor.stop().await
    }
}

impl Drop for Cluster {
    /// The way out of a command that failed: PostgreSQL is told to stop, and stops by itself.
    fn drop(&mut self) {
        if self.running.take().is_some()
            && let Err(error) = self.installation.stop(Wait::Not)
        {
            tracing::warn!(%error, "the database may still be running; the next start takes care of it");
        }
    }
}

fn open(data_dir: &Path) -> Result<Installation> {
    Installation::open(&data_dir.join("postgres"), Profile::Durable)
}

/// A process that just ended may still hold the lock for a moment; one that answers does not end.
async fn lock_patiently(installation: &Installation) -> Result<Option<File>> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(lock) = installation.directory.try_lock()? {
            return Ok(Some(lock));
        }
        if attach(installation).await.is_ok() || Instant::now() > deadline {
            return Ok(None);
        }
        tokio::time::sleep(POLL_EVERY).await;
    }
}

/// The port of the cluster that another process runs, once it answers.
async fn attach(installation: &Installation) -> Result<u16> {
    let in_use = || Error::InUse(installation.directory.base().to_owned());
    let port = installation.directory.port().ok_or_else(in_use)?;
    let options = installation.superuser(port)?.database(DATABASE);
    PgConnection::connect_with(&options).await?.close().await?;
    Ok(port)
}

/// The path as the value of a URL's parameter; `None` if it holds what would need another encoding.
fn url_host(path: &Path) -> Option<String> {
    let path = path.to_str()?;
    let plain = |character: char| character.is_ascii_alphanumeric() || "/._-".contains(character);
    path.chars().all(plain).then(|| path.replace('/', "%2F"))
}
