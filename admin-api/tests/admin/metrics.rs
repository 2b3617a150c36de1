//! What Prometheus reads of an admin side that runs alone.

use domain::permissions::Role;

use crate::setup::{served, served_by};

#[tokio::test]
async fn prometheus_reads_requests_by_route_and_what_is_open_and_no_id() {
    let admin = served().await;
    admin
        .get("/team/info?team_id=a-canary-of-an-id")
        .await
        .refused(404);
    admin
        .get("/api/v1/teams/a-canary-of-an-id")
        .await
        .refused(404);
    admin.get("/a-canary-of-a-path").await;
    let read = async || {
        let answer = reqwest::get(format!("{}/metrics", admin.url))
            .await
            .unwrap();
        assert_eq!(answer.status(), 200);
        let kind = answer.headers()["content-type"]
            .to_str()
            .unwrap()
            .to_owned();
        (kind, answer.text().await.unwrap())
    };
    let (kind, text) = read().await;
    assert!(kind.starts_with("text/plain; version=0.0.4"), "{kind}");
    for line in [
        "# TYPE headgate_admin_requests_total counter",
        "headgate_admin_requests_total{method=\"GET\",route=\"/team/info\",status=\"404\"} 1",
        "headgate_admin_requests_total{method=\"GET\",route=\"/api/v1/teams/{team_id}\",status=\"404\"} 1",
        "headgate_admin_requests_total{method=\"GET\",route=\"other\",status=\"404\"} 1",
        "headgate_admin_request_duration_seconds_count{route=\"/team/info\"} 1",
        "headgate_admin_requests_in_flight 1",
        "headgate_admin_sessions 0",
        "headgate_admin_live_streams 0",
        "headgate_admin_store_up 1",
        "headgate_admin_store_connections{state=\"most\"} 4",
    ] {
        assert!(
            text.contains(&format!("{line}\n")),
            "{line} is not in\n{text}"
        );
    }
    assert!(!text.contains("canary"), "{text}");
    let (_kind, again) = read().await;
    assert!(
        again.contains("route=\"/metrics\",status=\"200\"} 1\n"),
        "{again}"
    );
}

#[tokio::test]
async fn metrics_that_need_a_key_need_one_that_sees_the_platform() {
    let admin = served_by(|settings| settings.metrics_need_key = true).await;
    let acme = admin.organization("acme").await;
    let head = admin
        .person(None, Some((Role::OrganizationAdmin, &acme, None)))
        .await;
    let key = admin.key_of(&head, &acme).await;
    let answer = reqwest::get(format!("{}/metrics", admin.url))
        .await
        .unwrap();
    assert_eq!(answer.status(), 401);
    admin.ask(&key, "GET", "/metrics", None).await.refused(403);
    assert_eq!(admin.get("/metrics").await.status, 200);
}
