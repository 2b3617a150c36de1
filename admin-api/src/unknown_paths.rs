//! What is none of our paths, or not with this method: 404 and 405 in the path's dialect.

use actix_web::dev::ResourceDef;
use actix_web::http::header::{ALLOW, HeaderValue};
use actix_web::{HttpRequest, HttpResponse};

use crate::edge::answer;
use crate::error::ActionError;
use crate::routes;

/// Answers what no route took.
pub async fn unknown(request: HttpRequest) -> HttpResponse {
    let allowed = methods_of(request.path());
    if allowed.is_empty() {
        let path: String = request.path().chars().take(200).collect();
        return answer(&request, ActionError::not_found("Path", path));
    }
    let allowed = allowed.join(", ");
    let allow = HeaderValue::from_str(&allowed);
    let mut response = answer(&request, ActionError::WrongMethod { allowed });
    if let Ok(allow) = allow {
        response.headers_mut().insert(ALLOW, allow);
    }
    response
}

/// The methods that a path has.
fn methods_of(path: &str) -> Vec<&'static str> {
    let mut methods: Vec<&'static str> = Vec::new();
    for route in routes::all() {
        if !methods.contains(&route.method) && ResourceDef::new(route.path).is_match(path) {
            methods.push(route.method);
        }
    }
    methods
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_methods_of_a_path_are_told() {
        assert_eq!(methods_of("/api/v1/setup"), ["GET", "POST"]);
        let methods = methods_of("/api/v1/organizations/org_1");
        assert_eq!(methods, ["GET", "PATCH", "DELETE"]);
        assert!(methods_of("/api/v1/nothing").is_empty());
    }
}
