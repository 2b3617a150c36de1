//! Alerts, and where they go: listed, set, tried, removed.

use domain::addresses::Egress;
use domain::alerts::{Alert, AlertTarget, Matter, TargetKind};
use domain::ids::{AlertId, AlertTargetId, OrganizationId};
use domain::permissions::{Place, PlatformRole};
use domain::stamps::Stamps;
use domain::time::TimestampMs;
use reqwest::Url;
use serde_json::{Map, Value, json};
use store::Event;
use store::alerts::{AlertFilter, TargetFilter, Told};
use store::page::{Listed, Page};

use crate::acting::{Acting, Permission, may};
use crate::actions::keys::organization_asked;
use crate::actions::{addresses, sealing};
use crate::alerts::deliver::opened;
use crate::alerts::mail;
use crate::alerts::send::Sender;
use crate::egress::allows_literal;
use crate::error::ActionError;

/// The most recipients of a target.
const MOST_RECIPIENTS: usize = 20;

/// With what a target is made.
#[derive(Clone, Debug, Default)]
pub struct NewTarget {
    /// Whose alerts, by either id. None means those of all for an administrator of the platform, and
    /// those of their only organization for anybody else.
    pub organization_id: Option<String>,
    /// For people.
    pub name: String,
    /// `webhook`, `slack`, `email`.
    pub kind: String,
    /// Where, for a webhook or Slack.
    pub url: Option<String>,
    /// Under what a webhook's messages are signed.
    pub secret: Option<String>,
    /// To whom, for e-mail.
    pub recipients: Vec<String>,
    /// Whether it hears what each month came to as well.
    pub monthly: bool,
}

fn place(organization: Option<&OrganizationId>) -> Place {
    Place {
        organization_id: organization.cloned(),
        ..Place::default()
    }
}

fn event(action: &'static str, target: &AlertTarget) -> Event {
    Event {
        action,
        object_kind: "alert_target",
        object_id: target.id.to_string(),
        organization_id: target.organization_id.as_ref().map(ToString::to_string),
        ..Event::default()
    }
}

/// What an audit entry says: the store makes one digest of all secrets.
fn recorded(target: &AlertTarget, settings: &Map<String, Value>) -> Value {
    json!({
        "id": target.id,
        "organization_id": target.organization_id,
        "name": target.name,
        "kind": target.kind,
        "monthly": target.monthly,
        "info": target.info,
        "sealed_settings": sealing::sorted(settings),
        "stamps": target.stamps,
    })
}

/// Sets a target.
///
/// # Errors
/// [`ActionError::Invalid`] for an address that may not be called, and for e-mail without a server;
/// [`ActionError::NotFound`] for an organization that is not the actor's.
pub async fn create(
    acting: &Acting<may::WriteAlerts>,
    new: NewTarget,
) -> Result<AlertTarget, ActionError> {
    let of_platform = acting.actor.rights.platform == Some(PlatformRole::PlatformAdmin);
    let organization_id = whose(acting, &new, of_platform).await?;
    let egress = match of_platform {
        true => Egress::PlatformAdmin,
        false => Egress::Tenant,
    };
    let id = AlertTargetId::generate();
    let (kind, info, settings) = checked(acting, &new, egress)?;
    let sealed_at = AlertTarget::sealed_at(id.as_str());
    let sealed_settings = sealing::seal(&acting.api().settings.encryption, &settings, sealed_at)?;
    let target = AlertTarget {
        id,
        organization_id,
        name: new.name,
        kind,
        monthly: new.monthly,
        of_platform,
        info,
        sealed_settings,
        stamps: Stamps::now(&acting.actor.id()),
    };
    let mut change = acting.store().begin().await?;
    change.insert_alert_target(&target).await?;
    let made = Event {
        after: Some(recorded(&target, &settings)),
        ..event("alert_target.create", &target)
    };
    change.commit(&acting.actor, made).await?;
    Ok(target)
}

async fn whose(
    acting: &Acting<may::WriteAlerts>,
    new: &NewTarget,
    of_platform: bool,
) -> Result<Option<OrganizationId>, ActionError> {
    if of_platform && new.organization_id.is_none() {
        return Ok(None);
    }
    let organization = organization_asked(acting, new.organization_id.as_deref()).await?;
    let asked = new.organization_id.as_deref();
    let asked = asked.unwrap_or_else(|| organization.id.as_str());
    acting
        .on(&place(Some(&organization.id)), "Organization", asked)
        .await?;
    Ok(Some(organization.id))
}

/// What kind of target it is, what may be seen of it, and what may not.
type Checked = (TargetKind, Map<String, Value>, Map<String, Value>);

fn checked(
    acting: &Acting<may::WriteAlerts>,
    new: &NewTarget,
    egress: Egress,
) -> Result<Checked, ActionError> {
    let Some(kind) = TargetKind::from_word(&new.kind) else {
        return Err(ActionError::invalid(
            "kind",
            "`kind` has to be webhook, slack or email.",
        ));
    };
    if kind == TargetKind::Email {
        let recipients = recipients(acting, &new.recipients)?;
        let info = Map::from_iter([("recipients".to_owned(), recipients.into())]);
        return Ok((kind, info, Map::new()));
    }
    let url = new.url.as_deref().unwrap_or_default();
    addresses::checked("url", url)?;
    let parsed = Url::parse(url).ok();
    if parsed
        .as_ref()
        .is_some_and(|url| !allows_literal(egress, url))
    {
        return Err(ActionError::invalid(
            "url",
            "`url`: only an administrator of the platform may name a private address.",
        ));
    }
    let host = parsed.and_then(|url| url.host_str().map(str::to_owned));
    let secret = new.secret.as_deref().filter(|secret| !secret.is_empty());
    let mut info = Map::from_iter([("host".to_owned(), host.into())]);
    info.insert("signed".to_owned(), secret.is_some().into());
    let mut settings = Map::from_iter([("url".to_owned(), url.into())]);
    settings.extend(secret.map(|secret| ("secret".to_owned(), secret.into())));
    Ok((kind, info, settings))
}

fn recipients(
    acting: &Acting<may::WriteAlerts>,
    given: &[String],
) -> Result<Vec<String>, ActionError> {
    if acting.api().settings.alerts.load().mail.is_none() {
        return Err(ActionError::invalid(
            "kind",
            "There is no mail server. The operator sets SMTP_HOST and SMTP_SENDER_EMAIL.",
        ));
    }
    if given.is_empty() || given.len() > MOST_RECIPIENTS {
        return Err(ActionError::invalid(
            "recipients",
            format!("`recipients` has to name 1 to {MOST_RECIPIENTS} e-mail addresses."),
        ));
    }
    match given.iter().find(|one| !mail::is_address(one)) {
        Some(wrong) => Err(ActionError::invalid(
            "recipients",
            format!("`{wrong}` is no e-mail address."),
        )),
        None => Ok(given.to_vec()),
    }
}

async fn visible<P: Permission>(acting: &Acting<P>, id: &str) -> Result<AlertTarget, ActionError> {
    let found = acting.store().alert_target(id).await?;
    let target = found.ok_or_else(|| ActionError::not_found("Alert target", id))?;
    let place = place(target.organization_id.as_ref());
    acting.on(&place, "Alert target", id).await?;
    Ok(target)
}

/// Lists the targets that the actor may see.
///
/// # Errors
/// When the store does not answer.
pub async fn targets(
    acting: &Acting<may::ReadAlerts>,
    organization_id: Option<&str>,
    page: &Page,
) -> Result<Listed<AlertTarget>, ActionError> {
    let filter = TargetFilter {
        scope: acting.scope(),
        organization_id: organization_id.map(OrganizationId::new),
    };
    Ok(acting.store().alert_targets(&filter, page).await?)
}

/// Finds a target.
///
/// # Errors
/// [`ActionError::NotFound`] also when the actor may not see it.
pub async fn find(acting: &Acting<may::WriteAlerts>, id: &str) -> Result<AlertTarget, ActionError> {
    visible(acting, id).await
}

/// Removes a target; what was on its way there is given up.
///
/// # Errors
/// [`ActionError::NotFound`] also when the actor may not see it.
pub async fn delete(acting: &Acting<may::WriteAlerts>, id: &str) -> Result<(), ActionError> {
    let target = visible(acting, id).await?;
    let keys = &acting.api().settings.encryption;
    let sealed_at = AlertTarget::sealed_at(target.id.as_str());
    let settings = sealing::open(keys, &target.sealed_settings, sealed_at).unwrap_or_default();
    let mut change = acting.store().begin().await?;
    change.delete_alert_target(&target.id).await?;
    let gone = Event {
        before: Some(recorded(&target, &settings)),
        ..event("alert_target.delete", &target)
    };
    change.commit(&acting.actor, gone).await?;
    Ok(())
}

/// Sends a target a message that says that it is a test. Why it was not taken is the answer, and no
/// error of ours.
///
/// # Errors
/// As [`delete`].
pub async fn test(
    acting: &Acting<may::WriteAlerts>,
    id: &str,
) -> Result<Result<(), String>, ActionError> {
    let target = visible(acting, id).await?;
    let settings = &acting.api().settings;
    let sender = Sender::new(&settings.provider_trust, &settings.alerts)
        .map_err(|fault| ActionError::Internal(fault.to_string()))?;
    let egress = match target.of_platform {
        true => Egress::PlatformAdmin,
        false => Egress::Tenant,
    };
    let sent = match opened(&settings.encryption, &target) {
        Ok(to) => {
            sender
                .send(
                    &to,
                    Some(egress),
                    &trial(target.organization_id.as_ref(), &target.name),
                )
                .await
        }
        Err(why) => Err(why),
    };
    let tried = Event {
        after: Some(json!({"delivered": sent.is_ok()})),
        ..event("alert_target.test", &target)
    };
    acting.store().record(&acting.actor, tried).await?;
    Ok(sent)
}

/// The message of a test.
pub(in crate::actions) fn trial(whose: Option<&OrganizationId>, name: &str) -> Alert {
    Alert {
        id: AlertId::generate(),
        organization_id: whose.cloned(),
        team_id: None,
        at: TimestampMs::now(),
        matter: Matter::Test {
            tried: name.to_owned(),
        },
    }
}

/// Lists alerts, and how far each is on its way.
///
/// # Errors
/// When the store does not answer.
pub async fn list(
    acting: &Acting<may::ReadAlerts>,
    organization_id: Option<&str>,
    page: &Page,
) -> Result<Listed<Told>, ActionError> {
    let filter = AlertFilter {
        scope: acting.scope(),
        organization_id: organization_id.map(OrganizationId::new),
    };
    Ok(acting.store().alerts(&filter, page).await?)
}
