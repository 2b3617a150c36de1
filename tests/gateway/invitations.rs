//! Invitations by mail, in the whole gateway: the letter arrives, and its link opens the door.

use harness::smtp::MailServer;
use serde_json::json;

use crate::setup::{gateway, models, openai};

const MASTER_KEY: &str = "sk-master-0123456789-0123456789";
const PASSWORD: &str = "seven brown owls at noon";

/// The link in a letter, whose long lines are folded (RFC 2045, 6.7).
fn link(letter: &str) -> String {
    let text = letter.replace("=\n", "").replace("=3D", "=");
    let start = text.find("http://").unwrap();
    let (_before, link) = text.split_at(start);
    let end = link.find(char::is_whitespace).unwrap_or(link.len());
    link.split_at(end).0.to_owned()
}

#[tokio::test]
async fn an_invitation_arrives_by_mail_with_a_link_that_opens_the_console() {
    let mail = MailServer::start().await;
    let gateway = gateway()
        .config(&models(&[openai("gpt-4o", "openai", "")]))
        .variable("HEADGATE_MASTER_KEY", MASTER_KEY)
        .variable("SMTP_HOST", "127.0.0.1")
        .variable("SMTP_PORT", &mail.port().to_string())
        .variable("SMTP_SENDER_EMAIL", "gateway@example.com")
        .variable("SMTP_TLS", "False")
        .start()
        .await;
    let body = json!({"email": "ada@example.com", "role": "viewer"});
    let operator = gateway.with_key(MASTER_KEY);
    let made = operator.post("/api/v1/invitations", &body).await;
    assert_eq!(made.status, 201, "{}", made.text());
    assert_eq!(made.json()["mailed"], true, "{}", made.text());

    let letter = mail.arrived(1).await.remove(0);
    assert_eq!(letter.sender, "gateway@example.com");
    assert_eq!(letter.recipients, ["ada@example.com"]);
    let link = link(&letter.text);
    assert_eq!(made.json()["link"], link.as_str(), "{}", letter.text);
    let path = link.strip_prefix(&gateway.url()).unwrap();
    let page = gateway.anonymous().get(path).await;
    assert_eq!(page.status, 200, "{}", page.text());
    assert!(page.text().contains("ada@example.com"));

    let token = path.strip_prefix("/ui/invitation?token=").unwrap();
    let accepted = json!({"token": token, "name": "Ada", "password": PASSWORD});
    let caller = gateway.anonymous();
    let begun = caller.post("/api/v1/invitations/accept", &accepted).await;
    assert_eq!(begun.status, 201, "{}", begun.text());
    let signed_in = json!({"email": "ada@example.com", "password": PASSWORD});
    let begun = caller.post("/api/v1/sessions", &signed_in).await;
    assert_eq!(begun.status, 201, "{}", begun.text());
    assert!(!gateway.output().contains(token), "no log has the link");
}
