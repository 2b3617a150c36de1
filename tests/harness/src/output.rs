//! The lines that a process prints, kept while they come.

use std::sync::{Arc, Mutex};

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// The lines of both standard output and standard error.
#[derive(Clone)]
pub(crate) struct Output {
    lines: Arc<Mutex<Vec<String>>>,
    changes: watch::Sender<usize>,
}

impl Output {
    pub(crate) fn new() -> Self {
        Self {
            lines: Arc::default(),
            changes: watch::Sender::new(0),
        }
    }

    /// Keeps reading in a task of its own.
    pub(crate) fn follow(
        &self,
        reader: impl AsyncRead + Unpin + Send + 'static,
        tasks: &mut JoinSet<()>,
    ) {
        let output = self.clone();
        tasks.spawn(async move {
            let mut lines = BufReader::new(reader).split(b'\n');
            while let Ok(Some(line)) = lines.next_segment().await {
                let line = String::from_utf8_lossy(&line).into_owned();
                output.lines.lock().expect("no reader panics").push(line);
                output.changes.send_modify(|changes| *changes += 1);
            }
        });
    }

    /// Everything so far.
    pub(crate) fn text(&self) -> String {
        self.lines.lock().expect("no reader panics").join("\n")
    }

    /// The lines that are JSON objects.
    pub(crate) fn json_lines(&self) -> Vec<Value> {
        let lines = self.lines.lock().expect("no reader panics");
        let parsed = lines
            .iter()
            .filter_map(|line| serde_json::from_str(line).ok());
        parsed.filter(Value::is_object).collect()
    }

    /// Waits until `find` finds something.
    pub(crate) async fn find<T>(&self, find: impl Fn(&Self) -> Option<T>) -> T {
        let mut changes = self.changes.subscribe();
        loop {
            if let Some(found) = find(self) {
                return found;
            }
            changes.changed().await.expect("this holds a sender");
        }
    }
}
