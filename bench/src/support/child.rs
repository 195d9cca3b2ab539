//! Programs that run beside the benchmark: the server under test, the bare server, the client of ten thousand streams.

use std::fs::{self, File};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

/// Ten thousand streams take their time on a small machine.
const LONGEST_START: Duration = Duration::from_secs(300);
const LONGEST_STOP: Duration = Duration::from_secs(20);

/// A program of ours that is told to stop when it is dropped.
#[derive(Debug)]
pub struct Running {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    log: PathBuf,
}

impl Running {
    /// Starts it with as many open files as the system allows. Its errors go to the file `log`.
    pub fn start(program: &Path, arguments: &[&str], variables: &[(&str, &str)], log: &Path) -> Result<Self> {
        let directory = log.parent().context("a log lies in a directory")?;
        fs::create_dir_all(directory)?;
        let errors = File::create(log)?;
        // The shell raises the limit and becomes the program: its process id is the program's.
        let mut command = Command::new("sh");
        command.args(["-c", "ulimit -n \"$(ulimit -Hn)\"; exec \"$0\" \"$@\""]).arg(program).args(arguments);
        command.envs(variables.iter().copied()).current_dir(directory);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(errors).kill_on_drop(true);
        let mut child = command.spawn().with_context(|| format!("cannot start {}", program.display()))?;
        let stdout = child.stdout.take().context("the program has no output")?;
        Ok(Self { child, lines: BufReader::new(stdout).lines(), log: log.to_owned() })
    }

    /// The next line that begins so, without its beginning.
    pub async fn line(&mut self, prefix: &str) -> Result<String> {
        let find = async {
            while let Some(line) = self.lines.next_line().await? {
                if let Some(rest) = line.strip_prefix(prefix) {
                    return Ok(rest.trim().to_owned());
                }
            }
            let errors = fs::read_to_string(&self.log).unwrap_or_default();
            let last: Vec<&str> = errors.lines().rev().take(5).collect();
            bail!("it ended without saying \"{prefix}\": {}", last.join(" | "))
        };
        tokio::time::timeout(LONGEST_START, find).await.with_context(|| format!("no \"{prefix}\" in time"))?
    }

    pub fn id(&self) -> Result<u32> {
        self.child.id().context("the program has ended")
    }

    /// SIGTERM, and then its end.
    pub async fn stop(mut self) -> Result<()> {
        let id = self.id()?.to_string();
        Command::new("kill").args(["-TERM", &id]).status().await?;
        // What it still has to say must not fill the pipe.
        let drain = async { while let Ok(Some(_)) = self.lines.next_line().await {} };
        let ended = tokio::time::timeout(LONGEST_STOP, async {
            drain.await;
            self.child.wait().await
        });
        if ended.await.is_err() {
            self.child.kill().await?;
        }
        Ok(())
    }
}

/// The directory that cargo builds into: two above this program.
pub fn target_dir() -> Result<PathBuf> {
    let program = std::env::current_exe()?;
    let target = program.parent().and_then(Path::parent).context("this program lies in no target directory")?;
    Ok(target.to_owned())
}

/// The release build of the server, on a port of its own, with all limits lifted.
#[derive(Debug)]
pub struct Server {
    running: Running,
    pub addr: SocketAddr,
}

impl Server {
    pub async fn start(database_url: &str, more: &[(&str, &str)], log: &Path) -> Result<Self> {
        let program = target_dir()?.join("release/omniops");
        if !program.is_file() {
            bail!("{} is missing; `make build` makes it", program.display());
        }
        let mut variables = vec![("DATABASE_URL", database_url), ("OMNIOPS_ADDR", "127.0.0.1:0")];
        variables.extend_from_slice(more);
        variables.extend(LIMITS.iter().map(|name| (*name, "0")));
        let mut running = Running::start(&program, &["serve", "--no-worker"], &variables, log)?;
        let url = running.line("OmniOps listens on http://").await?;
        Ok(Self { running, addr: url.parse()? })
    }

    pub fn id(&self) -> Result<u32> {
        self.running.id()
    }

    pub async fn stop(self) -> Result<()> {
        self.running.stop().await
    }
}

const LIMITS: [&str; 11] = [
    "OMNIOPS_LIMIT_CHAT_PER_SESSION",
    "OMNIOPS_LIMIT_CHAT_PER_IP",
    "OMNIOPS_LIMIT_CHAT_PER_DOMAIN",
    "OMNIOPS_LIMIT_WIDGET_PER_IP",
    "OMNIOPS_LIMIT_WIDGET_PER_DOMAIN",
    "OMNIOPS_LIMIT_PAGES_PER_IP",
    "OMNIOPS_LIMIT_API_PER_IP",
    "OMNIOPS_LIMIT_API_PER_KEY",
    "OMNIOPS_LIMIT_API_PER_TENANT",
    "OMNIOPS_LIMIT_STREAMS_PER_IP",
    "OMNIOPS_LIMIT_STREAMS_PER_TENANT",
];

/// This program again, in another part.
pub fn this_program(arguments: &[&str], log: &Path) -> Result<Running> {
    Running::start(&std::env::current_exe()?, arguments, &[], log)
}
