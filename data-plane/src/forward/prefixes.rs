//! Which paths are the admin side's: one table.

/// What is the admin side's. One that ends with a slash holds what lies below it; one that does
/// not holds itself too.
const PREFIXES: [&str; 28] = [
    "/ui",
    "/api",
    "/key/",
    "/v2/key/",
    "/team/",
    "/v2/team/",
    "/user/",
    "/v2/user/",
    "/organization/",
    "/v2/organization/",
    "/customer/",
    "/end_user/",
    "/budget/",
    "/tag/",
    "/project/",
    "/model/",
    "/model_group/",
    "/v1/model/info",
    "/v2/model/info",
    "/credentials",
    "/spend/",
    "/global/",
    "/invitation/",
    "/login",
    "/audit",
    "/v2/login",
    "/logout",
    "/sso/",
];

/// And this alone: what lies below it is the data plane's.
const HEALTH: &str = "/health";

/// Whether a path, without the operator's root path, is the admin side's.
#[must_use]
pub fn is_forwarded(path: &str) -> bool {
    path == HEALTH
        || PREFIXES.iter().any(|prefix| {
            path.strip_prefix(prefix).is_some_and(|rest| {
                prefix.ends_with('/') || rest.is_empty() || rest.starts_with('/')
            })
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_ends_at_a_segment() {
        for path in [
            "/ui",
            "/ui/",
            "/ui/keys/1",
            "/api/v1/keys",
            "/key/generate",
            "/key/abc/reset_spend",
            "/v2/key/info",
            "/v1/model/info",
            "/credentials",
            "/credentials/by_name/a",
            "/login",
            "/sso/callback",
            "/health",
        ] {
            assert!(is_forwarded(path), "{path}");
        }
        for path in [
            "",
            "/",
            "/uix",
            "/UI",
            "/keys/1",
            "/keyx",
            "/v1/model/information",
            "/v1/models",
            "/models/a",
            "/health/",
            "/health/liveliness",
            "/health/liveness",
            "/health/readiness",
            "/metrics",
            "/v1/ui",
            "ui",
        ] {
            assert!(!is_forwarded(path), "{path}");
        }
    }

    #[test]
    fn the_table_takes_nothing_that_the_data_plane_serves() {
        for path in [
            "/",
            "/v1/models",
            "/models",
            "/v1/chat/completions",
            "/openai/deployments/a/embeddings",
            "/health/liveliness",
            "/v1/health/readiness",
            "/metrics",
        ] {
            let serves = [http::Method::GET, http::Method::POST]
                .iter()
                .any(|method| crate::endpoints::find(method, path).is_ok());
            assert!(serves && !is_forwarded(path), "{path}");
        }
    }
}
