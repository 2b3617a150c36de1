//! The snapshot on the node's disk: what a node serves by when it starts and the store does not answer.
//!
//! A file is JSON, compressed, between a line that says what it is and an end that proves it whole
//! (SHA-256 and length). Two generations lie side by side. Provider credentials in it are encrypted
//! as in the store; keys are hashes. Only the owner may read it.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use domain::directory::{Levels, Revision, Snapshot};
use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;
use serde::{Serialize, Serializer};
use sha2::{Digest, Sha256};

use crate::tenants::known::Known;

const NAME: &str = "tenants.snapshot";
const PREVIOUS: &str = "tenants.previous.snapshot";
const UNFINISHED: &str = "tenants.snapshot.tmp";

/// The first bytes; another shape gets another number.
const BEGINNING: &[u8] = b"headgate tenants 1\n";
const DIGEST_BYTES: usize = 32;
const LENGTH_BYTES: usize = 8;

/// The snapshots of one data directory.
#[derive(Clone, Debug)]
pub struct SnapshotFiles {
    directory: PathBuf,
}

impl SnapshotFiles {
    /// Those that lie, or will lie, in this directory.
    #[must_use]
    pub fn in_directory(directory: &Path) -> Self {
        Self {
            directory: directory.to_owned(),
        }
    }

    /// Writes what is known; the file that was there becomes the previous one. A fall of the machine
    /// at any moment leaves one of them whole.
    ///
    /// # Errors
    /// When the directory cannot be written.
    pub fn write(&self, known: &Known) -> io::Result<()> {
        let unfinished = self.directory.join(UNFINISHED);
        unless_missing(fs::remove_file(&unfinished))?;
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&unfinished)?;
        write_whole(&file, known)?;
        file.sync_all()?;
        let present = self.directory.join(NAME);
        unless_missing(fs::rename(&present, self.directory.join(PREVIOUS)))?;
        fs::rename(&unfinished, &present)?;
        File::open(&self.directory)?.sync_all()
    }

    /// The newest snapshot that is whole. One that is damaged is said and skipped.
    #[must_use]
    pub fn read(&self) -> Option<Snapshot> {
        [NAME, PREVIOUS].iter().find_map(|name| {
            let path = self.directory.join(name);
            match read_whole(&path) {
                Ok(snapshot) => Some(snapshot),
                Err(error) if error.kind() == io::ErrorKind::NotFound => None,
                Err(error) => {
                    tracing::warn!("the snapshot {} is skipped: {error}", path.display());
                    None
                }
            }
        })
    }
}

fn unless_missing(done: io::Result<()>) -> io::Result<()> {
    match done {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        done => done,
    }
}

fn write_whole(file: &File, known: &Known) -> io::Result<()> {
    let mut out = BufWriter::new(file);
    out.write_all(BEGINNING)?;
    let sealing = Sealing {
        out,
        digest: Sha256::new(),
        length: 0,
    };
    let mut packed = ZlibEncoder::new(sealing, Compression::fast());
    serde_json::to_writer(&mut packed, &Written::of(known))?;
    let Sealing {
        mut out,
        digest,
        length,
    } = packed.finish()?;
    out.write_all(&digest.finalize())?;
    out.write_all(&length.to_le_bytes())?;
    out.flush()
}

/// Counts and digests what passes.
struct Sealing<W> {
    out: W,
    digest: Sha256,
    length: u64,
}

impl<W: Write> Write for Sealing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.digest.update(bytes.get(..written).unwrap_or(bytes));
        self.length += u64::try_from(written).unwrap_or(u64::MAX);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

fn read_whole(path: &Path) -> io::Result<Snapshot> {
    let damaged = |what: &'static str| io::Error::new(io::ErrorKind::InvalidData, what);
    let mut bytes = Vec::new();
    File::open(path)?.read_to_end(&mut bytes)?;
    let rest = bytes
        .strip_prefix(BEGINNING)
        .ok_or_else(|| damaged("it does not begin as a snapshot of this version"))?;
    let (packed, digest, length) = rest
        .split_last_chunk::<LENGTH_BYTES>()
        .and_then(|(rest, length)| {
            let (packed, digest) = rest.split_last_chunk::<DIGEST_BYTES>()?;
            Some((packed, digest, u64::from_le_bytes(*length)))
        })
        .ok_or_else(|| damaged("it is cut off"))?;
    if u64::try_from(packed.len()).ok() != Some(length) {
        return Err(damaged("it is cut off"));
    }
    if Sha256::digest(packed).as_slice() != digest {
        return Err(damaged("its checksum is wrong"));
    }
    let unpacked = BufReader::new(ZlibDecoder::new(packed));
    Ok(serde_json::from_reader(unpacked)?)
}

/// [`Snapshot`]'s shape, written from what is known without a copy.
#[derive(Serialize)]
struct Written<'a> {
    revision: Revision,
    levels: &'a Levels,
    keys: Keys<'a>,
    complete: bool,
}

struct Keys<'a>(&'a Known);

impl Serialize for Keys<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.keys())
    }
}

impl<'a> Written<'a> {
    fn of(known: &'a Known) -> Self {
        Self {
            revision: known.revision().unwrap_or_default(),
            levels: known.levels(),
            keys: Keys(known),
            complete: known.is_complete(),
        }
    }
}
