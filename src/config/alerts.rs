//! Where alerts go: `headgate.alert_targets`, LiteLLM's `general_settings.alerting`, and
//! the mail server of the `SMTP_…` variables.

use admin_api::alerts::{AlertSettings, Destination, FileTarget, MailServer, MailTls};
use admin_api::settings::Language;
use domain::alerts::{TargetKind, USUAL_PERCENTS};
use domain::keys::Secret;

use super::environment::Environment;
use super::gateway::Outgoing;
use super::keys::SectionName;
use super::node::{Content, Node, boolean};
use super::report::{Position, Report};
use super::section::Section;
use super::settings::Sources;

/// The port on which mail is handed in (RFC 6409).
const SUBMISSION_PORT: u16 = 587;

/// The port on which it is handed in over TLS from the first byte (RFC 8314).
const SUBMISSIONS_PORT: u16 = 465;

/// LiteLLM's word for alerts of budgets.
const BUDGET_ALERTS: &str = "budget_alerts";

/// Reads them.
pub fn read(
    sources: &Sources<'_>,
    environment: &Environment,
    outgoing: &Outgoing,
    report: &mut Report,
) -> AlertSettings {
    let mut settings = AlertSettings {
        targets: Vec::new(),
        percents: percents(sources, report),
        language: Language::default(),
        mail: mail(environment, outgoing, report),
    };
    if let Some(general) = &sources.general {
        settings.targets = of_litellm(general, environment, report);
    }
    if let Some(headgate) = &sources.headgate {
        for node in headgate.list("alert_targets", report).unwrap_or_default() {
            let found = of_entry(node, &settings.targets, report);
            settings.targets.extend(found);
        }
    }
    let sends_mail = |target: &&FileTarget| target.destination.kind() == TargetKind::Email;
    if settings.mail.is_none() && settings.targets.iter().any(|one| sends_mail(&one)) {
        report.warn(
            "no-mail-server",
            &Position::elsewhere("environment variable SMTP_HOST"),
            "alerts are to be mailed, and SMTP_HOST or SMTP_SENDER_EMAIL is not set: no mail is sent",
        );
        settings.targets.retain(|one| !sends_mail(&one));
    }
    settings
}

fn percents(sources: &Sources<'_>, report: &mut Report) -> Vec<u8> {
    const KEY: &str = "alert_at_percent";
    let given = sources.headgate.and_then(|headgate| {
        let texts = headgate.texts(KEY, report)?;
        let read: Vec<Option<u8>> = texts
            .iter()
            .map(|text| text.parse().ok().filter(|one| (1..=200).contains(one)))
            .collect();
        let read: Option<Vec<u8>> = read.into_iter().collect();
        if read.is_none() {
            let message = (
                format!("`{KEY}` is no list of percents"),
                "write whole numbers from 1 to 200, such as [50, 80, 100]",
            );
            report.fault_with("wrong-type", headgate.place(KEY), message);
        }
        read
    });
    let mut percents = given.unwrap_or_else(|| USUAL_PERCENTS.to_vec());
    percents.sort_unstable();
    percents.dedup();
    percents
}

/// What LiteLLM's `alerting` names. Of its kinds of alerts there are those of budgets here.
fn of_litellm(
    general: &Section<'_>,
    environment: &Environment,
    report: &mut Report,
) -> Vec<FileTarget> {
    let ways = general.texts("alerting", report).unwrap_or_default();
    let kinds = general.texts("alert_types", report);
    let slack_urls = routed(general, report);
    if kinds.is_some_and(|kinds| !kinds.iter().any(|kind| kind == BUDGET_ALERTS)) {
        return Vec::new();
    }
    let place = general.place("alerting");
    let mut targets = Vec::new();
    for way in ways {
        match way.as_str() {
            "slack" if !slack_urls.is_empty() => targets.extend(numbered(&slack_urls)),
            "slack" => {
                let names = ["SLACK_WEBHOOK_URL", "ALERTING_WEBHOOK_URL"];
                let url = of_variable(environment, &names);
                let slack = url.map(|url| Destination::Slack { url });
                targets.extend(slack.map(|slack| of_budgets("slack", slack)));
            }
            "webhook" => {
                let url = of_variable(environment, &["WEBHOOK_URL"]);
                let webhook = url.map(|url| Destination::Webhook { url, secret: None });
                targets.extend(webhook.map(|webhook| of_budgets("webhook", webhook)));
            }
            "email" => {
                let recipients = Vec::new();
                targets.push(of_budgets("email", Destination::Email { recipients }));
            }
            other => report.warn(
                "unknown-alerting",
                place,
                format!("`{other}` is no way of alerting here; there are slack, webhook and email"),
            ),
        }
        let lacks = |variable: &str| {
            format!("alerts are to go to {way}, and {variable} is not set: they do not go there")
        };
        let has = |kind| targets.iter().any(|one| one.destination.kind() == kind);
        match way.as_str() {
            "slack" if !has(TargetKind::Slack) => {
                report.warn("unset-variable", place, lacks("SLACK_WEBHOOK_URL"));
            }
            "webhook" if !has(TargetKind::Webhook) => {
                report.warn("unset-variable", place, lacks("WEBHOOK_URL"));
            }
            _ => {}
        }
    }
    targets
}

/// A target as LiteLLM has them: it hears of budgets.
fn of_budgets(name: &str, destination: Destination) -> FileTarget {
    FileTarget {
        name: name.to_owned(),
        destination,
        monthly: false,
    }
}

/// The first variable that is set.
fn of_variable(environment: &Environment, names: &[&str]) -> Option<Secret> {
    environment
        .first(names)
        .map(|(_name, url)| Secret::new(url))
}

/// `alert_to_webhook_url.budget_alerts`: an address or several.
fn routed(general: &Section<'_>, report: &mut Report) -> Vec<String> {
    let entries = general
        .map("alert_to_webhook_url", report)
        .unwrap_or_default();
    let entry = entries.iter().find(|entry| entry.key == BUDGET_ALERTS);
    entry.map_or_else(Vec::new, |entry| match &entry.value.content {
        Content::List(items) => items
            .iter()
            .filter_map(|item| item.text().map(str::to_owned))
            .collect(),
        _ => entry.value.text().map(str::to_owned).into_iter().collect(),
    })
}

fn numbered(urls: &[String]) -> impl Iterator<Item = FileTarget> {
    urls.iter().enumerate().map(|(index, url)| {
        let name = match index {
            0 => "slack".to_owned(),
            index => format!("slack-{}", index.saturating_add(1)),
        };
        let url = Secret::new(url);
        of_budgets(&name, Destination::Slack { url })
    })
}

fn of_entry(node: &Node, others: &[FileTarget], report: &mut Report) -> Option<FileTarget> {
    let section = Section::open(node, SectionName::AlertTarget, report)?;
    let name = section.text("name", report).unwrap_or_default();
    let kind = section.text("kind", report).unwrap_or_default();
    let url = section.text("url", report);
    let secret = section.text("secret", report).map(Secret::new);
    let recipients = section.texts("recipients", report).unwrap_or_default();
    let monthly = section.boolean("monthly", report).unwrap_or_default();
    let mut refused = |key: &str, message: String, hint: &str| {
        report.fault_with("alert-target", section.place(key), (message, hint));
        None
    };
    if name.is_empty() || others.iter().any(|other| other.name == name) {
        let message = format!("a target of alerts has no name of its own: `{name}`");
        return refused("name", message, "give each another `name`");
    }
    let is_url = |url: &String| url.starts_with("http://") || url.starts_with("https://");
    let url = url.filter(is_url).map(Secret::new);
    let destination = match (TargetKind::from_word(&kind), url) {
        (Some(TargetKind::Webhook), Some(url)) => Destination::Webhook { url, secret },
        (Some(TargetKind::Slack), Some(url)) => Destination::Slack { url },
        (Some(TargetKind::Email), _) => Destination::Email { recipients },
        (Some(_), None) => {
            let message = format!("the target `{name}` has no address");
            return refused("url", message, "write `url: https://…`");
        }
        (None, _) => {
            let message = format!("the target `{name}` is of no known kind");
            return refused("kind", message, "write `kind: webhook`, `slack` or `email`");
        }
    };
    if monthly && matches!(&destination, Destination::Email { recipients } if recipients.is_empty())
    {
        let message = format!("the target `{name}` is to hear of months, and nobody is named");
        return refused(
            "recipients",
            message,
            "write `recipients: [somebody@example.com]`",
        );
    }
    Some(FileTarget {
        name,
        destination,
        monthly,
    })
}

/// The mail server of LiteLLM's variables.
fn mail(environment: &Environment, outgoing: &Outgoing, report: &mut Report) -> Option<MailServer> {
    let host = environment.get("SMTP_HOST")?.to_owned();
    let sender = environment.get("SMTP_SENDER_EMAIL")?.to_owned();
    let port = environment
        .get("SMTP_PORT")
        .map_or(Some(SUBMISSION_PORT), |text| {
            let port = text.parse().ok();
            if port.is_none() {
                let place = Position::elsewhere("environment variable SMTP_PORT");
                report.fault("wrong-type", &place, "SMTP_PORT is no port".to_owned());
            }
            port
        })?;
    let wants_tls = environment.get("SMTP_TLS").and_then(boolean) != Some(false);
    let user = environment.get("SMTP_USERNAME");
    let password = environment.get("SMTP_PASSWORD");
    Some(MailServer {
        host,
        port,
        login: user
            .zip(password)
            .map(|(user, password)| (user.to_owned(), Secret::new(password))),
        sender,
        tls: match (wants_tls, port) {
            (false, _) => MailTls::Off,
            (true, SUBMISSIONS_PORT) => MailTls::FromTheStart,
            (true, _) => MailTls::StartTls,
        },
        authorities_file: outgoing.extra_ca_file.clone(),
        verify_certificates: outgoing.verify_certificates,
    })
}
