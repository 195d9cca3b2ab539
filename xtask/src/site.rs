//! `target/site`: everything that a browser downloads, under names that change with the content.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Instant,
};

use anyhow::{Context, Result};
use serde_json::json;

use crate::{
    browser_package::{DASHBOARD, WIDGET},
    command::{cargo, run},
    compress, fingerprint,
    fingerprint::{Key, unless_fresh},
    layout::{Flavour, Layout},
    loader,
    weight::{self, Load},
};

const LOADER_LIMIT_KB: u64 = 3;
const PANEL_LIMIT_KB: u64 = 55;
const DASHBOARD_LIMIT_KB: u64 = 700;

/// Builds both browser packages and the styles; fails when a release is heavier than it may be.
pub fn build(layout: &Layout, flavour: Flavour) -> Result<()> {
    let started = Instant::now();
    let mut loads = build_widget(layout, flavour)?;
    loads.push(build_dashboard(layout, flavour)?);
    println!("site: {} in {:.1} s", layout.site(flavour).display(), started.elapsed().as_secs_f64());
    match flavour {
        Flavour::Release => weight::check(&loads),
        Flavour::Dev => Ok(()),
    }
}

pub fn build_server(layout: &Layout, flavour: Flavour) -> Result<()> {
    let mut build = cargo(layout);
    build.args(["build", "--package", "omniops-server", "--bin", "omniops"]);
    if flavour == Flavour::Release {
        build.arg("--release");
    }
    run(&mut build)
}

pub fn build_widget(layout: &Layout, flavour: Flavour) -> Result<Vec<Load>> {
    let mut folder = Folder::open(layout.site(flavour).join("widget"), flavour)?;
    let panel = WIDGET.build(layout, flavour)?;
    let glue = folder.add(&panel.glue)?;
    let wasm = folder.add(&panel.wasm)?;
    let loader = folder.add(&loader::build(layout, flavour, &glue.name, &wasm.name)?)?;
    let manifest = json!({ "loader": loader.name, "glue": glue.name, "wasm": wasm.name });
    folder.write_plain("manifest.json", &format!("{manifest:#}\n"))?;
    folder.finish()?;
    Ok(vec![
        Load { name: "widget loader", limit_kb: LOADER_LIMIT_KB, files: vec![loader.path.clone()] },
        Load {
            name: "widget to an open panel",
            limit_kb: PANEL_LIMIT_KB,
            files: vec![loader.path, glue.path, wasm.path],
        },
    ])
}

fn build_dashboard(layout: &Layout, flavour: Flavour) -> Result<Load> {
    let site = layout.site(flavour);
    let mut folder = Folder::open(site.join("pkg"), flavour)?;
    let package = DASHBOARD.build(layout, flavour)?;
    let script = folder.add(&package.glue)?;
    let wasm = folder.add(&package.wasm)?;
    let styles = folder.add(&build_styles(layout)?)?;
    folder.finish()?;
    // Leptos reads this; see the README.
    fs::write(site.join("hash.txt"), format!("js: {}\nwasm: {}\ncss: {}\n", script.hash, wasm.hash, styles.hash))?;
    Ok(Load {
        name: "dashboard first load",
        limit_kb: DASHBOARD_LIMIT_KB,
        files: vec![script.path, wasm.path, styles.path],
    })
}

/// Tailwind over the class names that stand in the sources.
fn build_styles(layout: &Layout) -> Result<PathBuf> {
    let input = layout.root.join("style/main.css");
    let directory = layout.work("styles");
    let output = directory.join("omniops.css");
    let key = Key::default()
        .file(&layout.root.join("package-lock.json"))?
        .tree(&layout.root.join("style"))?
        .tree(&layout.root.join("app/src"))?;
    unless_fresh(&directory.join("key"), key, &[&output], || {
        run(Command::new(layout.npm_program("tailwindcss"))
            .current_dir(&layout.root)
            .arg("--minify")
            .arg("--input")
            .arg(&input)
            .arg("--output")
            .arg(&output))
    })?;
    Ok(output)
}

/// A folder of the site while it is being filled.
struct Folder {
    path: PathBuf,
    flavour: Flavour,
    keep: BTreeSet<String>,
}

/// A file in the site.
struct Asset {
    name: String,
    hash: String,
    path: PathBuf,
}

impl Folder {
    fn open(path: PathBuf, flavour: Flavour) -> Result<Self> {
        fs::create_dir_all(&path).with_context(|| format!("cannot create {}", path.display()))?;
        Ok(Self { path, flavour, keep: BTreeSet::new() })
    }

    /// Puts the file in as `stem.HASH.extension`, compressed beside it when it is a release.
    fn add(&mut self, file: &Path) -> Result<Asset> {
        let bytes = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
        let hash = fingerprint::content_hash(&bytes);
        let stem = file.file_stem().unwrap_or_default().to_string_lossy();
        let extension = file.extension().unwrap_or_default().to_string_lossy();
        let name = format!("{stem}.{hash}.{extension}");
        let path = self.path.join(&name);
        if !path.exists() {
            fs::write(&path, &bytes)?;
        }
        self.keep.insert(name.clone());
        if self.flavour == Flavour::Release {
            compress::beside(&path)?;
            self.keep.extend([format!("{name}.br"), format!("{name}.gz")]);
        }
        Ok(Asset { name, hash, path })
    }

    fn write_plain(&mut self, name: &str, content: &str) -> Result<()> {
        self.keep.insert(name.to_owned());
        Ok(fs::write(self.path.join(name), content)?)
    }

    /// Removes what earlier builds left.
    fn finish(self) -> Result<()> {
        for entry in fs::read_dir(&self.path)? {
            let entry = entry?;
            if !self.keep.contains(entry.file_name().to_string_lossy().as_ref()) {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }
}
