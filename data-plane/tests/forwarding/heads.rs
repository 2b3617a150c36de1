//! What the admin side sees of a request's head, and the caller of the answer's.

use data_plane::settings::Settings;
use http::Method;

use crate::admin::Admin;
use crate::setup::{DataPlane, call, seen, settings};

const PATHS: [&str; 30] = [
    "/ui",
    "/ui/",
    "/ui/keys",
    "/api/v1/keys",
    "/key/generate",
    "/v2/key/info",
    "/team/new",
    "/v2/team/list",
    "/user/info",
    "/v2/user/info",
    "/organization/list",
    "/v2/organization/list",
    "/customer/info",
    "/end_user/info",
    "/budget/list",
    "/tag/list",
    "/project/list",
    "/model/info",
    "/model_group/info",
    "/v1/model/info",
    "/v2/model/info",
    "/credentials",
    "/spend/logs",
    "/global/spend",
    "/invitation/new",
    "/login",
    "/logout",
    "/sso/callback",
    "/health",
    "/credentials/by_name/a%2Fb",
];

#[tokio::test]
async fn every_management_path_arrives_as_it_came_and_without_a_key() {
    let plane = DataPlane::start();
    let _admin = Admin::listen(&plane.socket);
    let caller = plane.anonymous();
    for path in PATHS {
        for method in [Method::GET, Method::POST, Method::DELETE, Method::PATCH] {
            let target = format!("{path}?a=%20b&a=/c?d");
            let reply = call(&caller, method.clone(), &target).await;
            assert_eq!(reply.status, 200, "{method} {path}: {}", reply.text());
            let told = reply.json();
            assert_eq!(told["method"], method.as_str());
            assert_eq!(told["target"], target);
        }
    }
}

#[tokio::test]
async fn what_is_the_data_planes_stays_here() {
    let plane = DataPlane::start();
    let _admin = Admin::listen(&plane.socket);
    let caller = plane.anonymous();
    for path in ["/health/liveliness", "/health/liveness"] {
        assert_eq!(caller.get(path).await.text(), "\"I'm alive!\"");
    }
    assert_eq!(
        caller.get("/health/readiness").await.json()["status"],
        "healthy"
    );
    for path in ["/metrics", "/uix", "/v1/models", "/health/x", "/keys"] {
        assert_eq!(caller.get(path).await.error().1, "missing_key", "{path}");
    }
}

#[tokio::test]
async fn without_an_admin_side_the_paths_are_unknown() {
    let plane = DataPlane::start_with(settings(), false, false);
    let caller = plane.anonymous();
    assert_eq!(caller.get("/ui").await.error().1, "missing_key");
    let keyed = caller.with_key("sk-master-0123456789abcdef");
    for path in PATHS {
        let reply = keyed.get(path).await;
        assert_eq!(
            (reply.status, reply.error().1.as_str()),
            (404, "unknown_path")
        );
    }
}

#[tokio::test]
async fn the_root_path_is_not_seen_by_the_admin_side() {
    let rooted = Settings {
        root_path: "/gateway".to_owned(),
        ..settings()
    };
    let plane = DataPlane::start_with(rooted, true, false);
    let _admin = Admin::listen(&plane.socket);
    let told = plane.anonymous().get("/gateway/ui/keys?x=1").await.json();
    assert_eq!(told["target"], "/ui/keys?x=1");
}

#[tokio::test]
async fn the_callers_address_cannot_be_forged() {
    let plane = DataPlane::start();
    let _admin = Admin::listen(&plane.socket);
    let forger = plane
        .anonymous()
        .with_header("x-headgate-peer", "10.0.0.1")
        .with_header("X-Headgate-Peer", "10.0.0.2")
        .with_header("x-headgate-scheme", "https")
        .with_header("x-headgate-admin", "yes")
        .with_header("x-request-id", "forged")
        .with_header("connection", "x-headgate-peer, x-request-id");
    let reply = forger.get("/api/v1/keys").await;
    let told = reply.json();
    assert_eq!(seen(&told, "x-headgate-peer"), ["127.0.0.1"]);
    assert_eq!(seen(&told, "x-headgate-scheme"), ["http"]);
    assert_eq!(seen(&told, "x-headgate-admin"), [""; 0]);
    let ids = seen(&told, "x-request-id");
    assert!(ids.len() == 1 && ids[0].starts_with("req_"), "{ids:?}");
    assert_eq!(reply.header("x-request-id"), ids[0]);
}

#[tokio::test]
async fn host_origin_credential_and_cookies_stay_as_they_came() {
    let plane = DataPlane::start();
    let _admin = Admin::listen(&plane.socket);
    let caller = plane
        .anonymous()
        .with_key("sk-somebody")
        .with_header("host", "gateway.example:8443")
        .with_header("origin", "https://elsewhere.example")
        .with_header("cookie", "session=1")
        .with_header("x-forwarded-for", "10.0.0.3");
    let told = caller.get("/ui").await.json();
    for (name, value) in [
        ("host", "gateway.example:8443"),
        ("origin", "https://elsewhere.example"),
        ("authorization", "Bearer sk-somebody"),
        ("cookie", "session=1"),
        ("x-forwarded-for", "10.0.0.3"),
    ] {
        assert_eq!(seen(&told, name), [value], "{name}");
    }
}

#[tokio::test]
async fn headers_of_one_connection_stay_on_it_both_ways() {
    let plane = DataPlane::start();
    let _admin = Admin::listen(&plane.socket);
    let caller = plane
        .anonymous()
        .with_header("connection", "keep-alive, x-hop")
        .with_header("x-hop", "1")
        .with_header("keep-alive", "timeout=9")
        .with_header("te", "trailers")
        .with_header("upgrade", "websocket")
        .with_header("proxy-authorization", "Basic x");
    let reply = caller.get("/ui").await;
    let told = reply.json();
    for name in [
        "x-hop",
        "keep-alive",
        "te",
        "upgrade",
        "proxy-authorization",
    ] {
        assert_eq!(seen(&told, name), [""; 0], "{name}");
    }
    for name in ["x-of-this-connection", "keep-alive"] {
        assert_eq!(reply.header(name), "", "{name}");
    }
    let cookies: Vec<_> = reply.headers.get_all("set-cookie").iter().collect();
    assert_eq!(cookies, ["a=1", "b=2"]);
}

#[tokio::test]
async fn over_tls_the_scheme_is_told_and_http2_has_a_host() {
    let plane = DataPlane::start_with(settings(), true, true);
    let _admin = Admin::listen(&plane.socket);
    let caller = plane.anonymous().over_tls(&plane.certificate);
    for caller in [caller.clone(), caller.over_http2()] {
        let told = caller.get("/ui").await.json();
        assert_eq!(seen(&told, "x-headgate-scheme"), ["https"]);
        assert_eq!(seen(&told, "host"), [plane.address.to_string()]);
    }
}

#[tokio::test]
async fn a_browsers_question_before_its_request_is_answered_for_every_method() {
    let origin = "https://console.example";
    let open = Settings {
        cors_origins: vec![origin.to_owned()],
        ..settings()
    };
    let plane = DataPlane::start_with(open, true, false);
    let caller = plane.anonymous().with_header("origin", origin);
    let reply = call(&caller, Method::OPTIONS, "/api/v1/keys").await;
    assert_eq!(reply.status, 204);
    let methods = reply.header("access-control-allow-methods");
    assert!(
        methods.contains("PATCH") && methods.contains("DELETE"),
        "{methods}"
    );
}
