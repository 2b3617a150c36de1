//! One message to one target.

use std::sync::Arc;
use std::time::Duration;

use domain::addresses::Egress;
use domain::alerts::{Alert, signature};
use domain::keys::Secret;
use domain::time::TimestampMs;
use reqwest::header::CONTENT_TYPE;
use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder, RequestBuilder, Url};
use rustls::ClientConfig;
use web_ui::words::Words;

use super::{CurrentAlerts, Destination, mail, words};
use crate::egress::{Checking, allows_literal};

/// How long a target has to take a message.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// Connections to targets; those to addresses from the API look where they lead.
pub struct Sender {
    of_file: Client,
    of_platform: Client,
    of_tenants: Client,
    settings: CurrentAlerts,
}

impl Sender {
    /// Makes one that trusts the same authorities as calls to providers.
    ///
    /// # Errors
    /// When there is no TLS to be had.
    pub fn new(trust: &ClientConfig, settings: &CurrentAlerts) -> Result<Self, reqwest::Error> {
        let builder = || -> ClientBuilder {
            Client::builder()
                .tls_backend_preconfigured(trust.clone())
                .redirect(Policy::none())
                .timeout(PATIENCE)
        };
        // A proxy would resolve names where we cannot look.
        let checking = |egress| builder().no_proxy().dns_resolver(Checking(egress)).build();
        Ok(Self {
            of_file: builder().build()?,
            of_platform: checking(Egress::PlatformAdmin)?,
            of_tenants: checking(Egress::Tenant)?,
            settings: Arc::clone(settings),
        })
    }

    /// Sends an alert. `egress` says who named the address; none for the operator's file.
    ///
    /// # Errors
    /// Why it was not taken, in words that hold no secret.
    pub async fn send(
        &self,
        destination: &Destination,
        egress: Option<Egress>,
        alert: &Alert,
    ) -> Result<(), String> {
        match destination {
            Destination::Webhook { url, secret } => {
                let body = words::webhook(alert).to_string();
                let at_s = TimestampMs::now().0 / 1_000;
                let request = self.post(url, egress)?;
                let request = request.header("x-headgate-alert-id", alert.id.as_str());
                let request = match secret {
                    Some(secret) => {
                        let signed = signature(secret, at_s, body.as_bytes());
                        request.header("x-headgate-signature", format!("t={at_s},v1={signed}"))
                    }
                    None => request,
                };
                taken(request.body(body)).await
            }
            Destination::Slack { url } => {
                let request = self.post(url, egress)?;
                taken(request.body(words::slack(self.words(), alert).to_string())).await
            }
            Destination::Email { recipients } => self.mail(recipients, alert).await,
        }
    }

    fn words(&self) -> Words {
        let language = self.settings.load().language;
        Words { language }
    }

    fn post(&self, url: &Secret, egress: Option<Egress>) -> Result<RequestBuilder, String> {
        let url = Url::parse(url.expose()).map_err(|_no_url| "its address is none".to_owned())?;
        if egress.is_some_and(|egress| !allows_literal(egress, &url)) {
            return Err("its address may not be called from here".to_owned());
        }
        let client = match egress {
            None => &self.of_file,
            Some(Egress::PlatformAdmin) => &self.of_platform,
            Some(Egress::Tenant) => &self.of_tenants,
        };
        Ok(client.post(url).header(CONTENT_TYPE, "application/json"))
    }

    async fn mail(&self, recipients: &[String], alert: &Alert) -> Result<(), String> {
        let Some(server) = self.settings.load().mail.clone() else {
            return Err("there is no mail server: set SMTP_HOST and SMTP_SENDER_EMAIL".to_owned());
        };
        let own = alert.matter.user_email().into_iter();
        let recipients: Vec<String> = match recipients.is_empty() {
            true => own.map(str::to_owned).collect(),
            false => recipients.to_vec(),
        };
        let letter = mail::Letter {
            id: format!("<{}@headgate>", alert.id),
            recipients,
            subject: words::subject(self.words(), alert),
            text: words::text(self.words(), alert),
        };
        let sent = tokio::task::spawn_blocking(move || mail::send(&server, letter));
        let late = |_elapsed| "the mail server did not answer in time".to_owned();
        let sent = tokio::time::timeout(PATIENCE, sent).await.map_err(late)?;
        sent.map_err(|fault| fault.to_string())?
    }
}

async fn taken(request: RequestBuilder) -> Result<(), String> {
    match request.send().await {
        Ok(answer) if answer.status().is_success() => Ok(()),
        // What it says is not told: it may repeat what was sent, or its address.
        Ok(answer) => Err(format!(
            "it answered with status {}",
            answer.status().as_u16()
        )),
        Err(fault) if fault.is_timeout() => Err("it did not answer within 10 seconds".to_owned()),
        Err(fault) if fault.is_connect() => Err("it cannot be reached".to_owned()),
        Err(_fault) => Err("the connection broke".to_owned()),
    }
}
