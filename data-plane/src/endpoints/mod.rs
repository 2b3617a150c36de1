//! Which path is which? Every path that the data plane serves, on one page.

pub mod health;
pub mod model_list;

use http::Method;
use providers::openai::body::BodyKind;

use crate::error::GatewayError;

/// What a path asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// A call of a model; the path may name it.
    Call {
        /// Which call.
        kind: BodyKind,
        /// The model that the path names (`/openai/deployments/{model}/…`).
        path_model: Option<String>,
    },
    /// The list of models.
    Models,
    /// One model of the list.
    Model(String),
    /// Whether the process lives.
    Liveness,
    /// Whether it takes requests.
    Readiness,
    /// What Prometheus reads.
    Metrics,
    /// The root: says what this is.
    Root,
}

/// Finds the endpoint of a method and path; `path` has no root path any more.
///
/// # Errors
/// [`GatewayError::UnknownPath`] and [`GatewayError::WrongMethod`].
pub fn find(method: &Method, path: &str) -> Result<Endpoint, GatewayError> {
    let endpoint = by_path(path).ok_or_else(|| GatewayError::UnknownPath {
        method: method.to_string(),
        path: path.chars().take(200).collect(),
    })?;
    let (allowed, fits) = match endpoint {
        Endpoint::Call { .. } => ("POST", method == Method::POST),
        _ => ("GET", method == Method::GET || method == Method::HEAD),
    };
    if fits {
        Ok(endpoint)
    } else {
        Err(GatewayError::WrongMethod {
            method: method.to_string(),
            allowed,
        })
    }
}

fn by_path(path: &str) -> Option<Endpoint> {
    let path = path
        .strip_suffix('/')
        .filter(|path| !path.is_empty())
        .unwrap_or(path);
    match path.strip_prefix("/v1").unwrap_or(path) {
        "/" => return Some(Endpoint::Root),
        "/health/liveliness" | "/health/liveness" => return Some(Endpoint::Liveness),
        "/health/readiness" => return Some(Endpoint::Readiness),
        "/metrics" => return Some(Endpoint::Metrics),
        _ => {}
    }
    for prefix in [
        "/openai/deployments/",
        "/engines/",
        "/v1/openai/deployments/",
        "/v1/engines/",
    ] {
        if let Some(rest) = path.strip_prefix(prefix) {
            return deployment_path(rest);
        }
    }
    // `/openai/models` is where Azure's clients ask for the list.
    let path = ["/openai/v1", "/openai", "/v1"]
        .iter()
        .find_map(|prefix| path.strip_prefix(prefix))
        .unwrap_or(path);
    if path == "/models" {
        return Some(Endpoint::Models);
    }
    if let Some(id) = path.strip_prefix("/models/") {
        return Some(Endpoint::Model(decoded(id)?));
    }
    call_kind(path).map(|kind| Endpoint::Call {
        kind,
        path_model: None,
    })
}

fn call_kind(path: &str) -> Option<BodyKind> {
    match path {
        "/chat/completions" => Some(BodyKind::Chat),
        "/completions" => Some(BodyKind::Completion),
        "/embeddings" => Some(BodyKind::Embedding),
        _ => None,
    }
}

/// `{model}/chat/completions`, where the model may hold slashes.
fn deployment_path(rest: &str) -> Option<Endpoint> {
    let tails = ["/chat/completions", "/completions", "/embeddings"];
    let (model, tail) = tails
        .iter()
        .find_map(|tail| Some((rest.strip_suffix(tail)?, tail)))?;
    let model = decoded(model).filter(|model| !model.is_empty())?;
    let kind = call_kind(tail)?;
    Some(Endpoint::Call {
        kind,
        path_model: Some(model),
    })
}

/// Undoes percent-encoding; none when the result is no UTF-8.
fn decoded(text: &str) -> Option<String> {
    if !text.contains('%') {
        return Some(text.to_owned());
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let escape = tail.split_at_checked(2).filter(|_| first == b'%');
        let byte = escape.and_then(|(hex, after)| {
            let value = u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok()?;
            Some((value, after))
        });
        let (value, after) = byte.unwrap_or((first, tail));
        bytes.push(value);
        rest = after;
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(kind: BodyKind, model: Option<&str>) -> Endpoint {
        Endpoint::Call {
            kind,
            path_model: model.map(str::to_owned),
        }
    }

    fn post(path: &str) -> Endpoint {
        find(&Method::POST, path).unwrap()
    }

    #[test]
    fn every_call_is_served_with_and_without_v1_and_in_azures_form() {
        for path in [
            "/chat/completions",
            "/v1/chat/completions",
            "/v1/chat/completions/",
            "/openai/v1/chat/completions",
        ] {
            assert_eq!(post(path), call(BodyKind::Chat, None), "{path}");
        }
        assert_eq!(
            post("/openai/deployments/gpt-4o/chat/completions"),
            call(BodyKind::Chat, Some("gpt-4o"))
        );
        assert_eq!(
            post("/engines/a%2Fb/completions"),
            call(BodyKind::Completion, Some("a/b"))
        );
        assert_eq!(
            post("/openai/deployments/openai/x/embeddings"),
            call(BodyKind::Embedding, Some("openai/x"))
        );
        assert_eq!(post("/v1/embeddings"), call(BodyKind::Embedding, None));
    }

    #[test]
    fn a_wrong_method_is_told_from_an_unknown_path() {
        assert!(matches!(
            find(&Method::PUT, "/v1/chat/completions"),
            Err(GatewayError::WrongMethod { .. })
        ));
        assert!(matches!(
            find(&Method::POST, "/v1/models"),
            Err(GatewayError::WrongMethod { .. })
        ));
        for path in [
            "/v1/no/such",
            "/v2/chat/completions",
            "/openai/deployments//chat/completions",
            "/v1",
            "/chat",
        ] {
            assert!(
                matches!(
                    find(&Method::POST, path),
                    Err(GatewayError::UnknownPath { .. })
                ),
                "{path}"
            );
        }
    }

    #[test]
    fn probes_and_metrics_are_served_with_and_without_v1() {
        for prefix in ["", "/v1"] {
            let got = |path| find(&Method::GET, &format!("{prefix}{path}")).unwrap();
            assert_eq!(got("/health/liveliness"), Endpoint::Liveness);
            assert_eq!(got("/health/liveness"), Endpoint::Liveness);
            assert_eq!(got("/health/readiness"), Endpoint::Readiness);
            assert_eq!(got("/metrics"), Endpoint::Metrics);
        }
    }

    #[test]
    fn models_are_found_by_names_with_slashes() {
        assert_eq!(
            find(&Method::GET, "/v1/models/openai/gpt-4o").unwrap(),
            Endpoint::Model("openai/gpt-4o".to_owned())
        );
        assert_eq!(
            find(&Method::GET, "/models/a%2Fb").unwrap(),
            Endpoint::Model("a/b".to_owned())
        );
        for path in ["/models", "/v1/models", "/openai/models"] {
            assert_eq!(find(&Method::GET, path).unwrap(), Endpoint::Models);
        }
        assert!(find(&Method::GET, "/models/%ff").is_err());
    }
}
