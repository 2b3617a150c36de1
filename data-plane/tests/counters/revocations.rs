//! What is revoked on one node holds on every other when the call returns, and nodes hear of it.

use std::sync::Arc;
use std::time::Duration;

use data_plane::counters::operation::Reserved;
use data_plane::counters::upkeep::Revoke;
use domain::directory::Revision;
use harness::deadline::within;
use harness::redis::Redis as Servers;

use crate::fleet::{Ledger, Node, ORGANIZATION};

#[tokio::test]
async fn a_revocation_holds_everywhere_at_once_and_is_told() {
    for servers in [Servers::one().await, Servers::cluster().await] {
        let ledger = Arc::new(Ledger::default());
        let one = Node::start(servers.url(), 1, &ledger);
        let other = Node::start(servers.url(), 2, &ledger);
        let ask = |node: &Node| {
            let mut ask = node.ask(0, 1);
            ask.holds.clear();
            ask.revocable = ["key_1".into(), "team_1".into()].into();
            ask
        };
        for node in [&one, &other] {
            let admitted = async {
                while node.reserve(&ask(node)).await.is_err() {
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
            };
            within("both are connected", admitted).await;
        }
        let mut news = other.redis.news();
        let revoke = |revision| Revoke {
            organization: ORGANIZATION.into(),
            ids: vec!["team_1".into()],
            revision: Revision(revision),
        };
        one.redis.revoke(&revoke(7)).await.unwrap();
        assert_eq!(other.reserve(&ask(&other)).await, Ok(Reserved::Revoked(1)));
        let told = within("the other node hears of it", news.recv())
            .await
            .unwrap();
        assert_eq!((&*told.organization, told.revision.0), (ORGANIZATION, 7));
        // What is older does not bring it back.
        one.redis.restore(&revoke(6)).await.unwrap();
        assert_eq!(other.reserve(&ask(&other)).await, Ok(Reserved::Revoked(1)));
        one.redis.restore(&revoke(8)).await.unwrap();
        let answer = other.reserve(&ask(&other)).await;
        assert!(matches!(answer, Ok(Reserved::Admitted(_))), "{answer:?}");
    }
}
