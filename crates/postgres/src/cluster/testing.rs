//! One cluster for all test processes of a checkout.
//!
//! `cargo test` runs many programs one after the other, and nextest one a test. The first of them starts the
//! cluster; each leaves a file with its process number; a watchdog stops the cluster some seconds after the last
//! of those processes ended, however it ended.

use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio, id};
use std::time::{Duration, Instant};

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, Connection, Executor};
use tokio::sync::OnceCell;

use super::process::Installation;
use super::settings::Profile;
use super::{LOGIN, POLL_EVERY, user};
use crate::{Error, Result, roles};

const PATIENCE: Duration = Duration::from_mins(2);

/// Arguments: the cluster's directory, PostgreSQL's process number, how many seconds to stay without a holder.
///
/// Before it stops the cluster it takes the marker away and looks once more: a process that comes writes its file
/// first and then looks for the marker, so one of the two sees the other.
const WATCHDOG: &str = r#"
base=$1 postgres=$2 linger=$3 idle=0
held() {
    result=1
    for file in "$base"/holders/*; do
        [ -e "$file" ] || continue
        if kill -0 "${file##*/}" 2>/dev/null; then result=0; else rm -f "$file"; fi
    done
    return $result
}
while kill -0 "$postgres" 2>/dev/null; do
    if held; then idle=0; else idle=$((idle + 1)); fi
    if [ "$idle" -ge "$linger" ]; then
        rm -f "$base/open"
        if held; then
            : > "$base/open"
            idle=0
        else
            kill -INT "$postgres"
            exit 0
        fi
    fi
    sleep 1
done
"#;
const LINGER_SECONDS: &str = "20";
/// A test's database is named after its process, so that others know when it is done with.
pub(crate) const PREFIX: &str = "test_";
pub(crate) const TEMPLATE_PREFIX: &str = "template_omniops_";

/// The way into the running test cluster.
#[derive(Debug)]
pub(crate) struct TestCluster {
    pub superuser: PgConnectOptions,
    superuser_authority: String,
    login_authority: String,
}

impl TestCluster {
    pub fn superuser_url(&self, database: &str) -> String {
        format!("postgres://{}/{database}", self.superuser_authority)
    }

    pub fn login_url(&self, database: &str) -> String {
        format!("postgres://{}/{database}", self.login_authority)
    }

    /// The cluster, which is started if it does not run yet.
    pub async fn shared() -> Result<&'static Self> {
        static CLUSTER: OnceCell<TestCluster> = OnceCell::const_new();
        CLUSTER.get_or_try_init(start_or_join).await
    }
}

async fn start_or_join() -> Result<TestCluster> {
    let installation = Installation::open(&base_directory(), Profile::Disposable)?;
    let base = installation.directory.base().to_owned();
    let holders = base.join("holders");
    fs::create_dir_all(&holders).map_err(Error::file(&holders))?;
    let holder = holders.join(id().to_string());
    File::create(&holder).map_err(Error::file(&holder))?;

    // One process at a time looks, and starts what is missing.
    let path = base.join("starting");
    let starting = File::create(&path).map_err(Error::file(&path))?;
    let locked = tokio::task::spawn_blocking(move || starting.lock().map(|()| starting)).await;
    let starting = locked.unwrap_or_else(|panic| Err(std::io::Error::other(panic))).map_err(Error::file(&path))?;
    let cluster = join(&installation, &base).await?;
    drop(starting);
    drop_leftovers(&cluster.superuser, &holders).await?;
    Ok(cluster)
}

async fn join(installation: &Installation, base: &Path) -> Result<TestCluster> {
    let port = match running(installation, base).await {
        Some(port) => port,
        None => start(installation, base).await?,
    };
    let superuser = installation.superuser(port)?;
    let password = installation.directory.password("login")?;
    let address = format!("127.0.0.1:{port}");
    Ok(TestCluster {
        login_authority: format!("{LOGIN}:{password}@{address}"),
        superuser_authority: format!("postgres:{}@{address}", installation.directory.password("superuser")?),
        superuser,
    })
}

/// The port of the cluster if it runs and its watchdog does not mean to stop it.
async fn running(installation: &Installation, base: &Path) -> Option<u16> {
    let port = installation.directory.port()?;
    let superuser = installation.superuser(port).ok()?;
    let deadline = Instant::now() + PATIENCE;
    loop {
        PgConnection::connect_with(&superuser).await.ok()?.close().await.ok()?;
        if base.join("open").exists() {
            return Some(port);
        }
        if Instant::now() > deadline {
            return None;
        }
        tokio::time::sleep(POLL_EVERY).await;
    }
}

async fn start(installation: &Installation, base: &Path) -> Result<u16> {
    installation.clear_up()?;
    if installation.directory.version()?.is_some_and(|version| version != installation.tools.major_version) {
        let data = installation.directory.data();
        fs::remove_dir_all(&data).map_err(Error::file(&data))?;
    }
    installation.initialise()?;
    let (child, port) = installation.start().await?;
    let mut conn = PgConnection::connect_with(&installation.superuser(port)?).await?;
    roles::ensure_roles(&mut conn, LOGIN, &installation.directory.password("login")?).await?;
    drop_templates(&mut conn).await?;
    conn.close().await?;
    let marker = base.join("open");
    File::create(&marker).map_err(Error::file(&marker))?;
    watch(base, &child)?;
    Ok(port)
}

/// Templates of earlier states of the schema.
async fn drop_templates(conn: &mut PgConnection) -> Result<()> {
    let templates: Vec<String> =
        sqlx::query_scalar("select datname::text from pg_database where starts_with(datname::text, $1)")
            .bind(TEMPLATE_PREFIX)
            .fetch_all(&mut *conn)
            .await?;
    for name in templates {
        conn.execute(AssertSqlSafe(format!("drop database if exists {name} with (force)"))).await?;
    }
    Ok(())
}

/// Databases of processes that ended before theirs were dropped.
async fn drop_leftovers(superuser: &PgConnectOptions, holders: &Path) -> Result<()> {
    let mut conn = PgConnection::connect_with(superuser).await?;
    let databases: Vec<String> =
        sqlx::query_scalar("select datname::text from pg_database where starts_with(datname::text, $1)")
            .bind(PREFIX)
            .fetch_all(&mut conn)
            .await?;
    for name in databases {
        let process = name.trim_start_matches(PREFIX).split('_').next().unwrap_or_default();
        // The watchdog removes the files of processes that ended.
        if holders.join(process).exists() {
            continue;
        }
        if let Err(error) = conn.execute(AssertSqlSafe(format!("drop database if exists {name} with (force)"))).await {
            tracing::debug!(%error, name, "another process is dropping it too");
        }
    }
    Ok(conn.close().await?)
}

/// A shell in a process group of its own, so that it outlives this process.
fn watch(base: &Path, postgres: &Child) -> Result<()> {
    Command::new("/bin/sh")
        .args(["-c", WATCHDOG, "omniops-test-watchdog"])
        .arg(base)
        .args([&postgres.id().to_string(), LINGER_SECONDS])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .current_dir("/")
        .spawn()
        .map(|_| ())
        .map_err(Error::file("/bin/sh"))
}

/// One for each user and checkout, in a place whose path is short and open to PostgreSQL's user.
fn base_directory() -> PathBuf {
    let mut hasher = DefaultHasher::new();
    env!("CARGO_MANIFEST_DIR").hash(&mut hasher);
    let name = format!("omniops-test-{}-{:08x}", user::current_uid(), hasher.finish() >> 32);
    std::env::temp_dir().join(name).join("postgres")
}
