//! What a key's form tells of what was chosen: the line for a shell, and that a team has no model.

use std::borrow::Cow;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template as _;
use domain::policies::{Budget, Policy};
use store::page::Page;
use web_ui::pages::key_forms::{KeyLive, KeyLivePiece};

use super::list::{self, Asked};
use super::{create, form, model_prices};
use crate::acting::may;
use crate::actions::deployments::{self, Listing, Usable};
use crate::actions::keys::{self, AskedOwner};
use crate::actions::teams;
use crate::error::ActionError;
use crate::pages::form::Form;
use crate::pages::visit::Visit;
use crate::pages::{PageFault, answers};

type Writing = Visit<may::WriteKeys>;

/// How many deployments are looked through.
const MOST: i64 = 200;

pub(super) async fn show(visit: Writing, body: web::Bytes) -> Result<HttpResponse, PageFault> {
    let typed = Form::read(&body)?;
    if visit.wants_piece {
        let piece = KeyLivePiece {
            live: live(&visit, &typed).await?,
            frame: &visit.frame,
        };
        return answers::page(StatusCode::OK, &visit.frame, piece.render());
    }
    let filled = form::filled(&visit, &typed, None, None).await?;
    let mut page = list::page(visit.to::<may::ReadKeys>()?, &Asked::default()).await?;
    page.form = Some(filled);
    answers::page(StatusCode::OK, &page.frame, page.render())
}

/// What is told of a new key as it is typed.
pub(super) async fn live(visit: &Writing, typed: &Form) -> Result<KeyLive, ActionError> {
    let mut live = KeyLive {
        line: line(visit, typed).await?,
        ..KeyLive::default()
    };
    let Ok(reading) = visit.acting.also::<may::ReadDeployments>() else {
        return Ok(live);
    };
    let all = deployments::list(&reading, &Listing::default(), &Page::first(MOST)).await?;
    if all.items.is_empty() {
        live.no_model = visit.words().t("key-no-model");
        if visit.acting.also::<may::WriteDeployments>().is_ok() {
            live.href = visit.frame.to("/models/new");
            live.link = visit.words().t("key-add-model");
        }
        return Ok(live);
    }
    let Some((team, reading)) = typed
        .given("team")
        .zip(visit.acting.also::<may::ReadTeams>().ok())
    else {
        return Ok(live);
    };
    let team = match teams::find(&reading, &team).await {
        Ok(team) => team,
        Err(ActionError::NotFound { .. } | ActionError::NotPermitted(_)) => return Ok(live),
        Err(error) => return Err(error),
    };
    let usable = Usable::of_team(visit.acting.store(), &team).await?;
    if !all.more && !all.items.iter().any(|one| usable.holds_any_of(one)) {
        live.no_model = visit
            .words()
            .with("key-team-no-model", &[("team", (&team.name).into())]);
        live.href = visit.frame.to(&format!("/teams/{}", team.id));
        live.link = visit.words().t("key-see-team");
    }
    Ok(live)
}

/// The line; none while something typed means nothing, and of a key like another, of which the form
/// does not show everything.
async fn line(visit: &Writing, typed: &Form) -> Result<String, ActionError> {
    if typed.given("from").is_some() {
        return Ok(String::new());
    }
    let Ok(mut policy) = form::policy(typed, &Policy::default()) else {
        return Ok(String::new());
    };
    match model_prices::cheap(visit, typed).await {
        Ok(Some(cheap)) => policy.models = cheap,
        Ok(None) => {}
        Err(ActionError::Invalid { .. }) => return Ok(String::new()),
        Err(error) => return Err(error),
    }
    let asked = create::asked_owner(visit, typed);
    let owner = keys::foreseen(&visit.acting, &asked, create::names_service(typed)).await?;
    Ok(owner.map_or_else(String::new, |owner| written(typed, &policy, owner)))
}

fn written(typed: &Form, policy: &Policy, owner: AskedOwner) -> String {
    let name = typed.given("name");
    let is_of_service = create::names_service(typed);
    let mut line = String::from("headgate keys create");
    let mut flag = |name: &str, value: Option<String>| {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            line.push_str(&format!(" --{name} {}", quoted(&value)));
        }
    };
    flag("alias", name.clone());
    // A team says which organization it is.
    let organization = owner.organization_id.filter(|_| owner.team_id.is_none());
    flag("org", organization);
    flag("team", owner.team_id);
    flag("service", name.filter(|_| is_of_service));
    flag("user", owner.user_id);
    flag("environment", typed.given("environment"));
    flag("models", Some(policy.models.join(",")));
    for budget in &policy.budgets {
        flag("budget", Some(amount(budget)));
    }
    flag(
        "budget-id",
        policy.budget_id.as_ref().map(ToString::to_string),
    );
    let number = |value: Option<u64>| value.map(|value| value.to_string());
    flag("rpm", number(policy.limits.rpm));
    flag("tpm", number(policy.limits.tpm));
    flag("parallel", number(policy.limits.parallel));
    let addresses: Vec<String> = policy.allowed_addresses.texts().collect();
    flag("allowed-addresses", Some(addresses.join(",")));
    flag("tags", Some(policy.tags.join(",")));
    flag("expires", typed.given("expires"));
    line
}

fn amount(budget: &Budget) -> String {
    let limit = budget.limit_nanousd;
    match budget.window {
        Some(window) => format!("{limit}/{window}"),
        None => limit.to_string(),
    }
}

/// A word as a shell takes it.
fn quoted(text: &str) -> Cow<'_, str> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-./:@%+=,".contains(&byte);
    match text.bytes().all(is_plain) {
        true => Cow::Borrowed(text),
        false => Cow::Owned(format!("'{}'", text.replace('\'', "'\\''"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(typed: &[u8], owner: AskedOwner) -> String {
        let typed = Form::read(typed).unwrap();
        let policy = form::policy(&typed, &Policy::default()).unwrap();
        written(&typed, &policy, owner)
    }

    fn some(id: &str) -> Option<String> {
        Some(id.to_owned())
    }

    #[test]
    fn the_line_has_a_flag_for_all_that_was_chosen() {
        let line = of(
            b"name=bot&team=team_1&owner=service&models_shown=1&models=a&models=openai%2F*\
              &budget=%2450&period=1mo&expires=90d&rpm=10&tags=eu,+us&shared=budget_1&environment=production",
            AskedOwner {
                organization_id: some("org_1"),
                team_id: some("team_1"),
                ..AskedOwner::default()
            },
        );
        assert_eq!(
            line,
            "headgate keys create --alias bot --team team_1 --service bot --environment production \
             --models 'a,openai/*' --budget 50/1mo --budget-id budget_1 --rpm 10 --tags eu,us \
             --expires 90d"
        );
    }

    #[test]
    fn a_shell_takes_what_was_typed_as_one_word() {
        let owner = AskedOwner {
            organization_id: some("default"),
            user_id: some("user_1"),
            ..AskedOwner::default()
        };
        let line = of(b"name=it%27s+%24HOME&owner=person&expires=never", owner);
        assert_eq!(
            line,
            r"headgate keys create --alias 'it'\''s $HOME' --org default --user user_1 --expires never"
        );
    }
}
