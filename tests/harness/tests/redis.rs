//! The harness's Redis does what tests need of it.

use harness::redis::{Kind, Redis};

#[tokio::test]
async fn a_killed_server_comes_back_empty_on_its_port() {
    let redis = Redis::one().await;
    redis.says::<()>(0, &["SET", "a", "1"]);
    redis.kill(0).await;
    redis.start(0).await;
    assert_eq!(redis.says::<Option<String>>(0, &["GET", "a"]), None);
}

#[tokio::test]
async fn a_durable_server_loses_nothing_by_a_kill() {
    let redis = Redis::durable().await;
    redis.says::<()>(0, &["SET", "a", "1"]);
    redis.kill(0).await;
    redis.start(0).await;
    assert_eq!(
        redis.says::<Option<String>>(0, &["GET", "a"]).as_deref(),
        Some("1")
    );
}

#[tokio::test]
async fn a_replica_that_is_cut_off_misses_what_was_acknowledged_and_takes_over() {
    let redis = Redis::guarded().await;
    redis.says::<()>(0, &["SET", "before", "1"]);
    redis.says::<i64>(0, &["WAIT", "1", "10000"]);
    redis.cut_replication();
    redis.says::<()>(0, &["SET", "after", "1"]);
    redis.kill(0).await;
    redis.until_primary(1).await;
    assert_eq!(
        redis
            .says::<Option<String>>(1, &["GET", "before"])
            .as_deref(),
        Some("1")
    );
    assert_eq!(redis.says::<Option<String>>(1, &["GET", "after"]), None);
}

#[tokio::test]
async fn a_cluster_has_every_slot() {
    let redis = Redis::cluster().await;
    for index in 0..redis.count() {
        let info = redis.says::<String>(index, &["CLUSTER", "INFO"]);
        assert!(info.contains("cluster_state:ok"), "{info}");
    }
}

#[tokio::test]
async fn it_is_7_or_newer() {
    let redis = Redis::one_of(Kind::Redis).await;
    let info = redis.says::<String>(0, &["INFO", "server"]);
    let version = info
        .lines()
        .find_map(|line| line.strip_prefix("redis_version:"));
    let major: u32 = version.unwrap().split('.').next().unwrap().parse().unwrap();
    assert!(major >= 7, "{version:?}");
}
