//! Compresses the model catalogue, which is compiled into the library.

use std::error::Error;
use std::io::Write;
use std::path::Path;

use flate2::Compression;
use flate2::write::ZlibEncoder;

const CATALOGUE: &str = "data/model-catalog.json";

fn main() -> Result<(), Box<dyn Error>> {
    let json = std::fs::read(CATALOGUE)?;
    let out = std::env::var("OUT_DIR")?;
    // The size stands in front, so that the reader allocates once.
    let mut packed = u32::try_from(json.len())?.to_le_bytes().to_vec();
    let mut encoder = ZlibEncoder::new(&mut packed, Compression::best());
    encoder.write_all(&json)?;
    encoder.finish()?;
    std::fs::write(Path::new(&out).join("model-catalog.json.zlib"), packed)?;
    // A build script's instructions to Cargo are lines of its output.
    let mut instructions = std::io::stdout();
    writeln!(instructions, "cargo::rerun-if-changed={CATALOGUE}")?;
    writeln!(instructions, "cargo::rerun-if-changed=build.rs")?;
    Ok(())
}
