//! Which paths may a key call? LiteLLM's groups of routes, single paths, and paths with `*`.
//!
//! Pure, so that both planes answer alike: the data plane for calls of models, the admin side for
//! its own routes.

/// Whether a list of routes (`allowed_routes`) allows a path. An empty list allows all; so does
/// `*`. The path is without a query and without the operator's root path.
#[must_use]
pub fn are_allowed(allowed: &[String], path: &str) -> bool {
    allowed.is_empty() || allowed.iter().any(|route| allows(route, path))
}

fn allows(route: &str, path: &str) -> bool {
    match route {
        "llm_api_routes" => is_call(path) || is_under(path, MODEL_LISTS),
        "openai_routes" => (is_call(path) && !is_anthropic(path)) || is_under(path, MODEL_LISTS),
        "anthropic_routes" => is_anthropic(path),
        "info_routes" => is_info(path),
        "management_routes" => is_under(path, MANAGEMENT),
        _ => matches(route, path) || matches(route, versionless(path)),
    }
}

/// Ends of the paths of calls, wherever they begin (`/v1`, `/openai/deployments/{model}`, …).
const CALLS: [&str; 13] = [
    "/chat/completions",
    "/completions",
    "/embeddings",
    "/responses",
    "/messages",
    "/messages/count_tokens",
    "/moderations",
    "/images/generations",
    "/images/edits",
    "/audio/speech",
    "/audio/transcriptions",
    "/audio/translations",
    "/rerank",
];

const MODEL_LISTS: &[&str] = &["/models"];

/// What LiteLLM counts as management, and our own admin side.
const MANAGEMENT: &[&str] = &[
    "/api",
    "/key",
    "/v2/key",
    "/team",
    "/v2/team",
    "/user",
    "/v2/user",
    "/organization",
    "/v2/organization",
    "/customer",
    "/end_user",
    "/budget",
    "/tag",
    "/project",
    "/model",
    "/v2/model",
    "/model_group",
    "/credentials",
    "/spend",
    "/global",
    "/health",
];

/// The last words of paths that only tell.
const INFO: [&str; 3] = ["info", "list", "aliases"];

fn versionless(path: &str) -> &str {
    path.strip_prefix("/v1")
        .filter(|rest| rest.starts_with('/'))
        .unwrap_or(path)
}

fn is_call(path: &str) -> bool {
    !is_under(path, MANAGEMENT) && CALLS.iter().any(|end| path.ends_with(end))
}

fn is_anthropic(path: &str) -> bool {
    is_call(path) && (path.ends_with("/messages") || path.ends_with("/messages/count_tokens"))
}

fn is_info(path: &str) -> bool {
    let last = path.rsplit('/').next().unwrap_or_default();
    is_under(path, MODEL_LISTS)
        || path == "/health"
        || (is_under(path, MANAGEMENT) && INFO.contains(&last))
}

fn is_under(path: &str, roots: &[&str]) -> bool {
    [path, versionless(path)].iter().any(|path| {
        roots.iter().any(|root| {
            path.strip_prefix(root)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    })
}

/// Whether a route with any number of `*` matches a path; each star takes any text.
fn matches(route: &str, path: &str) -> bool {
    let Some((head, tail)) = route.split_once('*') else {
        return route == path;
    };
    let Some(rest) = path.strip_prefix(head) else {
        return false;
    };
    if !tail.contains('*') {
        return rest.ends_with(tail);
    }
    (0..=rest.len())
        .filter_map(|taken| rest.get(taken..))
        .any(|rest| matches(tail, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(routes: &[&str], path: &str) -> bool {
        let routes: Vec<String> = routes.iter().map(|route| (*route).to_owned()).collect();
        are_allowed(&routes, path)
    }

    #[test]
    fn no_list_allows_everything() {
        assert!(allowed(&[], "/v1/chat/completions"));
        assert!(allowed(&["*"], "/key/generate"));
    }

    #[test]
    fn a_key_for_calls_may_call_models_and_nothing_else() {
        for path in [
            "/v1/chat/completions",
            "/chat/completions",
            "/openai/deployments/gpt-4o/chat/completions",
            "/v1/embeddings",
            "/v1/messages",
            "/v1/models",
            "/models/gpt-4o",
        ] {
            assert!(allowed(&["llm_api_routes"], path), "{path}");
            assert!(!allowed(&["management_routes"], path), "{path}");
        }
        for path in ["/key/generate", "/team/new", "/api/v1/keys", "/model/new"] {
            assert!(!allowed(&["llm_api_routes"], path), "{path}");
            assert!(allowed(&["management_routes"], path), "{path}");
        }
        assert!(!allowed(&["llm_api_routes"], "/key/chat/completions"));
    }

    #[test]
    fn a_key_that_only_reads_may_not_change_anything() {
        for path in [
            "/key/info",
            "/team/list",
            "/v1/model/info",
            "/v1/models",
            "/health",
        ] {
            assert!(allowed(&["info_routes"], path), "{path}");
        }
        for path in ["/key/generate", "/key/delete", "/v1/chat/completions"] {
            assert!(!allowed(&["info_routes"], path), "{path}");
        }
    }

    #[test]
    fn the_two_dialects_are_told_apart() {
        assert!(allowed(&["anthropic_routes"], "/v1/messages"));
        assert!(!allowed(&["anthropic_routes"], "/v1/chat/completions"));
        assert!(!allowed(&["openai_routes"], "/v1/messages"));
        assert!(allowed(&["openai_routes"], "/v1/chat/completions"));
    }

    #[test]
    fn single_paths_hold_with_and_without_the_version_and_stars_take_any_text() {
        assert!(allowed(&["/chat/completions"], "/v1/chat/completions"));
        assert!(allowed(&["/v1/embeddings"], "/v1/embeddings"));
        assert!(!allowed(&["/v1/embeddings"], "/v1/embeddings/x"));
        assert!(allowed(&["/v1/chat/*"], "/v1/chat/completions"));
        assert!(allowed(
            &["/openai/*/chat/*"],
            "/openai/deployments/x/chat/completions"
        ));
        assert!(!allowed(&["/v1/chat/*"], "/v1/chatter"));
    }
}
