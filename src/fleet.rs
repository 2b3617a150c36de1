//! Changes of this process, told to every node of a fleet before the admin side answers; and those of
//! other processes, heard.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use data_plane::counters::redis::Redis;
use data_plane::counters::upkeep::Revoke;
use data_plane::counters::{Away, Counters};
use domain::directory::Revision;
use domain::ids::{DEFAULT_ORGANIZATION, OrganizationId};
use store::Store;
use store::propagation::Commit;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::mpsc::UnboundedReceiver;

/// What could not be told is told again after this.
const RETRY_INTERVAL: Duration = Duration::from_secs(1);

/// So many ids are told in one call.
const AT_ONCE: usize = 1_000;

/// What an object was told last: the revision, and whether it is revoked.
type Last = (Revision, bool);

/// Hears of other processes' changes, for as long as it is polled.
pub async fn hear(counters: Arc<Counters>, store: Arc<Store>) {
    let Counters::Redis(redis) = &*counters else {
        return;
    };
    let mut news = redis.news();
    loop {
        match news.recv().await {
            Ok(news) => store.propagation.heard(news.revision),
            // The follower polls as well.
            Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => return,
        }
    }
}

/// Tells every node of this process's changes, for as long as it is polled. What Redis does not hear
/// now is told again until it does; the nodes follow the store meanwhile.
pub async fn tell(
    counters: Arc<Counters>,
    store: Arc<Store>,
    mut commits: UnboundedReceiver<Commit>,
) {
    let Counters::Redis(redis) = &*counters else {
        return;
    };
    let mut untold = Untold::default();
    loop {
        let commit = if untold.is_empty() {
            commits.recv().await
        } else {
            match tokio::time::timeout(RETRY_INTERVAL, commits.recv()).await {
                Ok(commit) => commit,
                Err(_retry) => {
                    let _still_away = untold.tell(redis).await;
                    continue;
                }
            }
        };
        let Some(commit) = commit else { return };
        untold.add(commit);
        let told = untold.tell(redis).await;
        store.propagation.told(told.is_err());
    }
}

/// What the nodes have not been told yet.
#[derive(Default)]
struct Untold {
    objects: BTreeMap<(OrganizationId, String), Last>,
    newest: Option<Revision>,
}

impl Untold {
    fn is_empty(&self) -> bool {
        self.newest.is_none()
    }

    fn add(&mut self, commit: Commit) {
        self.newest = self.newest.max(Some(commit.revision));
        for one in commit.revocations {
            let last = (commit.revision, one.is_revoked);
            let object = (one.organization_id, one.object_id);
            let known = self.objects.entry(object).or_insert(last);
            *known = last.max(*known);
        }
    }

    async fn tell(&mut self, redis: &Redis) -> Result<(), Away> {
        let Some(newest) = self.newest else {
            return Ok(());
        };
        for (is_revoked, ask) in self.questions() {
            match is_revoked {
                true => redis.revoke(&ask).await?,
                false => redis.restore(&ask).await?,
            }
        }
        // That there is something new, whomever it concerns.
        redis
            .restore(&nothing(DEFAULT_ORGANIZATION, newest))
            .await?;
        *self = Self::default();
        Ok(())
    }

    /// What is to be told, together where it may be.
    fn questions(&self) -> Vec<(bool, Revoke)> {
        let mut together = BTreeMap::<_, Vec<Arc<str>>>::new();
        for ((organization, id), (revision, is_revoked)) in &self.objects {
            let ids = together.entry((organization, *revision, *is_revoked));
            ids.or_default().push(id.as_str().into());
        }
        let questions = together.into_iter();
        let questions = questions.flat_map(|((organization, revision, is_revoked), ids)| {
            let asks = ids.chunks(AT_ONCE).map(|ids| Revoke {
                ids: ids.to_vec(),
                ..nothing(organization.as_str(), revision)
            });
            asks.map(|ask| (is_revoked, ask)).collect::<Vec<_>>()
        });
        questions.collect()
    }
}

fn nothing(organization: &str, revision: Revision) -> Revoke {
    Revoke {
        organization: organization.into(),
        ids: Vec::new(),
        revision,
    }
}
