//! Where does a request carry its credential?

use http::HeaderMap;
use http::header::AUTHORIZATION;

use crate::error::GatewayError;
use crate::settings::Settings;

/// The first credential among the headers that clients use, none when there is no such header.
pub(super) fn credential<'a>(
    settings: &Settings,
    headers: &'a HeaderMap,
) -> Result<Option<&'a str>, GatewayError> {
    if let Some(value) = settings
        .key_header
        .as_deref()
        .and_then(|name| headers.get(name))
    {
        let text = value
            .to_str()
            .map_err(|_not_text| GatewayError::InvalidKey)?;
        return Ok(Some(bearer(text).unwrap_or(text)));
    }
    if let Some(value) = headers.get(AUTHORIZATION) {
        let text = value
            .to_str()
            .map_err(|_not_text| GatewayError::InvalidKey)?;
        return bearer(text).map(Some).ok_or(GatewayError::InvalidKey);
    }
    for name in [
        "x-api-key",
        "api-key",
        "x-goog-api-key",
        "x-litellm-api-key",
        "ocp-apim-subscription-key",
    ] {
        if let Some(value) = headers.get(name) {
            let text = value
                .to_str()
                .map_err(|_not_text| GatewayError::InvalidKey)?;
            return Ok(Some(bearer(text).unwrap_or(text)));
        }
    }
    Ok(None)
}

fn bearer(text: &str) -> Option<&str> {
    let (scheme, key) = text.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| key.trim())
}
