//! What nodes tell each other over Redis: which organization has a new revision, and which counters
//! wait for a fence. Nothing depends on it; it makes things quick.

use std::sync::Arc;

use domain::directory::Revision;
use redis::{PushInfo, PushKind, Value};
use tokio::sync::mpsc::UnboundedReceiver;

use super::Inner;

/// An organization has a new revision: poll.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct News {
    /// Whose.
    pub organization: Arc<str>,
    /// Which.
    pub revision: Revision,
}

/// How many may be told before a follower who does not listen misses some.
pub(super) const UNHEARD: usize = 1_024;

enum Told {
    Revision(News),
    Fence(String),
}

impl Inner {
    /// Listens for ever.
    pub(super) async fn listen(self: Arc<Self>, mut pushed: UnboundedReceiver<PushInfo>) {
        while let Some(push) = pushed.recv().await {
            match read(&push) {
                Some(Told::Revision(news)) => {
                    // Nobody has to listen.
                    let _listeners = self.news.send(news);
                }
                Some(Told::Fence(organization)) => {
                    if let Some(organization) = self.known(&organization) {
                        organization.hurry();
                        self.beat_now.notify_one();
                    }
                }
                None => {}
            }
        }
    }
}

fn read(push: &PushInfo) -> Option<Told> {
    if push.kind != PushKind::Message {
        return None;
    }
    let Some(Value::BulkString(payload)) = push.data.last() else {
        return None;
    };
    let payload = std::str::from_utf8(payload).ok()?;
    if let Some(organization) = payload.strip_prefix("fence ") {
        return Some(Told::Fence(organization.to_owned()));
    }
    let (revision, organization) = payload.strip_prefix("revision ")?.split_once(' ')?;
    Some(Told::Revision(News {
        organization: organization.into(),
        revision: Revision(revision.parse().ok()?),
    }))
}

#[cfg(test)]
mod tests {
    use super::{Told, read};
    use redis::{PushInfo, PushKind, Value};

    fn message(payload: &str) -> PushInfo {
        PushInfo {
            kind: PushKind::Message,
            data: vec![
                Value::BulkString(b"h1:news".to_vec()),
                Value::BulkString(payload.into()),
            ],
        }
    }

    #[test]
    fn messages_of_other_layouts_are_left_alone() {
        for payload in ["", "revision", "revision x org", "revision 1", "more 1 org"] {
            assert!(read(&message(payload)).is_none(), "{payload}");
        }
        let read = read(&message("revision 7 org_1"));
        assert!(matches!(read, Some(Told::Revision(news)) if news.revision.0 == 7));
    }
}
