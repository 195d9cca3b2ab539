//! What the build made for browsers: the dashboard's script, wasm and styles, and the widget.
//!
//! Names change with content, so browsers keep files for a year. Compressed copies lie beside them and are sent as
//! they are.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Deserialize;

/// The built files.
#[derive(Clone, Debug)]
pub struct Site {
    dir: PathBuf,
    widget: Option<Arc<WidgetFiles>>,
}

#[derive(Debug)]
struct WidgetFiles {
    /// The loader, with its mark still in it.
    loader: String,
}

/// `widget/manifest.json`, as the build writes it.
#[derive(Deserialize)]
struct Manifest {
    loader: String,
}

impl Site {
    /// Opens the directory: the one that was set, else `../site` of the program, else `target/site`.
    ///
    /// One that was set and is not there is an error; without a build pages still render, unstyled.
    pub fn open(set: Option<&Path>) -> anyhow::Result<Self> {
        if let Some(dir) = set {
            anyhow::ensure!(dir.is_dir(), "OMNIOPS_SITE_DIR names {}, which is not a directory", dir.display());
        }
        let beside_program = std::env::current_exe().ok().and_then(|exe| Some(exe.parent()?.parent()?.join("site")));
        let dir = set
            .map(Path::to_owned)
            .or(beside_program.filter(|dir| dir.is_dir()))
            .unwrap_or_else(|| PathBuf::from("target/site"));
        let dir = dir.canonicalize().unwrap_or(dir);
        let widget = read_widget(&dir);
        let this = Self { dir, widget };
        if !this.is_built() {
            tracing::warn!(site = %this.dir.display(), "the browser files are not built; run `make build`");
        }
        Ok(this)
    }

    /// Whether both the dashboard's and the widget's files are there.
    pub fn is_built(&self) -> bool {
        self.widget.is_some() && self.dir.join("pkg").is_dir()
    }

    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The loader's source.
    pub fn loader(&self) -> Option<&str> {
        self.widget.as_ref().map(|widget| widget.loader.as_str())
    }

    /// Where Leptos reads the hashes in the files' names.
    pub fn hash_file(&self) -> PathBuf {
        self.dir.join("hash.txt")
    }
}

fn read_widget(dir: &Path) -> Option<Arc<WidgetFiles>> {
    let folder = dir.join("widget");
    let manifest = std::fs::read_to_string(folder.join("manifest.json")).ok()?;
    let manifest: Manifest = serde_json::from_str(&manifest).ok()?;
    let loader = std::fs::read_to_string(folder.join(manifest.loader)).ok()?;
    Some(Arc::new(WidgetFiles { loader }))
}
