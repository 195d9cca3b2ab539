//! The server itself.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpSocket};
use tokio::task::{JoinHandle, JoinSet};

use crate::http;
use crate::received::{Ended, Received};
use crate::reply::Reply;
use crate::script::{Rule, Script, When};
use crate::state::Shared;

/// A running server. Dropping it closes the port and every connection.
#[derive(Debug)]
pub struct StubServer {
    addr: SocketAddr,
    shared: Arc<Shared>,
    accepting: JoinHandle<()>,
}

impl StubServer {
    /// Starts on a free port of 127.0.0.1. Nothing is scripted yet: every request is answered with 500.
    pub async fn start() -> io::Result<Self> {
        Self::start_at((Ipv4Addr::LOCALHOST, 0).into()).await
    }

    /// Starts at this address.
    pub async fn start_at(addr: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind(addr).await?;
        let addr = listener.local_addr()?;
        let shared = Arc::new(Shared::new());
        let accepting = tokio::spawn(accept(listener, Arc::clone(&shared)));
        Ok(Self { addr, shared, accepting })
    }

    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// What a client is given as its base URL: `http://127.0.0.1:<port>/v1`.
    pub fn base_url(&self) -> String {
        format!("http://{}/v1", self.addr)
    }

    /// Closes the port and every connection; `start_at` with the address that it gives brings the provider back.
    pub async fn stop(mut self) -> SocketAddr {
        self.accepting.abort();
        // Resolves once the connections are gone too, because the task holds them.
        let _ = (&mut self.accepting).await;
        self.addr
    }
}

/// What it answers.
impl StubServer {
    /// Makes these replies the queue: one a request, in this order. Rules stay.
    pub fn script(&self, replies: impl IntoIterator<Item = Reply>) {
        self.shared.change(|state| state.playbook.script().queue = replies.into_iter().collect());
    }

    /// Adds a reply at the end of the queue.
    pub fn push(&self, reply: Reply) {
        self.shared.change(|state| state.playbook.script().queue.push_back(reply));
    }

    /// Adds a rule; rules are tried before the queue, the first added first.
    pub fn rule(&self, rule: Rule) {
        self.shared.change(|state| state.playbook.script().rules.push(rule));
    }

    /// Adds a rule that always gives this reply.
    pub fn when(&self, when: When, reply: Reply) {
        self.rule(Rule::always(when, reply));
    }

    /// Scripts the turn that begins with the user saying this: the first reply to the words, the second to the tool results that
    /// follow, and so on. Any number of conversations may say it at once.
    pub fn conversation(&self, user_says: impl Into<String>, replies: impl IntoIterator<Item = Reply>) {
        self.rule(Rule::steps(When::any().user_says(user_says), replies));
    }

    /// Answers with what the function makes of a request, after the rules and before the queue.
    pub fn answer_with(&self, function: impl Fn(&Received) -> Option<Reply> + Send + Sync + 'static) {
        self.shared.change(|state| state.playbook.add_function(Arc::new(function)));
    }

    /// Replaces everything that is scripted.
    pub fn load(&self, script: Script) {
        self.shared.change(|state| state.playbook.replace(script));
    }

    /// Lets only this key in; 401 to every other.
    pub fn require_key(&self, key: impl Into<String>) {
        self.shared.change(|state| state.required_key = Some(key.into()));
    }

    /// What `GET /v1/models` lists.
    pub fn models<S: Into<String>>(&self, models: impl IntoIterator<Item = S>) {
        self.shared.change(|state| state.models = models.into_iter().map(Into::into).collect());
    }

    /// How many scripted replies nobody has asked for yet: those of the queue and of rules in turn.
    pub fn left_over(&self) -> usize {
        self.shared.lock().playbook.left_over()
    }
}

/// What it was asked.
impl StubServer {
    /// The requests for answers so far, oldest first.
    pub fn requests(&self) -> Vec<Received> {
        self.shared.lock().received.iter().filter(|request| request.is_chat()).cloned().collect()
    }

    /// The latest request for an answer.
    pub fn last_request(&self) -> Option<Received> {
        self.shared.lock().received.iter().rfind(|request| request.is_chat()).cloned()
    }

    /// Every request, those for the list of models too.
    pub fn all_requests(&self) -> Vec<Received> {
        self.shared.lock().received.clone()
    }

    /// The requests for which nothing was scripted.
    pub fn unscripted(&self) -> Vec<Received> {
        self.shared.lock().received.iter().filter(|request| request.is_unscripted()).cloned().collect()
    }

    /// Forgets what it was asked; numbers go on.
    pub fn forget(&self) {
        self.shared.change(|state| state.received.clear());
    }

    /// Waits until so many requests for answers have come, 20 s at most, and gives those that have.
    pub async fn received(&self, count: usize) -> Vec<Received> {
        let enough = |requests: &[Received]| requests.iter().filter(|request| request.is_chat()).count() >= count;
        self.shared.wait(|state| enough(&state.received).then_some(())).await;
        self.requests()
    }

    /// Waits until the answer to the request of this number has ended; `None` when it has not within 20 s.
    pub async fn ended(&self, number: u64) -> Option<Ended> {
        self.shared.wait(|state| state.received.iter().find(|request| request.number == number)?.ended).await
    }
}

impl Drop for StubServer {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    let mut number = 0;
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let Ok((stream, _)) = accepted else { continue };
                // Each piece is a packet of its own, as from a provider far away.
                let _ = stream.set_nodelay(true);
                number += 1;
                let shared = Arc::clone(&shared);
                let service = service_fn(move |request| http::answer(Arc::clone(&shared), number, request));
                connections.spawn(async move {
                    // An error is the script breaking the connection, or the client leaving it.
                    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
                });
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

/// A port of 127.0.0.1 that refuses connections for as long as this is held.
#[derive(Debug)]
pub struct ClosedPort {
    addr: SocketAddr,
    // Bound, so that nobody else gets the port, and not listening.
    _socket: TcpSocket,
}

impl ClosedPort {
    pub fn new() -> io::Result<Self> {
        let socket = TcpSocket::new_v4()?;
        socket.bind((Ipv4Addr::LOCALHOST, 0).into())?;
        Ok(Self { addr: socket.local_addr()?, _socket: socket })
    }

    /// As [`StubServer::base_url`].
    pub fn base_url(&self) -> String {
        format!("http://{}/v1", self.addr)
    }
}
