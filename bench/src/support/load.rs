//! Load on a server, and two servers under the same load in turn.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use tokio::task::JoinSet;

use super::http::{Connection, Request};
use super::stats::{Sorted, median};

const CONNECTIONS: usize = 32;
const WARM_UP: Duration = Duration::from_secs(2);
const ROUND: Duration = Duration::from_secs(2);
const ROUNDS: usize = 7;

/// A request and the server that answers it.
#[derive(Clone, Debug)]
pub struct Endpoint {
    pub addr: SocketAddr,
    pub request: Request,
}

/// What a server did under load.
#[derive(Debug)]
pub struct Throughput {
    pub per_second: f64,
    pub milliseconds: Sorted,
}

/// Subject beside baseline.
#[derive(Debug)]
pub struct Comparison {
    /// The median of the rounds' ratios.
    pub ratio: f64,
    pub subject_per_second: f64,
    pub baseline_per_second: f64,
    pub subject_p95_ms: f64,
}

/// Warms both up, then measures them by turns, so that what else the machine does falls on both.
pub async fn compare(subject: &Endpoint, baseline: &Endpoint) -> Result<Comparison> {
    for endpoint in [baseline, subject] {
        run(endpoint, WARM_UP).await?;
    }
    let mut rounds = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        let baseline = run(baseline, ROUND).await?;
        let subject = run(subject, ROUND).await?;
        rounds.push((subject, baseline));
    }
    Ok(Comparison {
        ratio: median(rounds.iter().map(|(subject, baseline)| subject.per_second / baseline.per_second)),
        subject_per_second: median(rounds.iter().map(|(subject, _)| subject.per_second)),
        baseline_per_second: median(rounds.iter().map(|(_, baseline)| baseline.per_second)),
        subject_p95_ms: median(rounds.iter().map(|(subject, _)| subject.milliseconds.percentile(95))),
    })
}

/// A closed loop: each connection sends its next request when it has the reply to the last.
pub async fn run(endpoint: &Endpoint, duration: Duration) -> Result<Throughput> {
    let begun = Instant::now();
    let mut clients = JoinSet::new();
    for _ in 0..CONNECTIONS {
        let Endpoint { addr, request } = endpoint.clone();
        clients.spawn(async move {
            let mut connection = Connection::open(addr).await?;
            let mut milliseconds = Vec::new();
            while begun.elapsed() < duration {
                let sent = Instant::now();
                let reply = connection.send(&request).await?;
                ensure!(reply.status == 200, "status {} instead of 200", reply.status);
                milliseconds.push(sent.elapsed().as_secs_f64() * 1_000.0);
            }
            anyhow::Ok(milliseconds)
        });
    }
    let mut milliseconds = Vec::new();
    while let Some(client) = clients.join_next().await {
        milliseconds.extend(client??);
    }
    let per_second = milliseconds.len() as f64 / begun.elapsed().as_secs_f64();
    Ok(Throughput { per_second, milliseconds: Sorted::new(milliseconds) })
}
