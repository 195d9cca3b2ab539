//! Runs: crawls and re-embeddings, who does them, how far they are, and what happens when a process dies in one.
//!
//! A run is a row of `content_refresh_jobs`, written in the transaction that asked for it. A worker claims it, renews
//! its heartbeat and reports; a run without a heartbeat is claimed anew. Everything that a run does may be repeated:
//! what an earlier attempt brought up to date costs the next one a conditional request.

use std::time::{Duration, Instant};

use omniops_postgres::TenantTx;
use omniops_types::{CrawlProgress, DomainId, JobId, JobStatus, Permission, RunFailure, SourceId, TenantId};
use serde::{Deserialize, Serialize};
use tokio::task::{AbortHandle, JoinSet};
use uuid::Uuid;

use super::{crawl_run, job_queries as queries, reembed, spaces};
use crate::{Domain, Error, Principal, Result};

const HEARTBEAT: Duration = Duration::from_secs(10);
/// Without a heartbeat for this long, the process is taken for dead.
const SILENCE: Duration = Duration::from_secs(45);
/// A run that was begun this often and never ended is given up.
const MAX_ATTEMPTS: i32 = 5;
const POLL: Duration = Duration::from_secs(1);
/// How often a worker looks for passages without a vector in its model's space: another process may have stored them.
const LOOK_FOR_UNEMBEDDED: Duration = Duration::from_secs(300);
/// After a change of model, questions ask for the re-embedding; not again for this long, so that one that failed is
/// not begun with every question.
const REEMBED_PAUSE: Duration = Duration::from_secs(600);
/// Runs of one process at the same time.
const SIDE_BY_SIDE: usize = 2;
/// Failures that are kept with their reason.
const MAX_FAILURES: usize = 100;

/// What a run does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobKind {
    Crawl,
    /// Gives every passage its vector in the embedder's space.
    Reembed,
}

impl JobKind {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Crawl => "crawl",
            Self::Reembed => "reembed",
        }
    }
}

/// A page that could not be taken, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    pub url: String,
    pub reason: String,
}

/// A run that this process works on.
#[derive(Clone, Debug)]
pub(super) struct Claim {
    pub tenant: TenantId,
    pub job: JobId,
    pub source: SourceId,
    pub kind: JobKind,
    /// Tells this process's work from that of one that was taken for dead.
    pub attempt: i32,
    pub allow_own_host: bool,
}

/// What a run did so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    pub found: i64,
    pub fetched: i64,
    pub changed: i64,
    pub failed: i64,
    pub embedded: i64,
    pub failures: Vec<Failure>,
}

impl Tally {
    pub(super) fn add_failure(&mut self, url: &str, reason: &str) {
        self.failed += 1;
        if self.failures.len() < MAX_FAILURES {
            self.failures.push(Failure { url: url.to_owned(), reason: reason.to_owned() });
        }
    }
}

/// How a run ended.
#[derive(Debug)]
pub(super) enum Ending {
    Succeeded,
    /// With the reason in words.
    Failed(RunFailure, String),
    /// Cancelled, or another process has it now: nothing is left to write.
    NoLongerOurs,
}

/// Asks for a crawl of a source, or gives the one that is under way.
pub async fn start_crawl(domain: &Domain, principal: &Principal, source: SourceId) -> Result<JobId> {
    queue(domain, principal, source, JobKind::Crawl, false).await
}

/// Asks for a crawl that may fetch the source's own host although it is private: for the command line of one's own
/// machine. In production the same as [`start_crawl`].
pub async fn start_own_crawl(domain: &Domain, principal: &Principal, source: SourceId) -> Result<JobId> {
    queue(domain, principal, source, JobKind::Crawl, !domain.settings.production).await
}

async fn queue(
    domain: &Domain,
    principal: &Principal,
    source: SourceId,
    kind: JobKind,
    allow_own_host: bool,
) -> Result<JobId> {
    principal.require(Permission::KnowledgeWrite)?;
    let mut tx = domain.database.tenant(principal.tenant_id).await?;
    queries::source(&mut tx, source).await?.ok_or(Error::NotFound("source"))?;
    let job = queries::queue(&mut tx, Uuid::now_v7(), source, kind, allow_own_host).await?;
    tx.commit().await?;
    Ok(job)
}

/// How far a run is.
pub async fn progress(domain: &Domain, principal: &Principal, job: JobId) -> Result<CrawlProgress> {
    principal.require(Permission::KnowledgeRead)?;
    let mut tx = domain.database.tenant(principal.tenant_id).await?;
    queries::progress(&mut tx, job).await?.ok_or(Error::NotFound("job"))
}

/// The first hundred pages that a run could not take, with the reasons.
pub async fn failures(domain: &Domain, principal: &Principal, job: JobId) -> Result<Vec<Failure>> {
    principal.require(Permission::KnowledgeRead)?;
    let mut tx = domain.database.tenant(principal.tenant_id).await?;
    queries::failures(&mut tx, job).await?.ok_or(Error::NotFound("job"))
}

/// Ends a run; what it has taken stays.
pub async fn cancel(domain: &Domain, principal: &Principal, job: JobId) -> Result<()> {
    principal.require(Permission::KnowledgeWrite)?;
    let mut tx = domain.database.tenant(principal.tenant_id).await?;
    queries::progress(&mut tx, job).await?.ok_or(Error::NotFound("job"))?;
    queries::cancel(&mut tx, job).await?;
    tx.commit().await?;
    Ok(())
}

/// Does a queued run in this task, to its end, and tells of its progress. Where another process was faster, or dies in
/// the middle of it, this follows what that one does and takes over when it must.
pub async fn crawl_now(
    domain: &Domain,
    principal: &Principal,
    job: JobId,
    mut on_progress: impl FnMut(&CrawlProgress) + Send,
) -> Result<CrawlProgress> {
    loop {
        let progress = progress(domain, principal, job).await?;
        on_progress(&progress);
        match progress.status {
            JobStatus::Succeeded | JobStatus::Failed | JobStatus::Cancelled => return Ok(progress),
            JobStatus::Queued | JobStatus::Running => {}
        }
        match claim(domain, Some(job)).await? {
            Some(claim) => run(domain, &claim, &mut on_progress).await?,
            None => tokio::time::sleep(POLL).await,
        }
    }
}

/// Does queued runs until `shutdown` completes; then puts back what is not done.
pub async fn run_worker(domain: Domain, shutdown: impl Future<Output = ()> + Send) {
    tokio::pin!(shutdown);
    let mut looked: Option<Instant> = None;
    let mut running: JoinSet<()> = JoinSet::new();
    let mut claims: Vec<(Claim, AbortHandle)> = Vec::new();
    loop {
        if looked.is_none_or(|looked| looked.elapsed() >= LOOK_FOR_UNEMBEDDED) {
            looked = Some(Instant::now());
            if let Err(error) = queue_reembeddings(&domain).await {
                tracing::error!(error = &error as &dyn std::error::Error, "cannot look for passages without a vector");
            }
        }
        claims.retain(|(_, task)| !task.is_finished());
        while running.try_join_next().is_some() {}
        if running.len() < SIDE_BY_SIDE {
            match claim(&domain, None).await {
                Ok(Some(claim)) => {
                    let task = running.spawn(run_logged(domain.clone(), claim.clone()));
                    claims.push((claim, task));
                    continue;
                }
                Ok(None) => {}
                Err(error) => tracing::warn!(error = &error as &dyn std::error::Error, "cannot look for work"),
            }
        }
        tokio::select! {
            () = &mut shutdown => break,
            () = tokio::time::sleep(POLL) => {}
        }
    }
    running.shutdown().await;
    for (claim, _) in claims {
        if let Err(error) = release(&domain, &claim).await {
            tracing::warn!(error = &error as &dyn std::error::Error, job = %claim.job, "cannot put a run back");
        }
    }
}

/// Does one waiting run, if there is one; for tests, which drain the queue instead of waiting for a worker.
pub async fn try_run_one(domain: &Domain) -> Result<bool> {
    let Some(claim) = claim(domain, None).await? else {
        return Ok(false);
    };
    run(domain, &claim, &mut |_| {}).await?;
    Ok(true)
}

/// After a change of the embedding model: queues what brings the passages into its space.
pub async fn queue_reembeddings(domain: &Domain) -> Result<u64> {
    let space_id = spaces::current_space(domain).await?;
    let mut tx = domain.database.system("passages of all tenants move to the new model").await?;
    let queued = queries::queue_reembeddings(&mut tx, space_id).await?;
    tx.commit().await?;
    Ok(queued)
}

/// The same for one domain, asked for by a question that the older model's vectors had to answer.
pub(super) async fn queue_reembedding_of(tx: &mut TenantTx, domain_id: DomainId) -> Result<()> {
    let queued = queries::queue_reembedding_of(tx, domain_id, REEMBED_PAUSE).await?;
    if queued > 0 {
        tracing::info!(tenant = %tx.tenant_id(), domain = %domain_id, queued, "the model has changed: embedding anew");
    }
    Ok(())
}

async fn claim(domain: &Domain, only: Option<JobId>) -> Result<Option<Claim>> {
    let mut tx = domain.database.system("workers take the runs of all tenants").await?;
    let claim = queries::claim(&mut tx, only, SILENCE).await?;
    tx.commit().await?;
    Ok(claim)
}

async fn release(domain: &Domain, claim: &Claim) -> Result<()> {
    let mut tx = domain.database.tenant(claim.tenant).await?;
    queries::release(&mut tx, claim).await?;
    tx.commit().await?;
    Ok(())
}

async fn run_logged(domain: Domain, claim: Claim) {
    if let Err(error) = run(&domain, &claim, &mut |_| {}).await {
        tracing::error!(error = &error as &dyn std::error::Error, job = %claim.job, "a run ended in an error of ours");
    }
}

/// Does a run and writes down how it ended.
async fn run(domain: &Domain, claim: &Claim, on_progress: &mut (dyn FnMut(&CrawlProgress) + Send)) -> Result<()> {
    let _heart = Heart::start(domain, claim);
    let mut reporter = Reporter { domain, claim, on_progress };
    let result = if claim.attempt > MAX_ATTEMPTS {
        let reason = format!("the process ended {MAX_ATTEMPTS} times while doing this");
        Ok(Ending::Failed(RunFailure::GaveUp, reason))
    } else {
        match claim.kind {
            JobKind::Crawl => crawl_run::run(domain, claim, &mut reporter).await,
            JobKind::Reembed => reembed::run(domain, claim, &mut reporter).await,
        }
    };
    let failure = match &result {
        Ok(Ending::NoLongerOurs) => return Ok(()),
        Ok(Ending::Succeeded) => None,
        Ok(Ending::Failed(code, reason)) => Some((*code, reason.clone())),
        Err(error @ Error::Unavailable { .. }) => Some((RunFailure::Unavailable, error.to_string())),
        Err(error) => Some((RunFailure::Internal, error.to_string())),
    };
    let mut tx = domain.database.tenant(claim.tenant).await?;
    let was_ours = queries::finish(&mut tx, claim, failure.clone()).await?;
    tx.commit().await?;
    if !was_ours {
        // Cancelled, or its source was removed: what then failed is of no interest.
        return Ok(());
    }
    if let Some((code, reason)) = &failure {
        tracing::warn!(tenant = %claim.tenant, source = %claim.source, job = %claim.job, code = code.as_str(), reason, "a run failed");
    }
    result.map(|_| ())
}

/// Tells the database and the caller how far a run is.
pub(super) struct Reporter<'a> {
    domain: &'a Domain,
    claim: &'a Claim,
    on_progress: &'a mut (dyn FnMut(&CrawlProgress) + Send),
}

impl Reporter<'_> {
    /// False when the run was cancelled or is another process's by now: stop.
    pub(super) async fn report(&mut self, tally: &Tally) -> Result<bool> {
        let mut tx = self.domain.database.tenant(self.claim.tenant).await?;
        if !queries::report(&mut tx, self.claim, tally).await? {
            return Ok(false);
        }
        let progress = queries::progress(&mut tx, self.claim.job).await?;
        tx.commit().await?;
        if let Some(progress) = progress {
            (self.on_progress)(&progress);
        }
        Ok(true)
    }
}

/// Renews a run's heartbeat until it is dropped.
struct Heart(AbortHandle);

impl Heart {
    fn start(domain: &Domain, claim: &Claim) -> Self {
        let (domain, claim) = (domain.clone(), claim.clone());
        let beating = tokio::spawn(async move {
            loop {
                tokio::time::sleep(HEARTBEAT).await;
                if let Err(error) = beat(&domain, &claim).await {
                    tracing::warn!(error = &error as &dyn std::error::Error, job = %claim.job, "missed a heartbeat");
                }
            }
        });
        Self(beating.abort_handle())
    }
}

impl Drop for Heart {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn beat(domain: &Domain, claim: &Claim) -> Result<()> {
    let mut tx = domain.database.tenant(claim.tenant).await?;
    queries::beat(&mut tx, claim).await?;
    tx.commit().await?;
    Ok(())
}
