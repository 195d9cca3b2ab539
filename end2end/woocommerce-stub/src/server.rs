use std::collections::HashSet;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{Method, Response, header};
use axum::serve::{Listener, ListenerExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::server::TlsStream;

use crate::answer::Answer;
use crate::auth::{self, Asked};
use crate::fault::Fault;
use crate::params::Params;
use crate::routes;
use crate::store::Store;

/// A request that came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    pub method: String,
    pub path: String,
    /// As it was written, without the question mark.
    pub query: String,
    pub authorization: Option<String>,
}

/// A running store. It ends when this is dropped.
#[derive(Debug)]
pub struct Stub {
    address: SocketAddr,
    certificate: Option<Vec<u8>>,
    shop: Arc<Shop>,
    task: JoinHandle<()>,
}

#[derive(Debug)]
struct Shop {
    /// `http://127.0.0.1:8099`.
    own_address: String,
    encrypted: bool,
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    store: Store,
    seen: Vec<Seen>,
    nonces: HashSet<String>,
    /// For every request from now on.
    fault: Option<Fault>,
    /// For the next requests, one each.
    next_faults: Vec<Fault>,
}

impl Shop {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Stub {
    /// Opens on a free port of 127.0.0.1, over plain http.
    pub async fn start(store: Store) -> std::io::Result<Self> {
        Self::start_on(store, 0).await
    }

    /// The same on a port of choice.
    pub async fn start_on(store: Store, port: u16) -> std::io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", port)).await?;
        let address = listener.local_addr()?;
        let shop = shop(store, format!("http://{address}"), false);
        let listener = listener.tap_io(|stream| {
            let _ = stream.set_nodelay(true);
        });
        let task = serve(listener, Arc::clone(&shop));
        Ok(Self { address, certificate: None, shop, task })
    }

    /// Opens on a free port of 127.0.0.1, over https, with a certificate of its own.
    pub async fn start_https(store: Store) -> std::io::Result<Self> {
        let own = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned(), "localhost".to_owned()])
            .map_err(std::io::Error::other)?;
        let key = PrivateKeyDer::try_from(own.signing_key.serialize_der()).map_err(std::io::Error::other)?;
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .and_then(|builder| builder.with_no_client_auth().with_single_cert(vec![own.cert.der().clone()], key))
            .map_err(std::io::Error::other)?;
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let shop = shop(store, format!("https://{address}"), true);
        let listener = TlsListener { tcp: listener, tls: TlsAcceptor::from(Arc::new(config)) };
        let task = serve(listener, Arc::clone(&shop));
        Ok(Self { address, certificate: Some(own.cert.der().to_vec()), shop, task })
    }

    /// `http://127.0.0.1:41234`.
    pub fn url(&self) -> String {
        self.shop.own_address.clone()
    }

    pub const fn port(&self) -> u16 {
        self.address.port()
    }

    /// What a client must trust to speak https with it, in DER.
    pub fn certificate(&self) -> Option<&[u8]> {
        self.certificate.as_deref()
    }

    /// Goes wrong from now on, until [`heal`](Self::heal).
    pub fn fail(&self, fault: Fault) {
        self.shop.inner().fault = Some(fault);
    }

    /// Goes wrong once; several wait in line.
    pub fn fail_once(&self, fault: Fault) {
        self.shop.inner().next_faults.push(fault);
    }

    pub fn heal(&self) {
        let mut inner = self.shop.inner();
        inner.fault = None;
        inner.next_faults.clear();
    }

    /// Changes what it holds.
    pub fn change(&self, change: impl FnOnce(Store) -> Store) {
        let mut inner = self.shop.inner();
        let store = std::mem::replace(&mut inner.store, Store::empty());
        inner.store = change(store);
    }

    /// The requests so far.
    pub fn requests(&self) -> Vec<Seen> {
        self.shop.inner().seen.clone()
    }
}

impl Drop for Stub {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn shop(store: Store, own_address: String, encrypted: bool) -> Arc<Shop> {
    let inner = Inner { store, seen: Vec::new(), nonces: HashSet::new(), fault: None, next_faults: Vec::new() };
    Arc::new(Shop { own_address, encrypted, inner: Mutex::new(inner) })
}

fn serve<L>(listener: L, shop: Arc<Shop>) -> JoinHandle<()>
where
    L: Listener,
    L::Addr: std::fmt::Debug,
{
    let router = Router::new().fallback(handle).with_state(shop);
    tokio::spawn(async move {
        // Ends with the task alone.
        let _ = axum::serve(listener, router).await;
    })
}

async fn handle(State(shop): State<Arc<Shop>>, request: Request) -> Response<Body> {
    let (answer, fault) = {
        let mut inner = shop.inner();
        let answer = answer(&shop, &mut inner, &request);
        let next = (!inner.next_faults.is_empty()).then(|| inner.next_faults.remove(0));
        (answer, next.or_else(|| inner.fault.clone()))
    };
    match fault {
        Some(fault) => answer.spoiled(fault).await,
        None => answer.response(),
    }
}

fn answer(shop: &Shop, inner: &mut Inner, request: &Request) -> Answer {
    let path = request.uri().path();
    let query = request.uri().query().unwrap_or_default();
    let authorization = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    inner.seen.push(Seen {
        method: request.method().to_string(),
        path: path.to_owned(),
        query: query.to_owned(),
        authorization: authorization.map(str::to_owned),
    });
    let home = inner.store.home.clone().unwrap_or_else(|| shop.own_address.clone());
    let params = Params::parse(query);
    // WooCommerce looks at keys on its own routes alone.
    let may_read = if path.starts_with("/wp-json/wc/") {
        let address = format!("{home}{path}");
        let asked = Asked {
            method: request.method().as_str(),
            address: &address,
            params: &params,
            authorization,
            encrypted: shop.encrypted,
            now: now() + inner.store.clock_ahead,
        };
        match auth::check(&asked, &mut inner.nonces) {
            Ok(may_read) => may_read,
            Err(refusal) => return Answer::refusal(refusal),
        }
    } else {
        false
    };
    if *request.method() != Method::GET {
        return Answer::refusal(if may_read { "401_read_only_key_write" } else { "404_no_route" });
    }
    routes::answer(&inner.store, &home, path, &params, may_read)
}

/// Seconds since 1970.
fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

struct TlsListener {
    tcp: TcpListener,
    tls: TlsAcceptor,
}

impl Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            let (stream, address) = Listener::accept(&mut self.tcp).await;
            let _ = stream.set_nodelay(true);
            // Whoever fails at the handshake is gone; one after another is enough for a stub.
            if let Ok(stream) = self.tls.accept(stream).await {
                return (stream, address);
            }
        }
    }

    fn local_addr(&self) -> std::io::Result<Self::Addr> {
        self.tcp.local_addr()
    }
}
