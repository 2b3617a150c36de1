//! Who comes in at an identity provider: accounts that are joined or made, roles that follow groups.

use admin_api::identity::settings::{NewPeople, RoleRule, RuledRole, Whom};
use domain::ids::OrganizationId;
use domain::keys::KeyHash;
use domain::permissions::{PlatformRole, Role};
use serde_json::json;

use crate::browser::Browser;
use crate::signing_in::with_password;
use crate::single_sign_on::{World, session};

#[tokio::test]
async fn what_the_provider_refuses_is_said_on_the_page() {
    let world = World::new(|_usual| {}).await;
    let way = world.depart().await;
    let path = format!(
        "/ui/sign-in/sso/callback?error=access_denied&error_description=%3Cb%3ENo%3C/b%3E&state={}",
        way.state
    );
    let cookie = [("cookie", way.flow.as_str())];
    let refused = way.browser.send("GET", &path, &cookie, None).await;
    World::refused(&refused, 403, "sign_in_refused_by_provider");
    assert!(!refused.text.contains("<b>No"), "it is no markup of ours");
}

#[tokio::test]
async fn an_account_is_joined_by_an_address_only_when_it_is_theirs() {
    let world = World::new(|_usual| {}).await;
    let ada = world.person("ada@example.com").await;
    let refused = world.sign_in(json!({"email_verified": false})).await;
    World::refused(&refused, 403, "sign_in_account_exists");
    assert!(
        world
            .admin
            .store
            .identities_of(&ada)
            .await
            .unwrap()
            .is_empty()
    );
    world.sign_in(json!({})).await.is(303);
    assert_eq!(
        world.admin.store.identities_of(&ada).await.unwrap().len(),
        1
    );
    let trail = world.trail().await;
    assert!(trail.iter().any(|action| action == "identity.link"));
    // Somebody else of the same address afterwards is somebody else.
    let other = world
        .sign_in(json!({"sub": "u-2", "email_verified": false}))
        .await;
    World::refused(&other, 403, "sign_in_account_exists");
}

#[tokio::test]
async fn an_account_with_a_password_is_joined_only_by_who_is_signed_in_to_it() {
    let world = World::new(|_usual| {}).await;
    let ada = world.person("ada@example.com").await;
    let given = with_password(&world.admin, &ada, "ada@example.com").await;
    let elsewhere = world.sign_in(json!({})).await;
    World::refused(&elsewhere, 403, "sign_in_password_first");
    let identities = || world.admin.store.identities_of(&ada);
    assert!(identities().await.unwrap().is_empty());

    let mut way = world.depart().await;
    way.browser.sign_in(given).await.is(201);
    let account = way.browser.get("/ui/account").await.is(200);
    assert!(account.text.contains("/ui/sign-in/sso?next="));
    let token = world.key.sign(&world.claims(&way, json!({})));
    world.arrive(&way, &token).await.is(303);
    assert_eq!(identities().await.unwrap().len(), 1);
    // From then on the provider opens it.
    world.sign_in(json!({})).await.is(303);
}

#[tokio::test]
async fn only_those_whom_the_configuration_lets_in_get_an_account() {
    let listed = World::new(|provider| {
        provider.new_people = NewPeople::Listed;
        provider.email_domains = vec!["example.com".to_owned()];
    })
    .await;
    let foreign = listed.sign_in(json!({"email": "eve@evil.example"})).await;
    World::refused(&foreign, 403, "sign_in_not_allowed");
    let unverified = listed.sign_in(json!({"email_verified": false})).await;
    World::refused(&unverified, 403, "sign_in_email_unverified");
    listed.sign_in(json!({})).await.is(303);

    let by_group = World::new(|provider| {
        provider.new_people = NewPeople::Listed;
        provider.roles = vec![RoleRule {
            whom: Whom::Group("llm".to_owned()),
            role: RuledRole::Organization("default".to_owned(), Role::Member),
        }];
    })
    .await;
    let without = by_group.sign_in(json!({"groups": ["other"]})).await;
    World::refused(&without, 403, "sign_in_not_allowed");
    by_group.sign_in(json!({"groups": ["llm"]})).await.is(303);

    let nobody = World::new(|provider| provider.new_people = NewPeople::Nobody).await;
    World::refused(&nobody.sign_in(json!({})).await, 403, "sign_in_not_allowed");
}

/// Groups of the provider, with the roles that they bring.
fn rules() -> Vec<RoleRule> {
    let rule = |group: &str, role| RoleRule {
        whom: Whom::Group(group.to_owned()),
        role,
    };
    let in_default = |role| RuledRole::Organization("default".to_owned(), role);
    vec![
        rule("admins", RuledRole::Platform(PlatformRole::PlatformAdmin)),
        rule("ml", in_default(Role::Member)),
        rule("ml-lead", in_default(Role::OrganizationAdmin)),
        rule(
            "ghost",
            RuledRole::Organization("gone".to_owned(), Role::Viewer),
        ),
    ]
}

#[tokio::test]
async fn roles_follow_the_groups_and_those_given_by_hand_stay() {
    let world = World::new(|provider| provider.roles = rules()).await;
    let store = &world.admin.store;
    let groups = ["admins", "ml", "ml-lead", "ghost"];
    let reply = world.sign_in(json!({"groups": groups})).await;
    session(&world, &reply).await;
    let ada = store
        .user_by_email("ada@example.com")
        .await
        .unwrap()
        .unwrap();
    let rights = store.rights(&ada.id).await.unwrap().unwrap();
    assert_eq!(rights.platform, Some(PlatformRole::PlatformAdmin));
    assert_eq!(rights.grants.len(), 1);
    assert_eq!(rights.grants[0].role, Role::OrganizationAdmin);

    world.sign_in(json!({"groups": ["ml"]})).await.is(303);
    let rights = store.rights(&ada.id).await.unwrap().unwrap();
    assert_eq!(
        (rights.platform, rights.grants[0].role),
        (None, Role::Member)
    );
    let default = OrganizationId::default_one();
    let key = world.admin.key_of(&ada.id, &default).await;
    let hash = KeyHash::of(&key);

    world.sign_in(json!({"groups": []})).await.is(303);
    assert!(
        store
            .rights(&ada.id)
            .await
            .unwrap()
            .unwrap()
            .grants
            .is_empty()
    );
    let key = store.virtual_key_by_hash(hash).await.unwrap().unwrap();
    assert!(key.blocked, "without a place, no key of it works");

    // By hand, and the provider has no say in it.
    let path = format!("/api/v1/organizations/default/members/{}", ada.id);
    let viewer = Some(json!({"role": "viewer"}));
    let master = &world.admin.master;
    world.admin.ask(master, "PUT", &path, viewer).await.ok();
    world.sign_in(json!({"groups": ["ml-lead"]})).await.is(303);
    world.sign_in(json!({"groups": []})).await.is(303);
    let rights = store.rights(&ada.id).await.unwrap().unwrap();
    assert_eq!(rights.grants[0].role, Role::Viewer);
}

#[tokio::test]
async fn what_the_token_leaves_out_is_asked_for_and_must_be_of_the_same_person() {
    let world = World::new(|provider| provider.groups_claim = "groups".to_owned()).await;
    let sparse = json!({"email": null, "email_verified": null, "groups": null});
    let way = world.depart().await;
    let mut claims = world.claims(&way, json!({}));
    for name in sparse.as_object().unwrap().keys() {
        claims.as_object_mut().unwrap().remove(name);
    }
    world
        .issuer
        .tells(json!({"sub": "u-1", "email": "ada@example.com", "email_verified": true}));
    let token = world.key.sign(&claims);
    world.arrive(&way, &token).await.is(303);
    let ada = world
        .admin
        .store
        .user_by_email("ada@example.com")
        .await
        .unwrap();
    assert!(ada.is_some());
    world
        .issuer
        .tells(json!({"sub": "u-9", "email": "root@example.com", "email_verified": true}));
    let way = world.depart().await;
    claims["nonce"] = way.nonce.clone().into();
    let token = world.key.sign(&claims);
    let refused = world.arrive(&way, &token).await;
    World::refused(&refused, 502, "sign_in_provider_unavailable");
}

#[tokio::test]
async fn a_blocked_person_does_not_come_in_by_another_door() {
    let world = World::new(|_usual| {}).await;
    world.sign_in(json!({})).await.is(303);
    let mut ada = world
        .admin
        .store
        .user_by_email("ada@example.com")
        .await
        .unwrap()
        .unwrap();
    ada.blocked = true;
    let mut change = world.admin.store.begin().await.unwrap();
    change.update_user(&ada).await.unwrap();
    let actor = domain::actors::Actor::system();
    change
        .commit(&actor, store::Event::default())
        .await
        .unwrap();
    World::refused(&world.sign_in(json!({})).await, 403, "sign_in_blocked");
}

#[tokio::test]
async fn passwords_can_be_turned_off_and_the_operator_still_comes_in() {
    let world = World::with(false, |_usual| {}).await;
    let page = Browser::at(&world.admin).get("/ui/sign-in").await.is(200);
    assert!(page.text.contains("Continue with Acme"));
    assert!(!page.text.contains("name=\"password\""));
    let mut browser = Browser::at(&world.admin);
    let given = json!({"email": "ada@example.com", "password": "seven brown owls at noon"});
    let refused = browser.sign_in(given).await.is(401);
    assert!(refused.text.contains("identity provider"));
    let master = json!({"master_key": world.admin.master});
    browser.sign_in(master).await.is(201);
}

#[tokio::test]
async fn an_answer_of_another_provider_is_not_brought_to_this_one() {
    let world = World::new(|_usual| {}).await;
    world
        .issuer
        .says(json!({"authorization_response_iss_parameter_supported": true}));
    let way = world.depart().await;
    let token = world.key.sign(&world.claims(&way, json!({})));
    World::refused(&world.arrive(&way, &token).await, 403, "sign_in_token");
    let way = world.depart().await;
    let path = format!(
        "/ui/sign-in/sso/callback?code=c&state={}&iss=https%3A%2F%2Fevil.example",
        way.state
    );
    let cookie = [("cookie", way.flow.as_str())];
    let mixed = way.browser.send("GET", &path, &cookie, None).await;
    World::refused(&mixed, 403, "sign_in_token");
    assert!(world.issuer.exchanged().is_empty());
}
