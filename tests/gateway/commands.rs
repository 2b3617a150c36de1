//! Administration on the command line.

use serde_json::json;

use crate::command::Folder;
use crate::setup::{CHAT, ask, gateway, models, openai};

const MASTER: &str = "sk-master-5f0c2a77d1e94b3c8a6d";

#[tokio::test]
async fn a_key_is_all_of_standard_output_and_a_running_gateway_takes_and_blocks_it() {
    let folder = Folder::new();
    let yaml = models(&[openai("gpt-4o", "openai", "")]);
    let builder = gateway().config(&format!(
        "{yaml}general_settings: {{master_key: {MASTER}}}\n"
    ));
    let gateway = folder.gateway(builder).start().await;
    let made = folder.run(&["keys", "create", "--alias", "ci"]).await;
    assert_eq!(made.code, 0, "{made:?}");
    let key = made.out.trim_end();
    assert!(
        key.starts_with("sk-hg-") && made.out == format!("{key}\n"),
        "{made:?}"
    );
    assert!(!made.notes.contains(key), "{made:?}");
    let caller = gateway.with_key(key);
    assert_eq!(caller.post(CHAT, &ask("gpt-4o")).await.status, 200);
    let keys = folder.json(&["keys", "list", "--alias", "ci"]).await;
    let id = keys[0]["id"].as_str().unwrap();
    assert_eq!(folder.run(&["keys", "block", id]).await.code, 0);
    // The gateway follows within a second or so; it is asked until it does.
    let refused = async {
        while caller.post(CHAT, &ask("gpt-4o")).await.status != 401 {
            tokio::task::yield_now().await;
        }
    };
    let within = std::time::Duration::from_secs(10);
    assert!(tokio::time::timeout(within, refused).await.is_ok());
}

#[tokio::test]
async fn what_is_made_is_shown_listed_and_removed_and_each_change_is_in_the_audit_trail() {
    let folder = Folder::new();
    let org = folder
        .json(&["orgs", "create", "Acme", "--id", "acme"])
        .await;
    let update = ["orgs", "update", "acme", "--members-may-create-keys"];
    let changed = folder.json(&[&update[..], &["true"]].concat()).await;
    assert_eq!(changed["policy"]["members_may_create_keys"], true);
    assert_eq!(folder.run(&update[..3]).await.code, 2);
    let policy = ["--budget", "50/1mo", "--rpm", "100"];
    let create = [&["teams", "create", "Core", "--org", "acme"][..], &policy].concat();
    let team = folder.json(&create).await;
    assert_eq!(team["organization_id"], org["id"]);
    assert_eq!(team["policy"]["budgets"][0]["limit_usd"], "50");
    let id = team["id"].as_str().unwrap();
    let user = folder
        .json(&["users", "create", "--email", "a@b.ch", "--team", id])
        .await;
    assert_eq!(user["roles"][0]["role"], "member");
    let key = folder.json(&["keys", "create", "--team", id]).await;
    let rotated = folder
        .json(&[
            "keys",
            "rotate",
            key["details"]["id"].as_str().unwrap(),
            "--grace",
            "1h",
        ])
        .await;
    assert_eq!(rotated["details"]["secrets"].as_array().unwrap().len(), 2);
    let table = folder.run(&["teams", "list"]).await.out;
    assert!(
        table.starts_with("ID ") && table.contains("Core"),
        "{table}"
    );
    assert_eq!(folder.run(&["teams", "delete", id]).await.code, 0);
    assert_eq!(folder.json(&["keys", "list"]).await, json!([]));
    let trail = folder.json(&["audit", "list"]).await;
    let actions: Vec<&str> = trail
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["action"].as_str().unwrap())
        .collect();
    assert_eq!(
        actions,
        [
            "team.delete",
            "key.rotate",
            "key.create",
            "user.create",
            "team.create",
            "organization.update",
            "organization.create",
            "organization.create",
        ]
    );
    assert_eq!(trail[0]["actor_kind"], "command_line");
    assert_eq!(folder.run(&["audit", "verify"]).await.code, 0);
}

#[tokio::test]
async fn refusals_say_why_and_have_their_own_exit_codes() {
    let folder = Folder::new();
    for (arguments, code, why) in [
        (&["keys", "show", "key_nope"][..], 1, "does not exist"),
        (&["keys", "create", "--budget", "lots"], 1, "lots"),
        (&["keys", "create", "--metadata", "x"], 2, "JSON"),
        (&["orgs", "delete", "default"], 1, "always exists"),
        (&["audit", "verify", "--anchors", "nowhere"], 2, "nowhere"),
        (&["keys", "list", "--config", "nope.yaml"], 78, "nope.yaml"),
        (&["import-litellm"], 2, "--database"),
    ] {
        let done = folder.run(arguments).await;
        assert_eq!(done.code, code, "{arguments:?}: {done:?}");
        assert!(done.notes.contains(why), "{arguments:?}: {done:?}");
        assert_eq!(done.out, "", "{arguments:?}");
    }
    assert_eq!(folder.run(&["keys", "delete"]).await.code, 2);
    assert_eq!(folder.run(&["keys", "restore", "key_nope"]).await.code, 1);
    let fresh = Folder::new();
    let old = fresh.run(&["keys", "list", "--no-migrate"]).await;
    assert_eq!(old.code, 78, "{old:?}");
}

#[tokio::test]
async fn an_administrator_gets_a_password_from_standard_input_and_it_is_never_shown() {
    let folder = Folder::new();
    let password = "four words that nobody knows";
    let made = folder
        .run_with(
            &["admin", "create", "root@example.com"],
            &format!("{password}\n"),
        )
        .await;
    assert_eq!(made.code, 0, "{made:?}");
    assert!(made.out.contains("platform_admin"), "{made:?}");
    let reset = ["admin", "reset-password", "Root@Example.com"];
    let weak = folder.run_with(&reset, "short\n").await;
    assert_eq!((weak.code, weak.notes.contains("12 characters")), (1, true));
    assert_eq!(folder.run_with(&reset, "").await.code, 2);
    let again = folder
        .run_with(&reset, "other words that nobody knows\n")
        .await;
    assert_eq!(again.code, 0, "{again:?}");
    let trail = folder.run(&["audit", "list", "--json"]).await.out;
    for said in [&made.out, &made.notes, &again.out, &again.notes, &trail] {
        assert!(!said.contains("nobody knows"), "{said}");
    }
}

#[tokio::test]
async fn a_key_file_that_was_made_for_a_database_with_another_key_is_taken_back() {
    let folder = Folder::new();
    let made = folder.run(&["keys", "create"]).await;
    assert_eq!(made.code, 0, "{made:?}");
    // Without the variable a key is made in a file, which is not this database's.
    let folder = folder.without("HEADGATE_ENCRYPTION_KEY");
    let kept = std::path::Path::new(&folder.path()).join("encryption.key");
    assert!(!kept.exists());
    let refused = folder.run(&["keys", "list"]).await;
    assert_ne!(refused.code, 0, "{refused:?}");
    assert!(
        refused.notes.contains("HEADGATE_ENCRYPTION_KEY"),
        "{refused:?}"
    );
    assert!(
        !kept.exists(),
        "the next start would take it for the right one"
    );
}
