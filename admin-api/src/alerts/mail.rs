//! One letter through a mail server (SMTP, RFC 5321). It blocks: call it away from the runtime.

use std::time::Duration;

use lettre::message::Mailbox;
use lettre::message::header::ContentType;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{Message, SmtpTransport, Transport as _};

use super::{MailServer, MailTls};

/// How long the server has for each of its answers.
const PATIENCE: Duration = Duration::from_secs(5);

/// A letter.
pub struct Letter {
    /// `<…@…>`: the same however often it is sent, so that mailboxes can drop a second one.
    pub id: String,
    /// To whom.
    pub recipients: Vec<String>,
    /// About what.
    pub subject: String,
    /// What it says, plain.
    pub text: String,
}

/// Hands a letter to the server.
///
/// # Errors
/// Why the server did not take it.
pub fn send(server: &MailServer, letter: Letter) -> Result<(), String> {
    let message = message(server, letter)?;
    let transport = transport(server)?;
    match transport.send(&message) {
        Ok(_taken) => Ok(()),
        Err(refused) => Err(format!("the mail server did not take it: {refused}")),
    }
}

/// Whether a text is an address of somebody, with or without a name.
#[must_use]
pub fn is_address(text: &str) -> bool {
    text.parse::<Mailbox>().is_ok()
}

fn mailbox(text: &str) -> Result<Mailbox, String> {
    text.parse()
        .map_err(|malformed| format!("`{text}` is no e-mail address: {malformed}"))
}

fn message(server: &MailServer, letter: Letter) -> Result<Message, String> {
    let Letter {
        id,
        recipients,
        subject,
        text,
    } = letter;
    let mut builder = Message::builder()
        .from(mailbox(&server.sender)?)
        .message_id(Some(id))
        .subject(subject)
        .header(ContentType::TEXT_PLAIN);
    for recipient in &recipients {
        builder = builder.to(mailbox(recipient)?);
    }
    builder
        .body(text)
        .map_err(|malformed| format!("the letter cannot be written: {malformed}"))
}

fn transport(server: &MailServer) -> Result<SmtpTransport, String> {
    let tls = match server.tls {
        MailTls::Off => Tls::None,
        MailTls::StartTls => Tls::Required(parameters(server)?),
        MailTls::FromTheStart => Tls::Wrapper(parameters(server)?),
    };
    let mut builder = SmtpTransport::builder_dangerous(server.host.as_str())
        .port(server.port)
        .timeout(Some(PATIENCE))
        .tls(tls);
    if let Some((user, password)) = &server.login {
        let password = password.expose().to_owned();
        builder = builder.credentials(Credentials::new(user.clone(), password));
    }
    Ok(builder.build())
}

fn parameters(server: &MailServer) -> Result<TlsParameters, String> {
    let mut builder = TlsParameters::builder(server.host.clone());
    if let Some(file) = &server.authorities_file {
        let unreadable = |cause: String| format!("cannot read {}: {cause}", file.display());
        let pem = std::fs::read(file).map_err(|cause| unreadable(cause.to_string()))?;
        let authority =
            Certificate::from_pem(&pem).map_err(|cause| unreadable(cause.to_string()))?;
        builder = builder.add_root_certificate(authority);
    }
    if !server.verify_certificates {
        builder = builder.dangerous_accept_invalid_certs(true);
    }
    builder.build().map_err(|fault| fault.to_string())
}
