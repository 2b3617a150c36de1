//! The data folder: made, locked for one process, and what lies in it.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use thiserror::Error;

/// The data folder, locked while this lives.
pub struct DataDir {
    path: PathBuf,
    _lock: File,
}

/// Why there is no data folder.
#[derive(Debug, Error)]
pub enum DataDirFault {
    /// It cannot be made or written to.
    #[error("cannot write to the data folder {path}: {cause}. Choose another with --data-dir.")]
    Unwritable {
        /// Which.
        path: PathBuf,
        /// Why.
        cause: io::Error,
    },
    /// Another gateway runs on it.
    #[error("another gateway uses the data folder {0}. Give each its own with --data-dir.")]
    InUse(PathBuf),
}

impl DataDir {
    /// Makes the folder where it is missing, for its owner alone, and locks it.
    ///
    /// # Errors
    /// When it cannot be written to, or another process has it.
    pub fn open(path: &Path) -> Result<Self, DataDirFault> {
        let unwritable = |cause| DataDirFault::Unwritable {
            path: path.to_owned(),
            cause,
        };
        make(path).map_err(unwritable)?;
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(path.join("lock"))
            .map_err(unwritable)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self {
                path: path.to_owned(),
                _lock: lock,
            }),
            Err(TryLockError::WouldBlock) => Err(DataDirFault::InUse(path.to_owned())),
            Err(TryLockError::Error(cause)) => Err(unwritable(cause)),
        }
    }

    /// The folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The socket between data plane and admin side. Its path has to fit 100 bytes; where the
    /// folder's own is too long, it lies in the temporary folder under a name of its own.
    #[must_use]
    pub fn socket(&self) -> PathBuf {
        let here = self.path.join("admin.sock");
        if here.as_os_str().len() <= 100 {
            return here;
        }
        std::env::temp_dir().join(format!("headgate-{}.sock", std::process::id()))
    }
}

/// Makes the folder where it is missing, for its owner alone.
///
/// # Errors
/// When it cannot be made.
pub fn make(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Writes a file for its owner alone: whole or not at all.
///
/// # Errors
/// When it cannot be written.
pub fn write_private(path: &Path, text: &str) -> io::Result<()> {
    use std::io::Write;
    let beside = path.with_extension("new");
    let mut file = OpenOptions::new()
        .create(true)
        .truncate(true)
        .write(true)
        .mode(0o600)
        .open(&beside)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&beside, path)
}
