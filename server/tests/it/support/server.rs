use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

use axum::Router;
use omniops_domain::{Domain, Services, Settings};
use omniops_postgres::{Database, DatabaseOptions};
use omniops_server::Application;
use omniops_server::application::Listeners;
use omniops_server::config::Config;
use omniops_vault::{MasterKey, Vault};
use tokio::runtime::Runtime;

use super::doubles::{Echo, FixedEmbedder};

/// A server in a runtime of its own, so that it can die as a process does: in the middle of everything.
pub struct ServerProcess {
    runtime: Option<Runtime>,
    base: String,
    paths: BTreeSet<String>,
}

impl ServerProcess {
    /// Starts on a free port, with these variables over the test's own.
    pub async fn start(database_url: String, variables: &[(&str, &str)]) -> Self {
        let variables: Vec<(String, String)> =
            variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        tokio::task::spawn_blocking(move || Self::start_blocking(&database_url, &variables)).await.unwrap()
    }

    fn start_blocking(database_url: &str, variables: &[(String, String)]) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let (base, paths) = runtime.block_on(async {
            let off = [
                "OMNIOPS_LIMIT_CHAT_PER_SESSION",
                "OMNIOPS_LIMIT_CHAT_PER_IP",
                "OMNIOPS_LIMIT_WIDGET_PER_IP",
                "OMNIOPS_LIMIT_PAGES_PER_IP",
                "OMNIOPS_LIMIT_API_PER_IP",
                "OMNIOPS_LIMIT_API_PER_KEY",
            ];
            let own = [("OMNIOPS_ADDR", "127.0.0.1:0")].into_iter().chain(off.map(|name| (name, "0")));
            let variables = variables.iter().map(|(name, value)| (name.as_str(), value.as_str()));
            let config = Config::from_variables(own.chain(variables)).unwrap();
            let listeners = Listeners::bind(&config).await.unwrap();
            let base = format!("http://{}", listeners.addr().unwrap());
            let domain = domain_on(database_url, &base).await;
            let application = Application::new(config, listeners, domain, Router::new()).unwrap();
            let paths = paths_of(&application);
            tokio::spawn(application.serve(std::future::pending()));
            (base, paths)
        });
        Self { runtime: Some(runtime), base, paths }
    }

    /// `http://127.0.0.1:port`
    pub fn base(&self) -> &str {
        &self.base
    }

    /// The patterns of all routes, `{*}` for the rest of a folder of files.
    pub fn paths(&self) -> &BTreeSet<String> {
        &self.paths
    }
}

/// A router tells its routes nowhere but in its `Debug`: `RouteId(7): "/api/chat"`.
fn paths_of(application: &Application) -> BTreeSet<String> {
    let text = format!("{application:?}");
    let entries = text.split("RouteId(").filter_map(|entry| entry.split_once("): \"")?.1.split('"').next());
    entries
        .map(|path| path.split_once("{*").map_or_else(|| path.to_owned(), |(folder, _)| format!("{folder}{{*}}")))
        .collect()
}

/// What a server has, for setting the scene beside it.
/// What one process of a test keeps, another can read.
static VAULT: LazyLock<Arc<Vault>> = LazyLock::new(|| Arc::new(Vault::new(MasterKey::generate().unwrap(), [])));

pub async fn domain_on(database_url: &str, public_url: &str) -> Domain {
    let database = Database::connect(&DatabaseOptions::new(database_url)).await.unwrap();
    // Where the stubs of tests listen.
    let allow_private_hosts = vec!["127.0.0.1".to_owned()];
    let settings = Settings { public_url: public_url.to_owned(), allow_private_hosts, ..Settings::default() };
    let services = Services::new(Arc::new(FixedEmbedder::default()), Arc::new(Echo));
    Domain::new(database, Services { vault: Arc::clone(&VAULT), ..services }, settings)
}

impl Drop for ServerProcess {
    /// No drain, no farewell: every task and socket is gone.
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
