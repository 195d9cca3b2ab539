//! Beginning a transaction so that a caller who leaves in the middle leaves nothing behind.

use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures::FutureExt;
use futures::future::{self, BoxFuture};
use sqlx::postgres::PgPool;
use sqlx::{Postgres, SqlSafeStr, Transaction};
use tokio::runtime::Handle;

type Begun = sqlx::Result<Transaction<'static, Postgres>>;

/// Opens a transaction with `statement` on a connection of the pool.
///
/// A request may be dropped at any await. Until `begin` is answered, sqlx 0.9.0 knows of no transaction to roll back
/// (its issue 4393): dropped there, the connection would go back to the pool inside one, and the next borrower would
/// work in it, with its clock, its role and its locks. So what was begun is always awaited, if need be by a task of
/// its own, and then rolled back as any transaction is that is dropped.
pub(crate) async fn begin(pool: &PgPool, statement: impl SqlSafeStr) -> Begun {
    let connection = pool.acquire().await?;
    let begin = Transaction::begin(connection, Some(statement.into_sql_str()));
    ToTheEnd { begin, is_done: false }.await
}

/// A `begin` under way, which goes on without whoever waits for it.
struct ToTheEnd {
    begin: BoxFuture<'static, Begun>,
    is_done: bool,
}

impl Future for ToTheEnd {
    type Output = Begun;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Begun> {
        let begun = self.begin.poll_unpin(context);
        self.is_done = begun.is_ready();
        begun
    }
}

impl Drop for ToTheEnd {
    fn drop(&mut self) {
        if self.is_done {
            return;
        }
        // Without a runtime the process is ending, and its connections with it.
        if let Ok(runtime) = Handle::try_current() {
            let begin = mem::replace(&mut self.begin, future::pending().boxed());
            runtime.spawn(begin.map(drop));
        }
    }
}
