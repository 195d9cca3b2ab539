//! What a visitor has to download, and the limits on it.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::compress::with_suffix;

/// Bytes a KB, as in the limits of the README.
const KB: u64 = 1024;

/// Files that are loaded together, and how much they may weigh with brotli.
#[derive(Debug)]
pub struct Load {
    pub name: &'static str,
    pub limit_kb: u64,
    pub files: Vec<PathBuf>,
}

/// Prints every part of every load; fails when one is above its limit.
pub fn check(loads: &[Load]) -> Result<()> {
    let mut too_heavy = Vec::new();
    for load in loads {
        let mut total = 0;
        for file in &load.files {
            let bytes = brotli_size(file)?;
            total += bytes;
            println!("  {:>9} {}", kilobytes(bytes), file.file_name().unwrap_or_default().to_string_lossy());
        }
        println!("  {:>9} {} (limit {} KB br)", kilobytes(total), load.name, load.limit_kb);
        if total > load.limit_kb * KB {
            too_heavy.push(format!("{} weighs {}, the limit is {} KB", load.name, kilobytes(total), load.limit_kb));
        }
    }
    if !too_heavy.is_empty() {
        bail!("too heavy: {}", too_heavy.join("; "));
    }
    Ok(())
}

fn brotli_size(file: &Path) -> Result<u64> {
    let compressed = with_suffix(file, "br");
    Ok(compressed.metadata().with_context(|| format!("cannot read {}", compressed.display()))?.len())
}

fn kilobytes(bytes: u64) -> String {
    format!("{:.1} KB", bytes as f64 / KB as f64)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn load_of(bytes: u64, name: &str) -> (Load, PathBuf) {
        let file = std::env::temp_dir().join(format!("xtask-weight-{name}-{}", std::process::id()));
        fs::write(with_suffix(&file, "br"), vec![0; usize::try_from(bytes).unwrap()]).unwrap();
        (Load { name: "page", limit_kb: 1, files: vec![file.clone()] }, with_suffix(&file, "br"))
    }

    #[test]
    fn a_load_at_its_limit_passes_and_one_byte_more_fails() {
        let (at_limit, first) = load_of(1024, "at");
        let (above, second) = load_of(1025, "above");

        assert!(check(&[at_limit]).is_ok());
        assert!(check(&[above]).unwrap_err().to_string().contains("page weighs"));

        fs::remove_file(first).unwrap();
        fs::remove_file(second).unwrap();
    }
}
