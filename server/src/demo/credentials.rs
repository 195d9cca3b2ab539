//! Who logs in to the demo: as configured, else a random password that stays the same from start to start.

use std::fs;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;

use anyhow::Context;
use omniops_domain::demo::DemoAccess;
use secrecy::SecretString;
use uuid::Uuid;

use crate::config::Config;

const DEFAULT_EMAIL: &str = "owner@fjellfern.example";
const FILE: &str = "demo-password";

pub(super) fn load_or_make(config: &Config) -> anyhow::Result<DemoAccess> {
    let owner_email = config.demo.email.clone().unwrap_or_else(|| DEFAULT_EMAIL.to_owned());
    let password = match &config.demo.password {
        Some(password) => password.clone(),
        None => remembered(config)?,
    };
    Ok(DemoAccess { owner_email, password })
}

/// The password in the data directory, made there when it is missing. Only its owner may read it.
fn remembered(config: &Config) -> anyhow::Result<SecretString> {
    let path = config.database.data_dir.join(FILE);
    match fs::read_to_string(&path) {
        Ok(text) if !text.trim().is_empty() => return Ok(SecretString::from(text.trim().to_owned())),
        Ok(_) => fs::remove_file(&path).with_context(|| format!("cannot replace the empty {}", path.display()))?,
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
    // 74 random bits of a version-4 UUID: short enough to type, long enough for loopback.
    let random = Uuid::new_v4().simple().to_string();
    let password: String = random.chars().take(20).collect();
    fs::create_dir_all(&config.database.data_dir)?;
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&path)
        .with_context(|| format!("cannot write {}", path.display()))?;
    writeln!(file, "{password}")?;
    Ok(SecretString::from(password))
}
