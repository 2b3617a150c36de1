//! An error's body in OpenAI's shape.

use serde::Serialize;

use crate::error::{GatewayError, StatusAndCode};

impl GatewayError {
    /// The body in OpenAI's shape, with the request's id.
    #[must_use]
    pub fn to_openai(&self, request_id: &str) -> Vec<u8> {
        let StatusAndCode {
            error_type, code, ..
        } = self.status_and_code();
        let (error_type, code, param) = match self {
            Self::ProviderRefused {
                error_type: theirs,
                code: their_code,
                param,
                ..
            } => (
                theirs.as_deref().unwrap_or(error_type),
                their_code.as_deref().unwrap_or(code),
                param.as_deref(),
            ),
            Self::BadRequest { param, .. } => (error_type, code, param.as_deref()),
            Self::UnknownModel { .. } | Self::ModelNotAllowed { .. } => {
                (error_type, code, Some("model"))
            }
            Self::EndUserBlocked => (error_type, code, Some("user")),
            _ => (error_type, code, None),
        };
        let message = self.to_string();
        let error = ErrorObject {
            message: &message,
            r#type: error_type,
            param,
            code,
            request_id,
        };
        serde_json::to_vec(&ErrorBody { error }).unwrap_or_default()
    }
}

#[derive(Serialize)]
struct ErrorBody<'a> {
    error: ErrorObject<'a>,
}

#[derive(Serialize)]
struct ErrorObject<'a> {
    message: &'a str,
    r#type: &'a str,
    param: Option<&'a str>,
    code: &'a str,
    request_id: &'a str,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_body_has_openais_shape_and_the_request_id() {
        let error = GatewayError::bad_request("`messages` is missing", Some("messages"));
        let body: serde_json::Value = serde_json::from_slice(&error.to_openai("req_1")).unwrap();
        assert_eq!(
            body,
            serde_json::json!({"error": {"message": "`messages` is missing", "type": "invalid_request_error",
                "param": "messages", "code": "invalid_request", "request_id": "req_1"}})
        );
    }

    #[test]
    fn a_providers_own_words_are_kept_for_refusals_only() {
        let refused = GatewayError::ProviderRefused {
            status: 422,
            message: "zork".to_owned(),
            error_type: Some("t".to_owned()),
            param: None,
            code: Some("c".to_owned()),
        };
        let body = String::from_utf8(refused.to_openai("r")).unwrap();
        assert!(
            body.contains("zork")
                && body.contains(r#""code":"c""#)
                && body.contains(r#""type":"t""#)
        );
        assert_eq!(refused.status_and_code().status, 422);
        assert!(!GatewayError::ProviderCredential.to_string().contains("sk-"));
    }
}
