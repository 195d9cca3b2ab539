//! Pre-compressed copies beside the files that are served, so that the server never compresses the same bytes twice.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use flate2::{Compression, write::GzEncoder};

const BROTLI_QUALITY: u32 = 11;
const BROTLI_WINDOW_BITS: u32 = 24;

/// Writes `FILE.br` and `FILE.gz` beside the file, unless they are there: names carry the hash of the content.
pub fn beside(file: &Path) -> Result<()> {
    let bytes = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let (brotli_file, gzip_file) = (with_suffix(file, "br"), with_suffix(file, "gz"));
    if !brotli_file.exists() {
        fs::write(&brotli_file, brotli(&bytes)?)?;
    }
    if !gzip_file.exists() {
        fs::write(&gzip_file, gzip(&bytes)?)?;
    }
    Ok(())
}

pub fn with_suffix(file: &Path, suffix: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".");
    name.push(suffix);
    PathBuf::from(name)
}

fn brotli(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut compressed = Vec::new();
    let mut writer = brotli::CompressorWriter::new(&mut compressed, 1 << 16, BROTLI_QUALITY, BROTLI_WINDOW_BITS);
    writer.write_all(bytes)?;
    writer.flush()?;
    drop(writer);
    Ok(compressed)
}

fn gzip(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut writer = GzEncoder::new(Vec::new(), Compression::best());
    writer.write_all(bytes)?;
    Ok(writer.finish()?)
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn both_forms_unpack_to_the_original() {
        let original = "the same words, the same words, ".repeat(200).into_bytes();

        let mut from_brotli = Vec::new();
        brotli::Decompressor::new(brotli(&original).unwrap().as_slice(), 4096).read_to_end(&mut from_brotli).unwrap();
        let mut from_gzip = Vec::new();
        flate2::read::GzDecoder::new(gzip(&original).unwrap().as_slice()).read_to_end(&mut from_gzip).unwrap();

        assert_eq!(from_brotli, original);
        assert_eq!(from_gzip, original);
    }
}
