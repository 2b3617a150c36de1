//! The organizations that a form or a list names: to choose one of, or by their ids.

use std::collections::BTreeMap;

use domain::organizations::Organization;
use store::page::Page;
use web_ui::pages::parts::Choice;

use crate::acting::{Permission, may};
use crate::actions::organizations;
use crate::error::ActionError;
use crate::pages::form::Form;
use crate::pages::visit::Visit;

/// How many are shown to choose from.
const MOST: i64 = 200;

async fn all<P: Permission>(visit: &Visit<P>) -> Result<Vec<Organization>, ActionError> {
    let Ok(reading) = visit.acting.also::<may::ReadOrganizations>() else {
        return Ok(Vec::new());
    };
    let listed = organizations::list(&reading, None, &Page::first(MOST)).await?;
    Ok(listed.items)
}

/// Those to choose from, where there are several: the one that was typed, else the one that is looked
/// at, is chosen.
///
/// # Errors
/// When the store does not answer.
pub async fn choices<P: Permission>(
    visit: &Visit<P>,
    typed: &Form,
) -> Result<Vec<Choice>, ActionError> {
    let all = all(visit).await?;
    if all.len() < 2 {
        return Ok(Vec::new());
    }
    let chosen = match typed.text("organization") {
        "" => visit.frame.organization.as_str(),
        typed => typed,
    };
    let each = all.into_iter();
    let each = each.map(|one| Choice::of(one.id.as_str(), one.name, one.id.as_str() == chosen));
    Ok(each.collect())
}

/// Their names by their ids.
///
/// # Errors
/// When the store does not answer.
pub async fn names<P: Permission>(
    visit: &Visit<P>,
) -> Result<BTreeMap<String, String>, ActionError> {
    let each = all(visit).await?.into_iter();
    Ok(each.map(|one| (one.id.to_string(), one.name)).collect())
}
