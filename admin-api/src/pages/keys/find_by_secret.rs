//! A key found by its secret. The secret comes in a form's body: addresses are kept in histories and logs.

use actix_web::{HttpResponse, web};
use web_ui::pages::dialogs::FieldKind;

use super::list;
use crate::acting::may;
use crate::actions::keys;
use crate::error::ActionError;
use crate::pages::dialogs::{self, Fields};
use crate::pages::fault::told;
use crate::pages::form::Form;
use crate::pages::visit::Visit;
use crate::pages::{PageFault, answers};

type Reading = Visit<may::ReadKeys>;

pub(super) async fn ask(visit: Reading) -> Result<HttpResponse, PageFault> {
    asked(visit, None).await
}

async fn asked(visit: Reading, refused: Option<&ActionError>) -> Result<HttpResponse, PageFault> {
    let words = visit.words();
    let at = visit.frame.to("/keys");
    let dialog = dialogs::form(words, "keys-find", format!("{at}/find"), at);
    let typed = Form::default();
    let fields = Fields::of(words, &typed, refused)
        .field("key", "key", FieldKind::Secret)
        .hint("keys-find-hint");
    list::with(visit, (&fields.within(dialog, refused), refused)).await
}

pub(super) async fn find(visit: Reading, body: web::Bytes) -> Result<HttpResponse, PageFault> {
    let typed = Form::read(&body)?;
    let secret = typed.text("key");
    let found = match secret.starts_with("sk-") {
        true => keys::find(&visit.acting, secret).await,
        false => Err(ActionError::invalid(
            "key",
            "Paste the whole key; it begins with sk-.",
        )),
    };
    match found {
        Ok(key) => Ok(answers::see(&visit.frame.to(&format!("/keys/{}", key.id)))),
        Err(refused @ ActionError::NotFound { .. }) => {
            let refused = ActionError::invalid("key", told(visit.words(), &refused));
            asked(visit, Some(&refused)).await
        }
        Err(refused) if dialogs::is_typed(&refused) => asked(visit, Some(&refused)).await,
        Err(refused) => Err(refused.into()),
    }
}
