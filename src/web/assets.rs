//! The pages' styles, scripts and icons. Their address holds a digest of them all, so that a browser may keep them for
//! ever and never shows an old one.

use std::sync::OnceLock;

use rust_embed::{EmbeddedFile, RustEmbed};

#[derive(RustEmbed)]
#[folder = "src/web/assets"]
struct Assets;

/// One file, with the type it is served as.
#[derive(Debug)]
pub struct Asset {
    /// What it holds.
    pub bytes: Vec<u8>,
    /// Its media type.
    pub media_type: &'static str,
}

/// The folder the assets are served under, such as `/assets/0f3c…`.
pub fn prefix() -> &'static str {
    static PREFIX: OnceLock<String> = OnceLock::new();
    PREFIX.get_or_init(|| {
        let files = Assets::iter().filter_map(|name| Assets::get(&name));
        // FNV-1a over the files' own digests: a name for this set of files, no safeguard.
        let digest = files
            .flat_map(|file| file.metadata.sha256_hash())
            .fold(0xcbf2_9ce4_8422_2325_u64, |sum, byte| (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        format!("/assets/{digest:016x}")
    })
}

/// The file of that name, such as `style.css`.
pub fn asset(name: &str) -> Option<Asset> {
    let EmbeddedFile { data, .. } = Assets::get(name)?;
    let media_type = match name.rsplit_once('.')?.1 {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        _ => return None,
    };
    Some(Asset { bytes: data.into_owned(), media_type })
}
