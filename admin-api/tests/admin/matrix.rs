//! Every route, seven actors, three relations: each answers as the table of roles says, and what one
//! may not see answers as what does not exist.

use std::collections::BTreeMap;

use admin_api::cross_site;
use admin_api::routes::{self, Route};
use domain::ids::{OrganizationId, UserId};
use domain::permissions::{Action, PlatformRole, Reach, Role};
use serde_json::Value;

use crate::browser::{Browser, Reply, session};
use crate::setup::{Served, served};
use crate::tables::{Relation, Row, Tables, Who, reach, reaches_it};
use crate::things::{Ids, Where, new, put};

/// Two organizations, and six people with their keys.
struct World {
    admin: Served,
    ours: OrganizationId,
    theirs: OrganizationId,
    people: BTreeMap<Who, (UserId, String)>,
    browser: Browser,
    tables: Tables,
    kept: BTreeMap<(Who, Relation), Ids>,
}

async fn world() -> World {
    let admin = served().await;
    let ours = admin.organization("ours").await;
    let theirs = admin.organization("theirs").await;
    let home = admin.team(&ours, domain::policies::Policy::default()).await;
    let mut people = BTreeMap::new();
    for who in Who::ALL.into_iter().filter(|who| *who != Who::Anonymous) {
        let place = match (who.in_organization(), who.in_team()) {
            (Some(role), _) => Some((role, &ours, None)),
            (None, Some(role)) => Some((role, &ours, Some(&home))),
            (None, None) => None,
        };
        let person = admin.person(who.platform(), place).await;
        let key = admin.key_of(&person, &ours).await;
        people.insert(who, (person, key));
    }
    let mut world = World {
        kept: BTreeMap::new(),
        browser: Browser::at(&admin),
        tables: Tables::read(),
        admin,
        ours,
        theirs,
        people,
    };
    for who in Who::ALL {
        for relation in Relation::ALL {
            let things = world.things(who, relation).await;
            world.kept.insert((who, relation), things);
        }
    }
    world
}

impl World {
    /// New things in a relation to somebody.
    async fn things(&self, who: Who, relation: Relation) -> Ids {
        let person = self.people.get(&who).map(|(person, _key)| person.clone());
        let role = who.in_team().zip(person.clone());
        let mine: Vec<(UserId, Role)> = role
            .map(|(role, person)| (person, role))
            .into_iter()
            .collect();
        let is_own = relation == Relation::Own;
        let place = Where {
            organization: if relation == Relation::Foreign {
                &self.theirs
            } else {
                &self.ours
            },
            people: if is_own { &mine } else { &[] },
            owner: person.as_ref().filter(|_| is_own),
            marker: "marker",
        };
        put(&self.admin.store, &self.admin.encryption, &place).await
    }

    /// Opens a page, or sends its form, in a session of their own: pages take no keys.
    async fn visit(&self, who: Who, route: &Route, path: &str, body: &str) -> Reply {
        let mut browser = self.browser.clone();
        if let Some((person, _key)) = self.people.get(&who) {
            let cookie = session(&self.admin, person, who.platform()).await;
            browser.token = Some(cross_site::token_of(&cookie).expose().to_owned());
            browser.cookie = Some(format!("hg_session={}", cookie.expose()));
        }
        if route.method == "GET" {
            return browser.get(path).await;
        }
        let body: BTreeMap<String, String> = match body {
            "" => BTreeMap::new(),
            body => serde_json::from_str(body).unwrap(),
        };
        let members: Vec<(&str, &str)> = body
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        browser.submit(path, &members).await
    }

    async fn ask(&self, who: Who, route: &Route, row: &Row, ids: &Ids) -> Reply {
        let bearer = self
            .people
            .get(&who)
            .map(|(_person, key)| format!("Bearer {key}"));
        let headers: Vec<(&str, &str)> = bearer
            .iter()
            .map(|key| ("authorization", key.as_str()))
            .collect();
        let path = filled(&without_patterns(route.path), ids);
        let query = filled(&row.query, ids);
        let path = if query.is_empty() {
            path
        } else {
            format!("{path}?{query}")
        };
        let body = filled(&row.body, ids);
        if route.path.starts_with("/ui") {
            return self.visit(who, route, &path, &body).await;
        }
        let body = (!body.is_empty()).then(|| serde_json::from_str::<Value>(&body).unwrap());
        self.browser.send(route.method, &path, &headers, body).await
    }
}

/// `{name:.*}` as `{name}`.
fn without_patterns(path: &str) -> String {
    path.replace(":.*}", "}")
}

/// A text with its words in braces replaced.
fn filled(text: &str, ids: &Ids) -> String {
    let mut text = text.replace("{new}", &new("new"));
    for (word, id) in ids {
        text = text.replace(&format!("{{{word}}}"), id);
    }
    text
}

/// Ids of the same form that nobody has.
fn missing(ids: &Ids) -> Ids {
    let other = |(word, id): (&&'static str, &String)| {
        let id = match *word {
            "sequence" => "999999999".to_owned(),
            _ => format!("{}zzzz", &id[..id.len() - 4]),
        };
        (*word, id)
    };
    ids.iter().map(other).collect()
}

/// What an answer says, without the ids that were asked for.
fn words(reply: &Reply, ids: &Ids) -> String {
    let mut by_length: Vec<&String> = ids.values().collect();
    by_length.sort_by_key(|id| std::cmp::Reverse(id.len()));
    let text = told(reply);
    by_length
        .iter()
        .fold(text, |text, id| text.replace(*id, "ID"))
}

/// What an answer tells: of a page the texts that are not around every page, without its request's
/// id.
fn told(reply: &Reply) -> String {
    let text = reply.text.as_str();
    let Some((_head, page)) = text.split_once("<main") else {
        return text.to_owned();
    };
    let page = page
        .split_once("</main>")
        .map_or(page, |(main, _rest)| main);
    let texts = page
        .split('<')
        .map(|tag| tag.split_once('>').map_or("", |(_tag, text)| text));
    let page: String = texts.collect();
    page.replace(reply.header("x-request-id"), "REQUEST")
}

#[test]
fn the_table_of_roles_is_the_one_that_was_written_down() {
    let reaches = Tables::read().reaches;
    assert_eq!(reaches.len(), Action::ALL.len());
    let word = |reach: Reach| format!("{reach:?}").to_lowercase();
    for action in Action::ALL {
        let mut expect: Vec<String> = PlatformRole::ALL
            .iter()
            .map(|role| word(action.platform_reach(*role)))
            .collect();
        expect.extend(Role::ALL.iter().map(|role| word(action.reach(*role))));
        assert_eq!(reaches[action.as_str()], expect, "{}", action.as_str());
    }
}

#[test]
fn every_route_has_a_row_and_every_row_a_route() {
    let rows = Tables::read().rows;
    let names: Vec<String> = routes::all().map(name).collect();
    let without: Vec<&String> = names
        .iter()
        .filter(|name| !rows.contains_key(*name))
        .collect();
    assert!(
        without.is_empty(),
        "no row in matrix/routes.txt: {without:#?}"
    );
    let gone: Vec<&String> = rows.keys().filter(|name| !names.contains(name)).collect();
    assert!(gone.is_empty(), "no such route: {gone:#?}");
}

fn name(route: &Route) -> String {
    format!("{} {}", route.method, route.path)
}

/// The statuses that an answer may have.
fn expected(tables: &Tables, route: &Route, row: &Row, at: (Who, Relation)) -> Vec<u16> {
    let (who, relation) = at;
    let Some(action) = route.action else {
        return row.statuses.clone();
    };
    if who == Who::Anonymous {
        // A page leads to where one signs in.
        return vec![if route.path.starts_with("/ui") {
            303
        } else {
            401
        }];
    }
    let reach = reach(&tables.reaches, who, action);
    match reach.as_str() {
        "nothing" => vec![403],
        _ if row.kind.is_empty() || reaches_it(&reach, &row.kind, relation) => row.statuses.clone(),
        _ => vec![404],
    }
}

/// One case; what is wrong with it.
async fn case(world: &World, route: &Route, row: &Row, at: (Who, Relation)) -> Option<String> {
    let (who, relation) = at;
    let key = (
        name(route),
        who.word().to_owned(),
        relation.word().to_owned(),
    );
    let by_reach = expected(&world.tables, route, row, at);
    let exception = world.tables.exceptions.get(&key);
    let is_hidden = by_reach == [404] && exception.is_none_or(|one| one.as_missing);
    let expect = exception.map_or(by_reach, |one| vec![one.status]);
    // What may be changed is changed once; what only answers may be asked for again.
    let is_used_up = route.method != "GET" && !row.kind.is_empty() && row.statuses == expect;
    let ids = match world.kept.get(&(who, relation)) {
        Some(kept) if !is_used_up => kept.clone(),
        _ => world.things(who, relation).await,
    };
    let reply = world.ask(who, route, row, &ids).await;
    let said = format!("{} as {who:?}, {relation:?}", name(route));
    if !expect.contains(&reply.status) {
        return Some(format!(
            "{said}: {} and not {expect:?}: {}",
            reply.status, reply.text
        ));
    }
    if is_hidden && !row.kind.is_empty() {
        let nothing = missing(&ids);
        let other = world.ask(who, route, row, &nothing).await;
        let (foreign, gone) = (words(&reply, &ids), words(&other, &nothing));
        if (reply.status, &foreign) != (other.status, &gone) {
            return Some(format!(
                "{said}: not as a missing one: {foreign} / {} {gone}",
                other.status
            ));
        }
    }
    None
}

#[tokio::test]
async fn every_route_answers_every_role_in_every_relation_as_the_table_says() {
    let world = world().await;
    let rows = &world.tables.rows;
    let mut wrong = Vec::new();
    let mut cases = 0;
    for route in routes::all() {
        let Some(row) = rows.get(&name(route)) else {
            continue;
        };
        let relations = if row.kind.is_empty() {
            &Relation::ALL[..1]
        } else {
            &Relation::ALL[..]
        };
        for who in Who::ALL {
            for relation in relations {
                cases += 1;
                wrong.extend(case(&world, route, row, (who, *relation)).await);
            }
        }
    }
    assert!(cases > 1_000, "{cases}");
    assert!(
        wrong.is_empty(),
        "{} of {cases}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// What a crawl puts into query strings: every id and name of the others, as every member.
fn crawled(ids: &Ids, theirs: &str) -> Vec<String> {
    let mut queries: Vec<String> = ids
        .iter()
        .map(|(word, id)| format!("{word}={id}"))
        .collect();
    queries.push("limit=100".to_owned());
    queries.push(format!("search={}", &theirs[..5]));
    for word in [
        "alias",
        "key_alias",
        "user_email",
        "team_alias",
        "model",
        "who",
        "object",
        "organization",
    ] {
        queries.push(format!("{word}={theirs}"));
    }
    queries
}

#[tokio::test]
async fn a_crawl_as_one_organization_finds_nothing_of_another() {
    const THEIRS: &str = "zebra-of-theirs";
    let world = world().await;
    let place = Where {
        organization: &world.theirs,
        people: &[],
        owner: None,
        marker: THEIRS,
    };
    let ids = put(&world.admin.store, &world.admin.encryption, &place).await;
    let queries = crawled(&ids, THEIRS);
    let mut found = Vec::new();
    let mut asked = 0;
    for who in [
        Who::OrganizationAdmin,
        Who::TeamAdmin,
        Who::Member,
        Who::Viewer,
    ] {
        for route in routes::all().filter(|route| route.method == "GET") {
            for query in &queries {
                let row = Row {
                    kind: String::new(),
                    query: query.clone(),
                    body: String::new(),
                    statuses: Vec::new(),
                };
                let reply = world.ask(who, route, &row, &ids).await;
                asked += 1;
                // A refusal may say again what was asked for.
                let asked_for = query.split_once('=').unwrap().1;
                // And a page keeps what was typed in its fields.
                let is_page = route.path.starts_with("/ui");
                let said = match reply.status {
                    200 if is_page => reply.text.replace(asked_for, "ASKED"),
                    400.. => words(&reply, &ids).replace(asked_for, "ASKED"),
                    _ => reply.text.clone(),
                };
                if said.contains(THEIRS) {
                    found.push(format!("{} ?{query} as {who:?}: {said}", route.path));
                }
            }
        }
    }
    assert!(asked > 1_000);
    assert!(found.is_empty(), "{}", found.join("\n"));
}
