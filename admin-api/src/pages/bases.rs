//! The gateway's address as examples show it.

use crate::acting::Permission;
use crate::pages::visit::Visit;

/// The public address, or the one that the browser asked.
pub fn of<P: Permission>(visit: &Visit<P>) -> String {
    let public = visit.acting.api().settings.public_url.clone();
    public
        .unwrap_or_else(|| visit.origin.clone())
        .trim_end_matches('/')
        .to_owned()
}
