//! `/ui/settings/licences`: what the program is made of, and under which licences.

use std::collections::BTreeMap;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template as _;
use web_ui::licences::PARTS;
use web_ui::pages::own::{LicenceGroup, Licences};

use crate::acting::may;
use crate::pages::visit::Visit;
use crate::pages::{PageFault, answers};
use crate::routes::{Route, unshaped_route};

/// The routes.
pub const ROUTES: &[Route] = &[
    unshaped_route!(GET "/ui/settings/licences" => show, ReadSettings, "What the program is made of, and under which licences."),
];

async fn show(visit: Visit<may::ReadSettings>) -> Result<HttpResponse, PageFault> {
    let mut groups: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let mut parts = 0_u64;
    for line in PARTS.lines() {
        let mut members = line.split('\t');
        if let (Some(name), Some(version), Some(licence)) =
            (members.next(), members.next(), members.next())
        {
            parts = parts.saturating_add(1);
            let of = groups.entry(licence).or_default();
            of.push(format!("{name} {version}").trim_end().to_owned());
        }
    }
    let groups = groups.into_iter().map(|(licence, parts)| LicenceGroup {
        licence: licence.to_owned(),
        parts,
    });
    let page = Licences {
        sub: visit
            .words()
            .with("licences-sub", &[("count", parts.into())]),
        groups: groups.collect(),
        frame: visit.frame,
    };
    answers::page(StatusCode::OK, &page.frame, page.render())
}
