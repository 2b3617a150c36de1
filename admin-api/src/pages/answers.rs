//! Answers of pages: a page, a piece of one, a way on to another.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{
    CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, LOCATION, REFERRER_POLICY, VARY,
};
use web_ui::content_security_policy;
use web_ui::frame::Frame;

use crate::error::ActionError;
use crate::pages::PageFault;

/// Nobody who opens a page of ours, or whom one opens, reaches into it.
const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");

/// A page, or the piece of one that was asked for.
///
/// # Errors
/// When it cannot be rendered.
pub fn page(
    status: StatusCode,
    frame: &Frame,
    rendered: askama::Result<String>,
) -> Result<HttpResponse, PageFault> {
    let html = rendered.map_err(|fault| ActionError::Internal(fault.to_string()))?;
    Ok(HttpResponse::build(status)
        .insert_header((CONTENT_TYPE, "text/html; charset=utf-8"))
        .insert_header((
            CONTENT_SECURITY_POLICY,
            content_security_policy(&frame.nonce),
        ))
        .insert_header((REFERRER_POLICY, "same-origin"))
        .insert_header((OPENER_POLICY, "same-origin"))
        .insert_header((VARY, "HX-Request, Accept-Language, Cookie"))
        .body(html))
}

/// On to another page, after something was done.
#[must_use]
pub fn see(address: &str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((LOCATION, address))
        .finish()
}
