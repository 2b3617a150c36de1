//! The file of anchors: one JSON object in each line, only ever appended to.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use domain::audit::Anchor;
use serde::Deserialize;

/// How an anchor begins, in the file and in a message of syslog.
const BEGINNING: &str = "{\"sequence\":";

/// What a file of anchors holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AnchorFile {
    /// The anchors, in the order of the file.
    pub anchors: Vec<Anchor>,
    /// The numbers of lines, from 1, that hold part of an anchor: torn off by a crash, or edited.
    pub unreadable_lines: Vec<usize>,
}

/// Reads a file of anchors: ours, or a log of syslog's among whose lines are anchors. A missing
/// file holds none.
///
/// # Errors
/// When it cannot be read.
pub async fn read(path: PathBuf) -> io::Result<AnchorFile> {
    blocking(move || match std::fs::read(path) {
        Ok(bytes) => Ok(parse(&String::from_utf8_lossy(&bytes))),
        Err(missing) if missing.kind() == io::ErrorKind::NotFound => Ok(AnchorFile::default()),
        Err(other) => Err(other),
    })
    .await
}

/// Appends an anchor; when this returns it is on the disk.
pub(super) async fn append(path: PathBuf, anchor: Anchor) -> io::Result<()> {
    blocking(move || append_line(&path, &serde_json::to_string(&anchor)?)).await
}

async fn blocking<T: Send + 'static>(
    task: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    tokio::task::spawn_blocking(task)
        .await
        .map_err(io::Error::other)?
}

fn parse(text: &str) -> AnchorFile {
    let mut read = AnchorFile::default();
    for (line, number) in text.lines().zip(1..) {
        let Some(start) = line.find(BEGINNING) else {
            continue;
        };
        let (_before, json) = line.split_at_checked(start).unwrap_or_default();
        // Syslog may put something after its message.
        match Anchor::deserialize(&mut serde_json::Deserializer::from_str(json)) {
            Ok(anchor) => read.anchors.push(anchor),
            Err(_malformed) => read.unreadable_lines.push(number),
        }
    }
    read
}

fn append_line(path: &Path, line: &str) -> io::Result<()> {
    let fresh = !path.exists();
    let mut file = open(path)?;
    let mut bytes = Vec::with_capacity(line.len() + 2);
    // A line that a crash tore off stays for itself.
    if !ends_a_line(&mut file)? {
        bytes.push(b'\n');
    }
    bytes.extend_from_slice(line.as_bytes());
    bytes.push(b'\n');
    file.write_all(&bytes)?;
    file.sync_all()?;
    match path.parent() {
        // The file's name has to last as well.
        Some(folder) if fresh => File::open(folder)?.sync_all(),
        _ => Ok(()),
    }
}

fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn ends_a_line(file: &mut File) -> io::Result<bool> {
    if file.metadata()?.len() == 0 {
        return Ok(true);
    }
    let mut last = [0_u8; 1];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok(last == *b"\n")
}

#[cfg(test)]
mod tests {
    use domain::audit::{AuditKey, Mac};
    use domain::time::TimestampMs;

    use super::*;

    fn anchor(sequence: i64) -> Anchor {
        AuditKey::new([7; 32]).anchor(sequence, Mac::GENESIS, TimestampMs(9))
    }

    #[tokio::test]
    async fn anchors_come_back_in_their_order_and_a_torn_line_stays_for_itself() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("anchors.jsonl");
        assert_eq!(read(path.clone()).await.unwrap(), AnchorFile::default());
        append(path.clone(), anchor(1)).await.unwrap();
        let mut torn = OpenOptions::new().append(true).open(&path).unwrap();
        torn.write_all(b"{\"sequence\":2,\"mac\":\"00").unwrap();
        append(path.clone(), anchor(3)).await.unwrap();
        append(path.clone(), anchor(4)).await.unwrap();
        let expect = AnchorFile {
            anchors: vec![anchor(1), anchor(3), anchor(4)],
            unreadable_lines: vec![2],
        };
        assert_eq!(read(path).await.unwrap(), expect);
    }

    #[test]
    fn anchors_are_found_among_the_lines_of_a_log() {
        let json = serde_json::to_string(&anchor(5)).unwrap();
        let text = format!("Nov 22 host sshd[1]: hello\n<109>1 - - headgate 1 a - {json} \n\n");
        let expect = AnchorFile {
            anchors: vec![anchor(5)],
            unreadable_lines: Vec::new(),
        };
        assert_eq!(parse(&text), expect);
    }
}
