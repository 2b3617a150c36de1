//! What the console is dressed in, compressed beforehand and kept by browsers for ever.

use actix_web::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, VARY,
};
use actix_web::{HttpRequest, HttpResponse, web};
use web_ui::assets;

use crate::error::ActionError;
use crate::pages::PageFault;
use crate::routes::{Route, unshaped_route};

/// The routes.
pub const ROUTES: &[Route] =
    &[unshaped_route!(GET "/ui/static/{file}" => file, anybody, "A style, a script, the icons.")];

async fn file(request: HttpRequest, name: web::Path<String>) -> Result<HttpResponse, PageFault> {
    let found = assets::by_hashed_name(&name);
    let asset = found.ok_or_else(|| ActionError::not_found("File", name.as_str()))?;
    let accepted = request.headers().get(ACCEPT_ENCODING);
    let accepted = accepted
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let takes = |coding: &str| {
        let mut codings = accepted.split(',').map(str::trim);
        codings.any(|one| one.split(';').next() == Some(coding) && !one.ends_with(";q=0"))
    };
    let mut response = HttpResponse::Ok();
    response
        .insert_header((CONTENT_TYPE, asset.content_type))
        .insert_header((CACHE_CONTROL, "public, max-age=31536000, immutable"))
        .insert_header((VARY, "accept-encoding"));
    let (coding, bytes) = if takes("br") {
        ("br", asset.brotli)
    } else if takes("gzip") {
        ("gzip", asset.gzip)
    } else {
        return Ok(response.body(asset.plain));
    };
    Ok(response
        .insert_header((CONTENT_ENCODING, coding))
        .body(bytes))
}
