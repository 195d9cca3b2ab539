//! A value that the parts of a page share and that some of them write while the page is rendered.

use std::sync::{Arc, Mutex, PoisonError};

use leptos::prelude::*;
use leptos::reactive::signal::ArcTrigger;

/// Like an `RwSignal`, with one difference: who reads while another thread writes waits for it.
///
/// The server renders each `Suspense` of a page in a task of its own. A signal's read does not wait there: when another
/// task is just writing, it reports the signal as disposed, and the page never ends. Here a reader copies a pointer
/// under a lock that is held for an instant; a writer changes the value in place unless a reader still has the old one.
///
/// Cheap to copy. After its owner is gone, reads give `None` and writes do nothing.
pub struct Shared<T: 'static>(StoredValue<Inner<T>>);

struct Inner<T> {
    value: Arc<Mutex<Arc<T>>>,
    changed: ArcTrigger,
}

impl<T> Clone for Inner<T> {
    fn clone(&self) -> Self {
        Self { value: Arc::clone(&self.value), changed: self.changed.clone() }
    }
}

impl<T> std::fmt::Debug for Shared<T> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Shared").finish_non_exhaustive()
    }
}

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Shared<T> {}

impl<T: Clone + Send + Sync> Shared<T> {
    pub fn new(value: T) -> Self {
        Self(StoredValue::new(Inner { value: Arc::new(Mutex::new(Arc::new(value))), changed: ArcTrigger::new() }))
    }

    /// Reads, and runs the caller again when the value changes.
    pub fn with<R>(self, read: impl FnOnce(&T) -> R) -> Option<R> {
        let inner = self.0.try_get_value()?;
        inner.changed.track();
        Some(read(&inner.current()))
    }

    pub fn with_untracked<R>(self, read: impl FnOnce(&T) -> R) -> Option<R> {
        Some(read(&self.0.try_get_value()?.current()))
    }

    /// Writes, and runs again who read. Do not read the same value within `write`.
    pub fn update<R>(self, write: impl FnOnce(&mut T) -> R) -> Option<R> {
        let inner = self.0.try_get_value()?;
        let result = write(Arc::make_mut(&mut inner.value.lock().unwrap_or_else(PoisonError::into_inner)));
        inner.changed.notify();
        Some(result)
    }
}

impl<T> Inner<T> {
    fn current(&self) -> Arc<T> {
        Arc::clone(&self.value.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;
    use std::thread;

    use super::*;

    #[test]
    fn a_reader_beside_a_writer_waits_and_reads_a_whole_value() {
        let owner = Owner::new();
        let shared = owner.with(|| Shared::new((0_u32, 0_u32)));
        let start = Barrier::new(3);
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    owner.with(|| {
                        start.wait();
                        for _ in 0..10_000 {
                            shared.update(|(left, right)| {
                                *left += 1;
                                *right += 1;
                            });
                        }
                    });
                });
            }
            scope.spawn(|| {
                owner.with(|| {
                    start.wait();
                    for _ in 0..10_000 {
                        let (left, right) =
                            shared.with_untracked(|value| *value).expect("it is there while its owner is");
                        assert_eq!(left, right);
                    }
                });
            });
        });
        assert_eq!(owner.with(|| shared.with_untracked(|value| *value)), Some((20_000, 20_000)));
    }

    #[test]
    fn after_its_owner_is_gone_nothing_is_read_or_written() {
        let owner = Owner::new();
        let shared = owner.with(|| Shared::new(1));
        owner.cleanup();
        owner.with(|| {
            assert_eq!(shared.update(|value| *value = 2), None);
            assert_eq!(shared.with(|value| *value), None);
        });
    }

    #[test]
    fn who_read_is_told_of_a_change() {
        let owner = Owner::new();
        owner.with(|| {
            let shared = Shared::new(1);
            let double = Memo::new(move |_| shared.with(|value| value * 2));
            assert_eq!(double.get_untracked(), Some(2));
            shared.update(|value| *value = 21);
            assert_eq!(double.get_untracked(), Some(42));
        });
    }
}
