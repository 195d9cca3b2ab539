//! The tasks of one page take turns; different pages are rendered side by side.
//!
//! Leptos spawns a task for each part of a page that waits, and the parts share signals, Leptos' own among them. A read
//! of a signal does not wait for a writer on another thread: it reports the signal as disposed and panics, and the part
//! is never shown. So whatever belongs to one request is polled by one thread at a time.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use any_spawner::{CustomExecutor, Executor, PinnedFuture, PinnedLocalFuture};
use axum::body::{Body, Bytes, HttpBody};
use axum::response::Response;
use hyper::body::{Frame, SizeHint};

tokio::task_local! {
    /// Of the request that is polled.
    static TURN: Turn;
}

#[derive(Clone, Debug, Default)]
struct Turn(Arc<Mutex<Queue>>);

#[derive(Debug, Default)]
struct Queue {
    is_taken: bool,
    waiting: Vec<Waker>,
}

impl Turn {
    /// Polls, or is woken when it may: the thread that would have to wait has other pages to render.
    fn poll<T>(&self, context: &mut Context<'_>, poll: impl FnOnce(&mut Context<'_>) -> Poll<T>) -> Poll<T> {
        let Some(_taken) = self.take(context) else { return Poll::Pending };
        TURN.sync_scope(self.clone(), || poll(context))
    }

    fn take(&self, context: &Context<'_>) -> Option<Taken<'_>> {
        let mut queue = self.queue();
        if queue.is_taken {
            queue.waiting.push(context.waker().clone());
            return None;
        }
        queue.is_taken = true;
        Some(Taken(self))
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Gives the turn back, also when what was polled panicked.
struct Taken<'a>(&'a Turn);

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        let waiting = {
            let mut queue = self.0.queue();
            queue.is_taken = false;
            std::mem::take(&mut queue.waiting)
        };
        waiting.into_iter().for_each(Waker::wake);
    }
}

/// Lets Leptos spawn through us. To be called before Leptos is used for the first time, which would choose for itself;
/// a second call changes nothing.
pub fn install() {
    let _ = Executor::init_custom_executor(Spawner);
}

/// Renders a page, up to the last byte of its body, with its tasks in turns.
pub async fn render(page: impl Future<Output = Response>) -> Response {
    let turn = Turn::default();
    let response = InTurn { turn: turn.clone(), of: Box::pin(page) }.await;
    response.map(|body| Body::new(InTurn { turn, of: body }))
}

struct Spawner;

impl CustomExecutor for Spawner {
    fn spawn(&self, task: PinnedFuture<()>) {
        match TURN.try_with(Turn::clone) {
            Ok(turn) => drop(tokio::spawn(InTurn { turn, of: task })),
            Err(_) => drop(tokio::spawn(task)),
        }
    }

    fn spawn_local(&self, task: PinnedLocalFuture<()>) {
        drop(tokio::task::spawn_local(task));
    }

    /// The runtime polls by itself.
    fn poll_local(&self) {}
}

/// A future or a body that is polled only in its request's turn.
struct InTurn<T> {
    turn: Turn,
    of: T,
}

impl<F: Future + Unpin> Future for InTurn<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let Self { turn, of } = &mut *self;
        turn.poll(context, |context| Pin::new(of).poll(context))
    }
}

impl HttpBody for InTurn<Body> {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let Self { turn, of } = &mut *self;
        turn.poll(context, |context| Pin::new(of).poll_frame(context))
    }

    fn is_end_stream(&self) -> bool {
        self.of.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.of.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
    use std::time::Duration;

    use super::*;

    /// Finds out whether two threads are in a part of the same page at once.
    #[derive(Clone, Default)]
    struct Alone {
        busy: Arc<AtomicBool>,
        polls: Arc<AtomicUsize>,
    }

    impl Alone {
        fn work(&self) {
            assert!(!self.busy.swap(true, Ordering::SeqCst), "two threads render one page");
            std::thread::sleep(Duration::from_micros(200));
            self.busy.store(false, Ordering::SeqCst);
            self.polls.fetch_add(1, Ordering::SeqCst);
        }

        /// A part that spawns a part, and so on.
        fn part(self, deeper: usize) -> PinnedFuture<()> {
            Box::pin(async move {
                for _ in 0..20 {
                    self.work();
                    tokio::task::yield_now().await;
                }
                if deeper > 0 {
                    Spawner.spawn(self.part(deeper - 1));
                }
            })
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn parts_of_a_page_never_run_at_the_same_time() {
        let alone = Alone::default();
        let parts = alone.clone();
        let page = Box::pin(async move {
            for _ in 0..4 {
                Spawner.spawn(parts.clone().part(2));
            }
            parts.part(0).await;
        });
        InTurn { turn: Turn::default(), of: page }.await;
        let all = async {
            while alone.polls.load(Ordering::SeqCst) < (4 * 3 + 1) * 20 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), all).await.unwrap();
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn pages_do_not_wait_for_each_other() {
        let (first, second) = (Turn::default(), Turn::default());
        let taken = first.take(&Context::from_waker(Waker::noop()));
        InTurn { turn: second, of: Box::pin(std::future::ready(())) }.await;
        drop(taken);
    }

    #[tokio::test]
    async fn a_part_that_panics_does_not_stop_the_others() {
        let turn = Turn::default();
        let broken = InTurn { turn: turn.clone(), of: Box::pin(async { panic!("a part is broken") }) };
        assert!(tokio::spawn(broken).await.is_err());
        InTurn { turn, of: Box::pin(std::future::ready(())) }.await;
    }
}
