//! The letter with an invitation's link.

use std::time::Duration;

use domain::invitations::{Invitation, InvitationPurpose};
use domain::keys::Secret;
use web_ui::words::Words;

use crate::AdminApi;
use crate::alerts::mail::{self, Letter};

/// How long the mail server has.
const PATIENCE: Duration = Duration::from_secs(10);

/// Mails the link.
///
/// # Errors
/// Why it was not mailed: there is no server, no address, or the server did not take it.
pub(super) async fn send(
    api: &AdminApi,
    invitation: &Invitation,
    link: &Secret,
) -> Result<(), String> {
    let Some(server) = api.settings.alerts.load().mail.clone() else {
        return Err("there is no mail server: set SMTP_HOST and SMTP_SENDER_EMAIL".to_owned());
    };
    let Some(email) = invitation.email.clone() else {
        return Err("the person has no e-mail address".to_owned());
    };
    let words = Words {
        language: api.settings.language,
    };
    let (subject, text) = told(words, invitation, link);
    let letter = Letter {
        id: format!("<{}@headgate>", invitation.id),
        recipients: vec![email],
        subject,
        text,
    };
    let sent = tokio::task::spawn_blocking(move || mail::send(&server, letter));
    let late = |_elapsed| "the mail server did not answer in time".to_owned();
    let sent = tokio::time::timeout(PATIENCE, sent).await.map_err(late)?;
    sent.map_err(|fault| fault.to_string())?
}

fn told(words: Words, invitation: &Invitation, link: &Secret) -> (String, String) {
    let (subject, first) = match invitation.purpose {
        InvitationPurpose::Invitation => ("letter-invitation", "letter-invitation-text"),
        InvitationPurpose::Password => ("letter-password", "letter-password-text"),
    };
    let end = invitation.expires_at.to_rfc3339();
    let last = words.with("letter-good", &[("end", end.into())]);
    let text = format!("{}\n\n{}\n\n{last}\n", words.t(first), link.expose());
    (words.t(subject), text)
}
