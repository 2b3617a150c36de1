//! The letter with an invitation's link.

use std::time::Duration;

use domain::invitations::{Invitation, InvitationPurpose};
use domain::keys::Secret;

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
    let Some(server) = api.settings.alerts.mail.clone() else {
        return Err("there is no mail server: set SMTP_HOST and SMTP_SENDER_EMAIL".to_owned());
    };
    let Some(email) = invitation.email.clone() else {
        return Err("the person has no e-mail address".to_owned());
    };
    let (subject, text) = words(invitation, link);
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

fn words(invitation: &Invitation, link: &Secret) -> (String, String) {
    let end = invitation.expires_at.to_rfc3339();
    let (subject, first) = match invitation.purpose {
        InvitationPurpose::Invitation => (
            "You are invited to Headgate",
            "An administrator invites you to Headgate, the AI gateway. Open this link to make your account:",
        ),
        InvitationPurpose::Password => (
            "Set a new password for Headgate",
            "An administrator made this link with which you set a new password for Headgate. All your sessions end then:",
        ),
    };
    let text = format!(
        "{first}\n\n{}\n\nThe link is good once, until {end}. If you did not expect it, do nothing.\n",
        link.expose()
    );
    (subject.to_owned(), text)
}
