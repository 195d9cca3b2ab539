//! Runs that are asked for twice, cancelled, or end with their process.

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use omniops_domain::knowledge;
use omniops_embedding::{EmbedError, Embedder, Space};
use omniops_types::{JobStatus, RunFailure};
use tokio::sync::{Notify, Semaphore};

use super::small_site;
use super::world::{CountingEmbedder, World, domain_with};

/// Answers the first calls; then says that it is stuck, and answers no more unless it is told to go on.
pub struct Stuck {
    inner: Arc<CountingEmbedder>,
    calls_left: std::sync::atomic::AtomicUsize,
    pub stuck: Notify,
    going_on: Semaphore,
}

impl Stuck {
    pub fn after(calls: usize, inner: Arc<CountingEmbedder>) -> Self {
        Self { inner, calls_left: calls.into(), stuck: Notify::new(), going_on: Semaphore::new(0) }
    }

    pub fn go_on(&self) {
        self.going_on.add_permits(Semaphore::MAX_PERMITS);
    }
}

#[async_trait]
impl Embedder for Stuck {
    fn space(&self) -> &Space {
        self.inner.space()
    }

    async fn embed(&self, texts: &[String]) -> Result<Vec<Vec<f32>>, EmbedError> {
        let left = self.calls_left.load(std::sync::atomic::Ordering::SeqCst);
        if left == 0 {
            self.stuck.notify_one();
            self.going_on.acquire().await.unwrap().forget();
        }
        self.calls_left.store(left.saturating_sub(1), std::sync::atomic::Ordering::SeqCst);
        self.inner.embed(texts).await
    }
}

#[tokio::test]
async fn a_run_whose_process_died_is_done_again_and_finds_what_was_saved() {
    let (site, world) = (small_site().await, World::new().await);
    let source = world.source(&format!("http://{}/", site.address)).await;
    let stuck = Arc::new(Stuck::after(2, world.embedder.clone()));
    let dying = domain_with(&world.test_database, stuck.clone());
    let job = knowledge::start_own_crawl(&dying, &world.principal, source).await.unwrap();
    let principal = world.principal.clone();
    let crawling = tokio::spawn(async move { knowledge::crawl_now(&dying, &principal, job, |_| {}).await });
    stuck.stuck.notified().await;
    crawling.abort();
    assert!(crawling.await.unwrap_err().is_cancelled());

    assert_eq!(world.pages().await.len(), 2, "whole pages were saved, and nothing of the third");
    assert_eq!(world.count("select count(*) from page_chunks").await, 4);
    assert!(!knowledge::try_run_one(&world.domain).await.unwrap(), "it may still be alive");

    sqlx::query("update content_refresh_jobs set heartbeat_at = now() - interval '2 minutes'")
        .execute(&world.owner)
        .await
        .unwrap();
    world.embedder.take_count();
    assert!(knowledge::try_run_one(&world.domain).await.unwrap());
    let progress = knowledge::progress(&world.domain, &world.principal, job).await.unwrap();
    assert_eq!((progress.status, progress.pages_fetched, progress.pages_changed), (JobStatus::Succeeded, 4, 2));
    assert_eq!(world.embedder.take_count(), 4, "what was saved is not embedded again");
    assert_eq!(world.count("select count(*) from page_embeddings").await, 8);
}

#[tokio::test]
async fn a_run_that_ends_its_process_each_time_is_given_up() {
    let (site, world) = (small_site().await, World::new().await);
    let source = world.source(&format!("http://{}/", site.address)).await;
    let job = knowledge::start_own_crawl(&world.domain, &world.principal, source).await.unwrap();
    sqlx::query("update content_refresh_jobs set attempts = 5").execute(&world.owner).await.unwrap();
    assert!(knowledge::try_run_one(&world.domain).await.unwrap());
    let progress = knowledge::progress(&world.domain, &world.principal, job).await.unwrap();
    assert_eq!((progress.status, progress.error_code), (JobStatus::Failed, Some(RunFailure::GaveUp)));
    assert!(progress.error.unwrap().contains("5 times"));
    assert!(!knowledge::try_run_one(&world.domain).await.unwrap());
}

#[tokio::test]
async fn asking_twice_gives_one_run() {
    let (site, world) = (small_site().await, World::new().await);
    let source = world.source(&format!("http://{}/", site.address)).await;
    let first = knowledge::start_crawl(&world.domain, &world.principal, source).await.unwrap();
    let second = knowledge::start_crawl(&world.domain, &world.principal, source).await.unwrap();
    assert_eq!(first, second);
    assert_eq!(world.count("select count(*) from content_refresh_jobs").await, 1);
}

#[tokio::test]
async fn a_cancelled_run_stops_and_keeps_what_it_has() {
    let (site, world) = (small_site().await, World::new().await);
    let source = world.source(&format!("http://{}/", site.address)).await;
    let job = knowledge::start_own_crawl(&world.domain, &world.principal, source).await.unwrap();
    knowledge::cancel(&world.domain, &world.principal, job).await.unwrap();
    assert!(!knowledge::try_run_one(&world.domain).await.unwrap(), "a cancelled run is not begun");
    let progress = knowledge::progress(&world.domain, &world.principal, job).await.unwrap();
    assert_eq!(progress.status, JobStatus::Cancelled);
    assert_eq!(world.crawl(source).await.status, JobStatus::Succeeded, "the next run is another one");
}

#[tokio::test]
async fn a_worker_does_what_waits_and_puts_back_what_it_cannot_finish() {
    let (site, world) = (small_site().await, World::new().await);
    let source = world.source(&format!("http://{}/", site.address)).await;
    let stuck = Arc::new(Stuck::after(1, world.embedder.clone()));
    let job = knowledge::start_own_crawl(&world.domain, &world.principal, source).await.unwrap();
    let shutdown = stuck.clone();
    knowledge::run_worker(domain_with(&world.test_database, stuck), async move { shutdown.stuck.notified().await })
        .await;
    let status = async || knowledge::progress(&world.domain, &world.principal, job).await.unwrap().status;
    assert_eq!(status().await, JobStatus::Queued, "at once for the next worker, without waiting for a silence");

    let stop = Arc::new(Notify::new());
    let stopped = stop.clone();
    let worker = tokio::spawn(knowledge::run_worker(world.domain.clone(), async move { stopped.notified().await }));
    let deadline = Instant::now() + Duration::from_secs(30);
    while status().await != JobStatus::Succeeded {
        assert!(Instant::now() < deadline, "the worker does nothing");
        tokio::task::yield_now().await;
    }
    stop.notify_one();
    worker.await.unwrap();
}
