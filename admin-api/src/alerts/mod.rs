//! What somebody is told, of budgets and of months that are over, and how that reaches them.
//!
//! | module | what |
//! |---|---|
//! | here | what the configuration says |
//! | [`watch`], [`stands`] | whose spend moved, and which thresholds that passed: into the queue |
//! | [`months`] | what a month came to, once it is over: into the queue |
//! | [`deliver`] | out of the queue, until a target takes it |
//! | [`send`], [`mail`] | one message to one target |
//! | [`words`], `month_words` | what it says |

pub mod deliver;
pub mod mail;
mod month_words;
pub mod months;
pub mod send;
mod stands;
pub mod watch;
pub mod words;

use std::path::PathBuf;
use std::sync::Arc;

use arc_swap::ArcSwap;
use domain::alerts::{TargetKind, USUAL_PERCENTS};
use domain::keys::Secret;
use web_ui::language::Language;

/// What the configuration says of alerts, as of its last reload.
pub type CurrentAlerts = Arc<ArcSwap<AlertSettings>>;

/// What the configuration says of alerts.
#[derive(Clone)]
pub struct AlertSettings {
    /// Targets that hear of every organization.
    pub targets: Vec<FileTarget>,
    /// At how many percent somebody is told where a budget says nothing.
    pub percents: Vec<u8>,
    /// In which language letters and messages for people are.
    pub language: Language,
    /// Through which server e-mail goes; without one there is none.
    pub mail: Option<MailServer>,
}

impl Default for AlertSettings {
    fn default() -> Self {
        Self {
            targets: Vec::new(),
            percents: USUAL_PERCENTS.to_vec(),
            language: Language::default(),
            mail: None,
        }
    }
}

/// A target of the configuration file.
#[derive(Clone)]
pub struct FileTarget {
    /// Its name: unique in the file.
    pub name: String,
    /// Where it is.
    pub destination: Destination,
    /// Whether it hears what each month came to as well.
    pub monthly: bool,
}

/// Where one message goes.
#[derive(Clone)]
pub enum Destination {
    /// JSON, posted; signed where there is a secret.
    Webhook {
        /// Where.
        url: Secret,
        /// Under what its messages are signed.
        secret: Option<Secret>,
    },
    /// An incoming webhook of Slack's.
    Slack {
        /// Where.
        url: Secret,
    },
    /// E-mail.
    Email {
        /// To whom; when there is nobody, to the person whose budget it is.
        recipients: Vec<String>,
    },
}

impl Destination {
    /// In which form it takes alerts.
    #[must_use]
    pub const fn kind(&self) -> TargetKind {
        match self {
            Self::Webhook { .. } => TargetKind::Webhook,
            Self::Slack { .. } => TargetKind::Slack,
            Self::Email { .. } => TargetKind::Email,
        }
    }
}

/// A server that takes e-mail (SMTP).
#[derive(Clone)]
pub struct MailServer {
    /// Its name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// Who signs in, and with what; nobody when there is none.
    pub login: Option<(String, Secret)>,
    /// From whom the messages are: `Name <address>` or an address.
    pub sender: String,
    /// How the connection is kept from others.
    pub tls: MailTls,
    /// PEM file of certificate authorities to trust beside the usual ones.
    pub authorities_file: Option<PathBuf>,
    /// Whether its certificate is checked.
    pub verify_certificates: bool,
}

/// How a connection to a mail server is kept from others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailTls {
    /// Not at all.
    Off,
    /// By STARTTLS; a server that does not offer it gets nothing.
    StartTls,
    /// From the first byte (port 465).
    FromTheStart,
}
