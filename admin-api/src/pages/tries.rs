//! `/ui/settings/try/…`: the mail server, targets of the file and identity providers, tried.

use actix_web::{HttpResponse, web};
use domain::alerts::TargetKind;
use domain::permissions::Action;
use web_ui::figures::{count, duration};
use web_ui::pages::own::{TriedNote, TryRow};
use web_ui::pages::parts::Fact;
use web_ui::words::Words;

use crate::acting::may;
use crate::actions::tries::{self, Found, Outside};
use crate::error::ActionError;
use crate::identity::provider::Heard;
use crate::pages::addresses::encoded;
use crate::pages::fault::told;
use crate::pages::visit::Visit;
use crate::pages::{PageFault, settings};
use crate::routes::{Route, unshaped_route};

/// The routes.
pub const ROUTES: &[Route] = &[
    unshaped_route!(POST "/ui/settings/try/{kind}/{name}" => attempt, CheckHealth, "Tries the mail server, a target of alerts that the file names, or an identity provider."),
];

/// What can be tried, for who may.
pub fn rows(visit: &Visit<may::ReadSettings>) -> Vec<TryRow> {
    if !visit.may(Action::CheckHealth) {
        return Vec::new();
    }
    let words = visit.words();
    let all = tries::all(&visit.acting).into_iter();
    let row = |(outside, name, kind): (Outside, String, Option<TargetKind>)| {
        let (path, key, text) = match &outside {
            Outside::Mail => ("mail", "smtp", "try-mail"),
            Outside::Target(key) => ("target", key.as_str(), kind_text(kind)),
            Outside::Provider(key) => ("provider", key.as_str(), "try-provider"),
        };
        let to = format!("/settings/try/{path}/{}", encoded(key));
        TryRow {
            kind: words.t(text),
            href: visit.frame.to(&to),
            name,
        }
    };
    all.map(row).collect()
}

fn kind_text(kind: Option<TargetKind>) -> &'static str {
    match kind {
        Some(TargetKind::Slack) => "target-slack",
        Some(TargetKind::Email) => "target-email",
        Some(TargetKind::Webhook) | None => "target-webhook",
    }
}

async fn attempt(
    visit: Visit<may::CheckHealth>,
    asked: web::Path<(String, String)>,
) -> Result<HttpResponse, PageFault> {
    let (kind, name) = asked.into_inner();
    let outside = Outside::named(&kind, &name);
    let outside = outside.ok_or_else(|| ActionError::not_found("Setting", &name))?;
    let words = visit.words();
    let letter = (words.t("try-letter"), words.t("try-letter-text"));
    let note = match tries::run(&visit.acting, &outside, letter).await {
        Ok(Ok(found)) => works(words, found),
        Ok(Err(why)) => {
            let told = [("why", words.fault(&why).into())];
            failed(words.with("try-fails", &told))
        }
        Err(refused @ ActionError::Invalid { .. }) => failed(told(words, &refused)),
        Err(error) => return Err(error.into()),
    };
    settings::with(visit.to()?, Some(note)).await
}

const fn failed(text: String) -> TriedNote {
    TriedNote {
        works: false,
        text,
        facts: Vec::new(),
    }
}

fn works(words: Words, found: Found) -> TriedNote {
    let (text, facts) = match found {
        Found::Mailed(address) => {
            let told = [("address", address.into())];
            (words.with("try-mailed", &told), Vec::new())
        }
        Found::Taken => (words.t("said-target-tested"), Vec::new()),
        Found::Heard(heard) => (words.t("try-heard"), facts(words, heard)),
    };
    TriedNote {
        works: true,
        text,
        facts,
    }
}

fn facts(words: Words, heard: Heard) -> Vec<Fact> {
    let Heard {
        issuer,
        authorization_endpoint,
        token_endpoint,
        jwks_uri,
        keys,
        took_ms,
    } = heard;
    let keys = count(words, u64::try_from(keys).unwrap_or(0));
    let told = [
        ("try-issuer", issuer),
        ("try-authorization", authorization_endpoint),
        ("try-token", token_endpoint),
        ("try-keys-at", jwks_uri),
        ("try-keys", keys),
        ("try-took", duration(words, took_ms)),
    ];
    let fact = |(name, value): (&str, String)| Fact {
        name: words.t(name),
        value,
    };
    told.into_iter().map(fact).collect()
}
