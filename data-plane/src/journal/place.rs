//! Where a journal lies, what it may take, and how it stands: what its strands share.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::journal::metrics::JournalMetrics;
use crate::journal::settings::JournalSettings;
use crate::journal::standing::Standing;

/// In the journal's directory: held while a process writes there.
const LOCK: &str = "lock";

/// Written and removed again, to see whether the disk takes something.
const PROBE: &str = "probe.tmp";

/// A disk that takes fewer bytes than this counts as full.
const PROBE_BYTES: usize = 64 << 10;

/// What is no record and was cut off or passed over lies here.
pub const QUARANTINE: &str = "quarantine";

/// Why there is no journal.
#[derive(Debug, Error)]
pub enum JournalFault {
    /// The directory cannot be made, read or written to: exit code 78.
    #[error(
        "cannot write the journal in {directory}: {cause}. Free space or choose another data folder with --data-dir."
    )]
    Unwritable {
        /// Which.
        directory: PathBuf,
        /// Why.
        cause: io::Error,
    },
    /// Another process writes there: exit code 78.
    #[error("another process has the journal in {0}. Give each gateway its own --data-dir.")]
    InUse(PathBuf),
    /// A record was written by a version of the gateway that is more than one ahead: exit code 78.
    #[error("the journal's {segment} cannot be read: {cause}")]
    TooNew {
        /// Which file.
        segment: PathBuf,
        /// Why.
        cause: crate::journal::record::RecordFault,
    },
}

/// What the strands of a journal share.
pub struct Place {
    /// Where it lies.
    pub directory: PathBuf,
    /// What it may take.
    pub settings: JournalSettings,
    /// How it stands.
    pub standing: Standing,
    /// What Prometheus reads of it.
    pub metrics: JournalMetrics,
    /// Held while this lives.
    _lock: File,
}

impl Place {
    /// Makes the directory where it is missing, for its owner alone, and locks it.
    ///
    /// # Errors
    /// When it cannot be written to, or another process has it.
    pub fn open(
        directory: &Path,
        settings: JournalSettings,
        metrics: JournalMetrics,
    ) -> Result<Self, JournalFault> {
        let unwritable = |cause| JournalFault::Unwritable {
            directory: directory.to_owned(),
            cause,
        };
        let quarantine = directory.join(QUARANTINE);
        let mut builder = DirBuilder::new();
        let made = builder.recursive(true).mode(0o700).create(quarantine);
        made.map_err(unwritable)?;
        let lock = private().open(directory.join(LOCK)).map_err(unwritable)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(JournalFault::InUse(directory.to_owned()));
            }
            Err(TryLockError::Error(cause)) => return Err(unwritable(cause)),
        }
        probe(directory).map_err(unwritable)?;
        Ok(Self {
            directory: directory.to_owned(),
            settings,
            standing: Standing::default(),
            metrics,
            _lock: lock,
        })
    }

    /// A segment is finished when it has this many bytes.
    #[must_use]
    pub fn segment_bytes(&self) -> u64 {
        self.settings.segment_bytes
    }
}

fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.create(true).truncate(true).write(true).mode(0o600);
    options
}

/// Sees whether the disk takes something.
///
/// # Errors
/// When it does not.
pub fn probe(directory: &Path) -> io::Result<()> {
    let path = directory.join(PROBE);
    let mut file = private().open(&path)?;
    let written = file
        .write_all(&[0; PROBE_BYTES])
        .and_then(|()| file.sync_all());
    fs::remove_file(&path)?;
    written
}

/// Sees to it that names of files outlive a fall of the machine.
///
/// # Errors
/// When the disk fails.
pub fn sync_directory(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}

/// Puts bytes that are no record aside. The name says where they were; the same bytes are put aside
/// once.
///
/// # Errors
/// When the disk refuses.
pub fn quarantine(directory: &Path, name: &str, bytes: &[u8]) -> io::Result<bool> {
    let path = directory.join(QUARANTINE).join(name);
    if path.exists() {
        return Ok(false);
    }
    let mut file = private().open(&path)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    Ok(true)
}
