//! One team.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template as _;
use domain::permissions::{Action, authorize};
use web_ui::figures::count;
use web_ui::frame::initials;
use web_ui::markup::{Markup, Tone, badge};
use web_ui::pages::dialogs::Dialog;
use web_ui::pages::teams::Team;

use super::{burn, members};
use crate::acting::may;
use crate::actions::teams;
use crate::error::ActionError;
use crate::pages::visit::Visit;
use crate::pages::{PageFault, answers, dialogs};

pub(super) async fn show(
    visit: Visit<may::ReadTeams>,
    id: web::Path<String>,
) -> Result<HttpResponse, PageFault> {
    let page = page(visit, &id).await?;
    answers::page(StatusCode::OK, &page.frame, page.render())
}

/// The team's page with a dialog over it.
pub(super) async fn with(
    visit: Visit<may::ReadTeams>,
    id: &str,
    (dialog, refused): (&Dialog, Option<&ActionError>),
) -> Result<HttpResponse, PageFault> {
    let page = page(visit, id).await?;
    dialogs::answered(page, (dialog, refused))
}

/// The team's page.
pub(super) async fn page(visit: Visit<may::ReadTeams>, id: &str) -> Result<Team, PageFault> {
    let team = teams::find(&visit.acting, id).await?;
    let words = visit.words();
    let (members, lead) = members::of(&visit, &team).await?;
    let burn = burn::of(&visit, &team).await?;
    let number = u64::try_from(members.len()).unwrap_or(0);
    let people = words.with(
        "team-sub",
        &[
            ("count", number.into()),
            ("shown", count(words, number).into()),
        ],
    );
    let sub = match lead {
        Some(name) => words.with(
            "team-led-by",
            &[("members", people.into()), ("name", name.into())],
        ),
        None => people,
    };
    let place = teams::place(&team);
    let may = |action: Action| authorize(&visit.acting.actor.rights, action, &place).is_ok();
    let (may_write, may_delete) = (may(Action::UpdateTeams), may(Action::CreateTeams));
    let may_add = may(Action::WriteTeamMembers);
    Ok(Team {
        id: team.id.to_string(),
        href: visit.frame.to(&format!("/teams/{}", team.id)),
        mark: initials(&team.name),
        sub,
        may_write,
        may_delete,
        may_add,
        status: match team.blocked {
            true => badge(Tone::Danger, &words.t("state-blocked")),
            false => Markup::default(),
        },
        blocked: team.blocked,
        burn_title: burn.title,
        badge: burn.badge,
        figures: burn.figures,
        burn: burn.chart,
        limits: members::limits(words, &team),
        split: burn.split,
        members,
        dialog: Markup::default(),
        name: team.name,
        frame: visit.frame,
    })
}
