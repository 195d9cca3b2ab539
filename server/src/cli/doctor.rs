use omniops_embedding::model_dir;
use omniops_postgres::{Finding, UrlKind, Verdict, diagnose};
use tokio::net::TcpListener;

use crate::boot::Store;
use crate::config::{Config, Embeddings, UnknownVariable};
use crate::master_key::{self, Found};

/// Looks at everything, changes nothing, and fails if something is bad.
pub(super) async fn run(config: &Config) -> anyhow::Result<()> {
    let mut bad = 0;
    let mut tell = |finding: &Finding| {
        let mark = match finding.verdict {
            Verdict::Good => "ok      ",
            Verdict::Doubtful => "doubtful",
            Verdict::Bad => {
                bad += 1;
                "BAD     "
            }
        };
        println!("{mark}  {:<24} {}", finding.check, finding.found);
        if let Some(next_step) = &finding.next_step {
            println!("{:>36}next step: {next_step}", "");
        }
    };
    settings(config).iter().for_each(&mut tell);
    tell(&address(config).await);
    tell(&connections(config));
    tell(&master_key(config));
    tell(&mail(config));
    tell(&model(config));
    tell(&site(config));
    match Store::attach(config).await {
        Ok(store) => {
            diagnose(&store.url(UrlKind::Login)?).await.iter().for_each(&mut tell);
            store.close().await?;
        }
        Err(error) => tell(&finding("database", Verdict::Bad, format!("{error:#}"), None)),
    }
    anyhow::ensure!(bad == 0, "{bad} check(s) failed");
    println!("all that OmniOps needs is there");
    Ok(())
}

fn settings(config: &Config) -> Vec<Finding> {
    let doubtful = |variable: &UnknownVariable| {
        finding("settings", Verdict::Doubtful, variable.to_string(), Some("correct its name, or unset it"))
    };
    let findings: Vec<Finding> = config.unknown.iter().map(doubtful).collect();
    if findings.is_empty() {
        return vec![finding("settings", Verdict::Good, "all that are set are known".to_owned(), None)];
    }
    findings
}

fn master_key(config: &Config) -> Finding {
    const CHECK: &str = "master key";
    match master_key::find(config) {
        Ok(Found::Set(keys)) => match keys.as_slice() {
            [first, older @ ..] if !older.is_empty() => finding(
                CHECK,
                Verdict::Doubtful,
                format!("{} of OMNIOPS_MASTER_KEY, and {} older", first.id(), older.len()),
                Some("once `omniops secrets rotate` found nothing to do, take the older ones away"),
            ),
            keys => {
                let id = keys.first().map(|key| key.id().to_string()).unwrap_or_default();
                finding(CHECK, Verdict::Good, format!("{id} of OMNIOPS_MASTER_KEY"), None)
            }
        },
        Ok(Found::File { path, key }) if master_key::is_open_to_others(&path) => finding(
            CHECK,
            Verdict::Doubtful,
            format!("{} in {}, which others can read", key.id(), path.display()),
            Some("chmod 600 the file"),
        ),
        Ok(Found::File { path, key }) => {
            finding(CHECK, Verdict::Good, format!("{} in {}", key.id(), path.display()), None)
        }
        Ok(Found::NotYet) => finding(CHECK, Verdict::Good, "none yet; the first start makes one".to_owned(), None),
        Ok(Found::Missing { file }) => {
            let next_step = master_key::missing(file.as_deref());
            finding(CHECK, Verdict::Bad, "OMNIOPS_MASTER_KEY is not set".to_owned(), Some(&next_step))
        }
        Err(error) => finding(CHECK, Verdict::Bad, format!("{error:#}"), Some("restore it from where it is kept")),
    }
}

fn mail(config: &Config) -> Finding {
    match &config.mail.smtp {
        Some(smtp) => finding("mail", Verdict::Good, format!("is handed to {smtp}"), None),
        None => finding(
            "mail",
            Verdict::Doubtful,
            "is not configured, so customers cannot prove their address by a code".to_owned(),
            Some("set SMTP_URL"),
        ),
    }
}

async fn address(config: &Config) -> Finding {
    let addr = config.http.addr;
    match TcpListener::bind(addr).await {
        Ok(_) => finding("address", Verdict::Good, format!("{addr} is free"), None),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => finding(
            "address",
            Verdict::Doubtful,
            format!("{addr} is taken"),
            Some("fine if OmniOps is what runs there; else set OMNIOPS_ADDR"),
        ),
        Err(error) => finding("address", Verdict::Bad, format!("{addr}: {error}"), Some("set OMNIOPS_ADDR")),
    }
}

fn connections(config: &Config) -> Finding {
    let wanted = config.http.max_connections;
    let possible = crate::connections::possible(wanted);
    if possible < wanted {
        let found = format!("{possible} at once instead of {wanted}: the process may not open more files");
        return finding("connections", Verdict::Doubtful, found, Some("raise the limit of open files (ulimit -n)"));
    }
    finding("connections", Verdict::Good, format!("up to {possible} at once"), None)
}

fn model(config: &Config) -> Finding {
    match config.knowledge.embeddings {
        Embeddings::OpenAi if config.knowledge.openai_api_key.is_none() => {
            finding("embeddings", Verdict::Bad, "openai, without a key".to_owned(), Some("set OPENAI_API_KEY"))
        }
        Embeddings::OpenAi => finding("embeddings", Verdict::Good, "openai".to_owned(), None),
        Embeddings::Local => {
            let dir = model_dir();
            if dir.join("model.safetensors").is_file() && dir.join("tokenizer.json").is_file() {
                finding("embeddings", Verdict::Good, format!("local model in {}", dir.display()), None)
            } else {
                let found = format!("no model in {}", dir.display());
                finding("embeddings", Verdict::Bad, found, Some("run `make setup`, or set OMNIOPS_TOOLS_DIR"))
            }
        }
    }
}

fn site(config: &Config) -> Finding {
    match crate::site::Site::open(config.http.site_dir.as_deref()) {
        Ok(site) if site.is_built() => finding("browser files", Verdict::Good, site.dir().display().to_string(), None),
        Ok(site) => {
            let found = format!("nothing built in {}", site.dir().display());
            finding("browser files", Verdict::Doubtful, found, Some("run `make build`, or set OMNIOPS_SITE_DIR"))
        }
        Err(error) => finding("browser files", Verdict::Bad, error.to_string(), Some("correct OMNIOPS_SITE_DIR")),
    }
}

fn finding(check: &str, verdict: Verdict, found: String, next_step: Option<&str>) -> Finding {
    Finding { check: check.to_owned(), verdict, found, next_step: next_step.map(str::to_owned) }
}
