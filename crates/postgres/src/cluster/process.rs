//! The PostgreSQL process: making its data, starting it, stopping it, and clearing up after one that was killed.

use std::fs::{self, OpenOptions};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use sqlx::Connection;
use sqlx::postgres::{PgConnectOptions, PgConnection};

use super::directory::{Directory, make_private, write_private};
use super::settings::{self, Profile};
use super::tools::Tools;
use super::user::{self, RunAs};
use crate::error::sqlstate;
use crate::{Error, Result};

/// Where root's clusters lie whose data directory is closed to PostgreSQL's user.
const ELSEWHERE: &str = "/var/lib/omniops";
pub(crate) const SUPERUSER: &str = "postgres";
/// Recovery after a crash may replay a good deal of log.
const LONGEST_START: Duration = Duration::from_mins(2);
const POLL_EVERY: Duration = Duration::from_millis(25);
const ATTEMPTS: u32 = 20;
const PAUSE: Duration = Duration::from_millis(250);

/// One cluster's programs, files and user.
#[derive(Clone, Debug)]
pub(crate) struct Installation {
    pub tools: Tools,
    pub directory: Directory,
    pub run_as: Option<RunAs>,
    pub profile: Profile,
}

impl Installation {
    /// Finds the programs and makes the directory, and checks that PostgreSQL's user can reach both.
    pub fn open(base: &Path, profile: Profile) -> Result<Self> {
        let tools = Tools::find()?;
        let run_as = user::choose()?;
        Directory::make_reachable(base, run_as.as_ref(), Path::new(ELSEWHERE))?;
        let directory = Directory::create(base, run_as.as_ref())?;
        user::check_reachable(&tools.program("postgres"), run_as.as_ref(), "OMNIOPS_TOOLS_DIR")?;
        user::check_reachable(directory.base(), run_as.as_ref(), "OMNIOPS_DATA_DIR")?;
        Ok(Self { tools, directory, run_as, profile })
    }

    fn command(&self, program: &str) -> Command {
        let mut command = self.tools.command(program, self.run_as.as_ref());
        command.current_dir(self.directory.base()).stdin(Stdio::null());
        command
    }

    /// Makes the data directory, unless there is one of this major version.
    pub fn initialise(&self) -> Result<()> {
        match self.directory.version()? {
            Some(version) if version == self.tools.major_version => return Ok(()),
            Some(found) => {
                let (directory, expected) = (self.directory.data(), self.tools.major_version.clone());
                return Err(Error::OtherMajorVersion { directory, found, expected });
            }
            None => {}
        }
        let unfinished = self.directory.unfinished();
        if unfinished.exists() {
            fs::remove_dir_all(&unfinished).map_err(Error::file(&unfinished))?;
        }
        make_private(&unfinished, self.run_as.as_ref())?;
        let password_file = self.directory.base().join("initdb-password");
        write_private(&password_file, &self.directory.password("superuser")?)?;
        user::give(&password_file, self.run_as.as_ref())?;
        let mut initdb = self.command("initdb");
        initdb.arg("--pgdata").arg(&unfinished).arg("--pwfile").arg(&password_file);
        initdb.args(["--username", SUPERUSER, "--auth", "scram-sha-256", "--encoding", "UTF8", "--no-instructions"]);
        // Sorts and folds case the same way on every machine, for all of Unicode.
        initdb.args(["--locale-provider", "builtin", "--builtin-locale", "C.UTF-8", "--locale", "C"]);
        if self.profile != Profile::Durable {
            initdb.arg("--no-sync");
        }
        let outcome = run("initdb", &mut initdb);
        fs::remove_file(&password_file).map_err(Error::file(&password_file))?;
        outcome?;
        let data = self.directory.data();
        fs::rename(&unfinished, &data).map_err(Error::file(&data))
    }

    /// Starts PostgreSQL and waits until it answers. What stands in the way for a moment only is tried again: a port
    /// that somebody took after we looked, or the shared memory that the children of a killed PostgreSQL still hold.
    pub async fn start(&self) -> Result<(Child, u16)> {
        let mut attempts = 0;
        loop {
            let port = self.directory.choose_port()?;
            let mut child = self.spawn(port)?;
            attempts += 1;
            match self.wait_until_ready(&mut child, port).await {
                Ok(()) => return Ok((child, port)),
                Err(Error::DidNotStart { tail, .. }) if attempts < ATTEMPTS && is_passing(&tail) => {
                    tokio::time::sleep(PAUSE).await;
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Starts PostgreSQL in a process group of its own, so that Ctrl-C in a terminal reaches OmniOps alone, which
    /// then stops PostgreSQL when it is done with it.
    fn spawn(&self, port: u16) -> Result<Child> {
        let path = self.directory.log();
        let log = OpenOptions::new().create(true).append(true).open(&path).map_err(Error::file(&path))?;
        let errors = log.try_clone().map_err(Error::file(&path))?;
        let program = self.tools.program("postgres");
        self.command("postgres")
            .arg("-D")
            .arg(self.directory.data())
            .args(settings::arguments(&self.directory, port, self.profile))
            .stdout(log)
            .stderr(errors)
            .process_group(0)
            .spawn()
            .map_err(Error::file(program))
    }

    /// The superuser's way in, over TCP.
    pub fn superuser(&self, port: u16) -> Result<PgConnectOptions> {
        Ok(PgConnectOptions::new_without_pgpass()
            .host("127.0.0.1")
            .port(port)
            .username(SUPERUSER)
            .password(&self.directory.password("superuser")?)
            .database("postgres")
            .application_name("omniops"))
    }

    /// Waits until the started PostgreSQL answers, or is gone.
    async fn wait_until_ready(&self, child: &mut Child, port: u16) -> Result<()> {
        let deadline = Instant::now() + LONGEST_START;
        let superuser = self.superuser(port)?;
        loop {
            match PgConnection::connect_with(&superuser).await {
                Ok(conn) => return Ok(conn.close().await?),
                Err(error) if !is_starting(&error) => return Err(error.into()),
                Err(_) => {}
            }
            let ended = child.try_wait().map_err(Error::file(self.tools.program("postgres")))?.is_some();
            if ended || Instant::now() > deadline {
                return Err(Error::DidNotStart { log: self.directory.log(), tail: self.directory.log_tail() });
            }
            tokio::time::sleep(POLL_EVERY).await;
        }
    }

    /// Stops what an earlier process of ours left running, and removes what one that was killed left lying.
    ///
    /// Only call with the directory's lock held: then no other OmniOps can be using it.
    pub fn clear_up(&self) -> Result<()> {
        let path = self.directory.data().join("postmaster.pid");
        let Ok(content) = fs::read_to_string(&path) else { return Ok(()) };
        let pid = content.lines().next().and_then(|line| line.trim().parse::<u32>().ok());
        if pid.is_some_and(|pid| self.is_ours(pid)) {
            tracing::info!("stopping the database that an earlier omniops left running");
            return self.stop(Wait::ForTheEnd);
        }
        // The number may by now be some other program's, which PostgreSQL would take for itself and refuse.
        match fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Error::file(path)(error)),
            _ => Ok(()),
        }
    }

    /// Whether the process is a PostgreSQL on this data directory.
    fn is_ours(&self, pid: u32) -> bool {
        let data = self.directory.data().display().to_string();
        let arguments = match fs::read(format!("/proc/{pid}/cmdline")) {
            Ok(arguments) => arguments,
            Err(_) if Path::new("/proc/self").exists() => return false,
            // Not a Linux: ask `ps`.
            Err(_) => {
                let ps = Command::new("ps").args(["-o", "args=", "-p", &pid.to_string()]).output();
                ps.map(|output| output.stdout).unwrap_or_default()
            }
        };
        String::from_utf8_lossy(&arguments).split(['\0', ' ', '\n']).any(|argument| argument == data)
    }

    /// Ends all sessions, writes everything to disk and stops.
    pub fn stop(&self, wait: Wait) -> Result<()> {
        let mut pg_ctl = self.command("pg_ctl");
        pg_ctl.args(["stop", "--mode", "fast", "--silent", "--pgdata"]).arg(self.directory.data());
        match wait {
            Wait::ForTheEnd => pg_ctl.args(["--wait", "--timeout", "60"]),
            Wait::Not => pg_ctl.arg("--no-wait"),
        };
        run("pg_ctl", &mut pg_ctl)
    }
}

/// Whether to stay until PostgreSQL has stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wait {
    ForTheEnd,
    Not,
}

/// What PostgreSQL says when it cannot start now, but may in a moment.
fn is_passing(log: &str) -> bool {
    log.contains("Address already in use") || log.contains("pre-existing shared memory block")
}

/// Refused connections, and 57P03: the database system is starting up.
fn is_starting(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::Io(_)) || sqlstate(error).as_deref() == Some("57P03")
}

fn run(program: &'static str, command: &mut Command) -> Result<()> {
    let output = command.output().map_err(Error::file(command.get_program()))?;
    if output.status.success() {
        return Ok(());
    }
    let text = [output.stdout, output.stderr].concat();
    Err(Error::Program { program, output: String::from_utf8_lossy(&text).trim().to_owned() })
}
