//! What is outside, tried: the mail server, targets of the file, identity providers.

use domain::alerts::TargetKind;
use domain::permissions::Place;
use serde_json::json;
use store::Event;

use crate::acting::{Acting, may};
use crate::actions::alerts;
use crate::alerts::mail::{self, Letter};
use crate::alerts::send::{PATIENCE, Sender};
use crate::error::ActionError;
use crate::identity::provider::Heard;

/// What can be tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outside {
    /// The mail server.
    Mail,
    /// A target of alerts that the file names.
    Target(String),
    /// An identity provider.
    Provider(String),
}

impl Outside {
    /// Reads it as addresses have it.
    #[must_use]
    pub fn named(kind: &str, name: &str) -> Option<Self> {
        match kind {
            "mail" => Some(Self::Mail),
            "target" => Some(Self::Target(name.to_owned())),
            "provider" => Some(Self::Provider(name.to_owned())),
            _ => None,
        }
    }
}

/// What came of it.
#[derive(Clone, Debug)]
pub enum Found {
    /// The letter was taken for this address.
    Mailed(String),
    /// The target took the message.
    Taken,
    /// The provider answered.
    Heard(Heard),
}

/// Everything that the actor may try, with the name and the kind of each target and the title of each
/// provider.
#[must_use]
pub fn all(acting: &Acting<may::ReadSettings>) -> Vec<(Outside, String, Option<TargetKind>)> {
    let settings = &acting.api().settings;
    let alerts = settings.alerts.load();
    let mail = alerts.mail.as_ref();
    let mail = mail.map(|server| (Outside::Mail, server.host.clone(), None));
    let try_targets = acting.also::<may::WriteAlerts>();
    let try_targets = try_targets.is_ok_and(|acting| acting.whole_scope().everything);
    let targets = alerts.targets.iter().filter(|_| try_targets);
    let targets = targets.map(|target| {
        let kind = target.destination.kind();
        let outside = Outside::Target(target.name.clone());
        (outside, target.name.clone(), Some(kind))
    });
    let providers = settings.sign_in.providers().iter().map(|provider| {
        let settings = &provider.settings;
        let outside = Outside::Provider(settings.name.clone());
        (outside, settings.title.clone(), None)
    });
    mail.into_iter().chain(targets).chain(providers).collect()
}

/// Tries it. Why it does not work is the answer, and no error of ours.
///
/// # Errors
/// [`ActionError::NotFound`] for what the configuration does not name; [`ActionError::Invalid`] when
/// the actor has no address of their own, to which a letter would go; [`ActionError::NotPermitted`]
/// for a target of who may not say where alerts go.
pub async fn run(
    acting: &Acting<may::CheckHealth>,
    outside: &Outside,
    letter: (String, String),
) -> Result<Result<Found, String>, ActionError> {
    let (kind, name) = match outside {
        Outside::Mail => ("mail_server", "mail"),
        Outside::Target(name) => ("alert_target", name.as_str()),
        Outside::Provider(name) => ("identity_provider", name.as_str()),
    };
    let found = match outside {
        Outside::Mail => mailed(acting, letter).await?,
        Outside::Target(name) => posted(acting, name).await?,
        Outside::Provider(name) => heard(acting, name).await?,
    };
    let tried = Event {
        action: "outside.test",
        object_kind: kind,
        object_id: name.to_owned(),
        after: Some(json!({"works": found.is_ok()})),
        ..Event::default()
    };
    acting.store().record(&acting.actor, tried).await?;
    Ok(found)
}

async fn mailed(
    acting: &Acting<may::CheckHealth>,
    (subject, text): (String, String),
) -> Result<Result<Found, String>, ActionError> {
    let Some(server) = acting.api().settings.alerts.load().mail.clone() else {
        return Err(ActionError::not_found("Mail server", "SMTP_HOST"));
    };
    let own = match &acting.actor.rights.user_id {
        Some(id) => acting.store().user(id.as_str()).await?,
        None => None,
    };
    let Some(address) = own.and_then(|own| own.email) else {
        return Err(ActionError::invalid(
            "email",
            "A test letter goes to your own address, and you have none here.",
        ));
    };
    let letter = Letter {
        id: format!("<{}@headgate>", domain::ids::AlertId::generate()),
        recipients: vec![address.clone()],
        subject,
        text,
    };
    let sent = tokio::task::spawn_blocking(move || mail::send(&server, letter));
    Ok(match tokio::time::timeout(PATIENCE, sent).await {
        Err(_elapsed) => Err("The mail server did not answer in time.".to_owned()),
        Ok(Err(broken)) => Err(broken.to_string()),
        Ok(Ok(sent)) => sent.map(|()| Found::Mailed(address)),
    })
}

async fn posted(
    acting: &Acting<may::CheckHealth>,
    name: &str,
) -> Result<Result<Found, String>, ActionError> {
    // Who tries a target says something to all who read it: that takes what adding one takes.
    let writing = acting.also::<may::WriteAlerts>()?;
    writing.on(&Place::default(), "Alert target", name).await?;
    let settings = &acting.api().settings;
    let known = settings.alerts.load_full();
    let target = known.targets.iter().find(|one| one.name == name);
    let target = target.ok_or_else(|| ActionError::not_found("Alert target", name))?;
    let sender = Sender::new(&settings.provider_trust, &settings.alerts)
        .map_err(|fault| ActionError::Internal(fault.to_string()))?;
    let sent = sender
        .send(&target.destination, None, &alerts::trial(None, name))
        .await;
    Ok(sent.map(|()| Found::Taken))
}

async fn heard(
    acting: &Acting<may::CheckHealth>,
    name: &str,
) -> Result<Result<Found, String>, ActionError> {
    let provider = acting.api().settings.sign_in.provider(name);
    let provider = provider.ok_or_else(|| ActionError::not_found("Identity provider", name))?;
    Ok(provider.heard().await.map(Found::Heard))
}
