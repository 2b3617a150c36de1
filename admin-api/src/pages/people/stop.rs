//! A person deactivated, with their keys handed over or not; activated; deleted.

use actix_web::{HttpResponse, web};
use domain::ids::UserId;
use domain::users::User;
use store::page::Page;
use store::usage::Dimension;
use store::virtual_keys::KeyFilter;
use web_ui::figures::count;
use web_ui::pages::dialogs::Dialog;
use web_ui::pages::parts::{Choice, Fact};

use super::{detail, name};
use crate::acting::may;
use crate::actions::keys::{self, KeyChange};
use crate::actions::{levels, users};
use crate::error::ActionError;
use crate::pages::dialogs::Fields;
use crate::pages::form::Form;
use crate::pages::keys::name as name_of_key;
use crate::pages::visit::Visit;
use crate::pages::{PageFault, at_stake, dialogs};

type Writing = Visit<may::WriteUsers>;

/// How many keys the question names.
const KEYS_NAMED: i64 = 10;

fn of_person(user: &User) -> KeyFilter {
    KeyFilter {
        user_id: Some(user.id.clone()),
        ..KeyFilter::default()
    }
}

async fn question(
    visit: &Writing,
    user: &User,
    (title, warning, submit): (&str, &str, &str),
    path: &str,
) -> Result<Dialog, ActionError> {
    let words = visit.words();
    let title = words.with(title, &[("name", name(user).into())]);
    let at = visit.frame.to(&format!("/people/{}", user.id));
    let texts = (title, warning, submit);
    let mut dialog = dialogs::question(words, texts, format!("{at}/{path}"), at);
    let spender = (Dimension::User, user.id.to_string());
    dialog.facts = at_stake::facts(visit, of_person(user), spender).await?;
    Ok(dialog)
}

async fn deactivating(
    visit: Writing,
    (user, typed): (&User, &Form),
    refused: Option<&ActionError>,
) -> Result<HttpResponse, PageFault> {
    let texts = ("deactivate-title", "deactivate-then", "person-deactivate");
    let mut dialog = question(&visit, user, texts, "deactivate").await?;
    let words = visit.words();
    dialog.facts.extend(keys_of(&visit, user).await?);
    let chosen = typed.text("to");
    let each = [
        ("", "hand-over-not"),
        ("team", "hand-over-team"),
        ("person", "hand-over-person"),
    ];
    let choices = each.map(|(word, text)| Choice::of(word, words.t(text), word == chosen));
    let fields = Fields::of(words, typed, refused)
        .select("to", "hand-over-to", choices.into())
        .text("heir", "hand-over")
        .hint("hand-over-hint");
    let dialog = fields.within(dialog, refused);
    detail::with(visit.to()?, user.id.as_str(), (&dialog, refused)).await
}

pub(super) async fn ask_block(
    visit: Writing,
    id: web::Path<String>,
) -> Result<HttpResponse, PageFault> {
    let user = users::find(&visit.acting.also()?, &id).await?;
    deactivating(visit, (&user, &Form::default()), None).await
}

/// Which keys it is about: the newest by name, and how many more.
async fn keys_of(visit: &Writing, user: &User) -> Result<Option<Fact>, ActionError> {
    let Ok(reading) = visit.acting.also::<may::ReadKeys>() else {
        return Ok(None);
    };
    let page = Page {
        count: true,
        ..Page::first(KEYS_NAMED)
    };
    let listed = keys::list(&reading, of_person(user), &page).await?;
    let mut named: Vec<String> = listed.items.iter().map(name_of_key).collect();
    let shown = i64::try_from(named.len()).unwrap_or(0);
    let more = listed.total.unwrap_or(0).saturating_sub(shown);
    let words = visit.words();
    if let Some(more) = u64::try_from(more).ok().filter(|more| *more > 0) {
        let told = [("count", count(words, more).into())];
        named.push(words.with("and-more", &told));
    }
    Ok((!named.is_empty()).then(|| Fact {
        name: words.t("nav-keys"),
        value: named.join(", "),
    }))
}

/// To whom keys go.
enum Heir {
    /// Another person.
    Person(UserId),
    /// The team of each; those without one stay.
    Team,
}

impl Heir {
    /// As a form says it; none where the keys stay. A name without a choice is a choice.
    async fn read(visit: &Writing, user: &User, typed: &Form) -> Result<Option<Self>, ActionError> {
        let heir = typed.given("heir");
        match (typed.text("to"), heir) {
            ("team", _) => Ok(Some(Self::Team)),
            ("person", None) => Err(ActionError::invalid(
                "heir",
                "Say to whom the keys go: an email address or an ID.",
            )),
            (_, None) => Ok(None),
            (_, Some(heir)) => {
                let found = users::named(&visit.acting.also()?, &heir).await;
                let found = found.map_err(in_the_field)?;
                if found.id == user.id {
                    return Err(ActionError::invalid(
                        "heir",
                        "Name somebody else: this person is being deactivated.",
                    ));
                }
                Ok(Some(Self::Person(found.id)))
            }
        }
    }
}

/// Gives the keys of a person away, in one change.
async fn hand_over(visit: &Writing, user: &User, heir: &Heir) -> Result<(), ActionError> {
    let theirs = levels::all_keys(&visit.acting, of_person(user)).await?;
    let (to, without_team) = match heir {
        Heir::Person(id) => (Some(id.to_string()), true),
        Heir::Team => (None, false),
    };
    let given = theirs
        .into_iter()
        .filter(|key| without_team || key.team_id.is_some());
    let changes = given.map(|key| {
        let to = to.clone();
        let change = move |change: &mut KeyChange| {
            change.owner.user_id = to;
            Ok(())
        };
        (key.id.to_string(), change)
    });
    let done = keys::update_many(&visit.acting.also()?, changes.collect()).await?;
    match done.failed.into_iter().next() {
        None => Ok(()),
        Some((key, why)) => Err(ActionError::invalid(
            "heir",
            format!("The key {key} cannot be handed over: {why}"),
        )),
    }
}

pub(super) async fn block(
    visit: Writing,
    id: web::Path<String>,
    body: web::Bytes,
) -> Result<HttpResponse, PageFault> {
    let typed = Form::read(&body)?;
    let user = users::find(&visit.acting.also()?, &id).await?;
    let handed = match Heir::read(&visit, &user, &typed).await {
        Ok(None) => Ok(()),
        Ok(Some(heir)) => hand_over(&visit, &user, &heir).await.map_err(in_the_field),
        Err(refused) => Err(refused),
    };
    let done = match handed {
        Ok(()) => users::set_blocked(&visit.acting, user.id.as_str(), true).await,
        Err(refused) => Err(refused),
    };
    match done {
        Ok(user) => Ok(visit.done(&format!("/people/{}", user.id), "person-deactivated")),
        Err(refused) if dialogs::is_typed(&refused) => {
            deactivating(visit, (&user, &typed), Some(&refused)).await
        }
        Err(refused) => Err(refused.into()),
    }
}

/// Nobody of that name is a fault of what was typed.
fn in_the_field(error: ActionError) -> ActionError {
    match error {
        missing @ ActionError::NotFound { .. } => ActionError::invalid("heir", missing.to_string()),
        other => other,
    }
}

pub(super) async fn unblock(
    visit: Writing,
    id: web::Path<String>,
) -> Result<HttpResponse, PageFault> {
    let user = users::set_blocked(&visit.acting, &id, false).await?;
    Ok(visit.done(&format!("/people/{}", user.id), "person-activated"))
}

pub(super) async fn ask_delete(
    visit: Writing,
    id: web::Path<String>,
) -> Result<HttpResponse, PageFault> {
    let user = users::find(&visit.acting.also()?, &id).await?;
    let texts = ("delete-title", "person-delete-then", "person-delete");
    let dialog = question(&visit, &user, texts, "delete").await?;
    detail::with(visit.to()?, user.id.as_str(), (&dialog, None)).await
}

pub(super) async fn delete(
    visit: Writing,
    id: web::Path<String>,
) -> Result<HttpResponse, PageFault> {
    users::delete(&visit.acting, &[id.into_inner()]).await?;
    Ok(visit.done("/people", "person-deleted"))
}
