//! Addresses of providers that came through the API.

use std::net::IpAddr;

use domain::addresses::Egress;
use reqwest::Url;

use crate::error::ActionError;

/// Takes an address that the gateway may call: http or https, no credential in it, not a metadata
/// service. Names are looked at when a connection is made.
///
/// # Errors
/// [`ActionError::Invalid`], which says what it may be.
pub fn checked(field: &str, text: &str) -> Result<(), ActionError> {
    let refused = |why: &str| Err(ActionError::invalid(field, format!("`{field}`: {why}")));
    let Ok(url) = Url::parse(text) else {
        return refused("this is no address; write https://host/path.");
    };
    if !matches!(url.scheme(), "http" | "https") {
        return refused("the address has to begin with http:// or https://.");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return refused("write the credential as `api_key`, not into the address.");
    }
    let Some(host) = url.host_str() else {
        return refused("the address names no host.");
    };
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    match bare.parse::<IpAddr>() {
        Ok(address) if !Egress::PlatformAdmin.allows(address) => refused(
            "this is the address of a cloud's metadata service, which hands out the machine's \
             credentials; the gateway does not call it.",
        ),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_form_of_a_metadata_address_is_taken() {
        for address in [
            "http://169.254.169.254/latest",
            "http://2852039166/",
            "http://0xa9fea9fe/",
            "http://169.254.169.254./",
            "http://[::ffff:169.254.169.254]/",
            "http://[fd00:ec2::254]/",
            "http://100.100.100.200",
            "ftp://example.com",
            "file:///etc/passwd",
            "https://user:secret@example.com",
            "example.com",
            "",
        ] {
            assert!(checked("api_base", address).is_err(), "{address}");
        }
    }

    #[test]
    fn an_administrator_may_name_public_and_private_addresses() {
        for address in [
            "https://api.openai.com/v1",
            "http://127.0.0.1:11434",
            "http://10.0.0.5:8000/v1",
            "http://ollama:11434",
            "http://[::1]:8080",
        ] {
            assert!(checked("api_base", address).is_ok(), "{address}");
        }
    }
}
