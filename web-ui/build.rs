//! Compresses what the console is dressed in and names each file by its content, for `src/assets.rs`.

use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest as _, Sha256};

/// Name on the page, file, content type.
const FILES: [(&str, &str, &str); 8] = [
    ("app.css", "static/app.css", "text/css; charset=utf-8"),
    ("app.js", "static/app.js", "text/javascript; charset=utf-8"),
    (
        "htmx.js",
        "vendor/htmx-4.0.1.min.js",
        "text/javascript; charset=utf-8",
    ),
    (
        "hx-sse.js",
        "vendor/htmx-4.0.1-hx-sse.min.js",
        "text/javascript; charset=utf-8",
    ),
    (
        "hx-csp.js",
        "vendor/htmx-4.0.1-hx-csp.min.js",
        "text/javascript; charset=utf-8",
    ),
    ("icons.svg", "vendor/lucide-sprite.svg", "image/svg+xml"),
    ("gate.svg", "static/gate.svg", "image/svg+xml"),
    ("logo.svg", "static/logo.svg", "image/svg+xml"),
];

fn main() -> Result<(), Box<dyn Error>> {
    let root = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR")?);
    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    println!("cargo::rerun-if-changed=build.rs");
    let mut table = String::from("&[\n");
    for (name, file, content_type) in FILES {
        println!("cargo::rerun-if-changed={file}");
        asset(&mut table, (&root.join(file), &out), (name, content_type))?;
    }
    table.push_str("]\n");
    fs::write(out.join("assets.rs"), table)?;
    Ok(())
}

/// Writes one file's compressed forms and its line of the table.
fn asset(
    table: &mut String,
    (file, out): (&Path, &Path),
    (name, content_type): (&str, &str),
) -> Result<(), Box<dyn Error>> {
    let plain = fs::read(file)?;
    let (stem, extension) = name.rsplit_once('.').ok_or("a file has an extension")?;
    let digest = Sha256::digest(&plain);
    let digest: String = digest
        .iter()
        .take(6)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let hashed = format!("{stem}.{digest}.{extension}");
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    gzip.write_all(&plain)?;
    // Beside the table, which names them relative to itself: a folder that is moved or shared stays whole.
    fs::write(out.join(&hashed), &plain)?;
    let (gzipped, brotlied) = (format!("{hashed}.gz"), format!("{hashed}.br"));
    fs::write(out.join(&gzipped), gzip.finish()?)?;
    let mut brotli = Vec::new();
    let params = brotli::enc::BrotliEncoderParams::default();
    brotli::BrotliCompress(&mut plain.as_slice(), &mut brotli, &params)?;
    fs::write(out.join(&brotlied), brotli)?;
    writeln!(
        table,
        "Asset {{ name: {name:?}, hashed: {hashed:?}, content_type: {content_type:?}, \
         plain: include_bytes!({hashed:?}), gzip: include_bytes!({gzipped:?}), \
         brotli: include_bytes!({brotlied:?}) }},"
    )?;
    Ok(())
}
