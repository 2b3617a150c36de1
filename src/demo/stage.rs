//! Builds the demo's scene in the store by the same actions that people use: organizations, teams,
//! people, keys, budgets. The audit trail tells of all of it.

use std::collections::BTreeMap;

use admin_api::acting::{Acting, Permission, may};
use admin_api::actions::keys::{self, NewKey, Rotation};
use admin_api::actions::organizations::{self, NewOrganization};
use admin_api::actions::teams::{self, NewTeam};
use admin_api::actions::users::{self, NewUser, Placement, Within};
use admin_api::fields::Given;
use domain::actors::{Actor, ActorKind};
use domain::ids::{SessionId, UserId};
use domain::keys::{PlainKey, Secret};
use domain::ledger::Payer;
use domain::money::NanoUsd;
use domain::permissions::PlatformRole;
use domain::policies::{Budget, BudgetMode, Policy};
use domain::time::TimestampMs;
use store::Event;

use crate::commands::operator::Operator;
use crate::commands::refusal::Refusal;
use crate::demo::cast::{ORGANIZATIONS, Owner, PEOPLE, TEAMS};
use crate::demo::keys::keys as cast_keys;
use crate::demo::traffic::Player;

/// With what one signs in to the demo.
pub const EMAIL: &str = "demo@headgate.example";

/// The scene.
pub struct Stage {
    /// Who did all of it.
    actor: Actor,
    /// The teams' ids, in the order of the cast.
    pub teams: Vec<String>,
    /// The keys that are used.
    pub players: Vec<Player>,
    /// What their callers send, in the same order.
    pub plain: Vec<PlainKey>,
}

impl Stage {
    /// The administrator of the demo, at work in the console.
    fn acting<P: Permission>(&self, operator: &Operator) -> Result<Acting<P>, Refusal> {
        Ok(Acting::of(self.actor.clone(), operator.api.clone())?)
    }

    /// Builds it.
    ///
    /// # Errors
    /// Those of the actions.
    pub async fn build(operator: &Operator, password: Secret) -> Result<Self, Refusal> {
        let new = NewUser {
            email: Some(EMAIL.to_owned()),
            name: Some("Robin Sander".to_owned()),
            platform_role: Some(PlatformRole::PlatformAdmin),
            password: Some(password),
            ..NewUser::default()
        };
        let admin = users::create(&operator.acting()?, new).await?.user.id;
        let mut stage = Self {
            actor: Actor {
                kind: ActorKind::Session(SessionId::generate(), admin),
                ..Actor::command_line()
            },
            teams: Vec::new(),
            players: Vec::new(),
            plain: Vec::new(),
        };
        let homes: Vec<String> = stage.build_teams(operator).await?;
        let people = stage.invite(operator).await?;
        stage.make_keys(operator, &people).await?;
        stage.do_what_is_done(operator, &homes).await?;
        Ok(stage)
    }

    async fn build_teams(&mut self, operator: &Operator) -> Result<Vec<String>, Refusal> {
        let acting = self.acting::<may::CreateOrganizations>(operator)?;
        let mut homes = Vec::new();
        for one in &ORGANIZATIONS {
            let new = NewOrganization {
                external_id: None,
                name: one.name.to_owned(),
                time_zone: Some(one.zone.to_owned()),
                policy: Policy::default(),
            };
            homes.push(organizations::create(&acting, new).await?.id.to_string());
        }
        let acting = self.acting::<may::CreateTeams>(operator)?;
        for (name, home, _standing) in TEAMS {
            let new = NewTeam {
                organization_id: homes.get(home).cloned(),
                name: name.to_owned(),
                ..NewTeam::default()
            };
            let (team, _members) = teams::create(&acting, new).await?;
            self.teams.push(team.id.to_string());
        }
        Ok(homes)
    }

    async fn invite(&self, operator: &Operator) -> Result<BTreeMap<&'static str, UserId>, Refusal> {
        let acting = self.acting::<may::WriteUsers>(operator)?;
        let mut people = BTreeMap::new();
        for (name, email, team, role) in PEOPLE {
            let team = self.teams.get(team).cloned().unwrap_or_default();
            let new = NewUser {
                email: Some(email.to_owned()),
                name: Some(name.to_owned()),
                placements: vec![Placement {
                    within: Within::Team(team),
                    role,
                    policy: Policy::default(),
                }],
                ..NewUser::default()
            };
            people.insert(email, users::create(&acting, new).await?.user.id);
        }
        Ok(people)
    }

    async fn make_keys(
        &mut self,
        operator: &Operator,
        people: &BTreeMap<&'static str, UserId>,
    ) -> Result<(), Refusal> {
        let acting = self.acting::<may::WriteKeys>(operator)?;
        for key in cast_keys() {
            let mut new = NewKey {
                alias: Some(key.alias.to_owned()),
                environment: Some(key.environment.to_owned()),
                ..NewKey::default()
            };
            new.owner.team_id = self.teams.get(key.team).cloned();
            match key.owner {
                Owner::Service(name) => new.service_account_name = Some(name.to_owned()),
                Owner::Person(email) => {
                    new.owner.user_id = people.get(email).map(ToString::to_string);
                }
            }
            if !key.tag.is_empty() {
                new.policy.tags = vec![key.tag.to_owned()];
            }
            if key.environment != "production" {
                new.policy.limits.rpm = Some(60);
                new.lifetime = Given::Value("60d".to_owned());
            }
            let made = keys::create(&acting, new).await?;
            let zone = TEAMS
                .get(key.team)
                .and_then(|team| ORGANIZATIONS.get(team.1));
            let player = Player {
                payer: Payer {
                    organization_id: made.key.organization_id.to_string(),
                    key_id: Some(made.key.id.to_string()),
                    team_id: made.key.team_id.as_ref().map(ToString::to_string),
                    user_id: made.key.user_id.as_ref().map(ToString::to_string),
                    tags: made.key.policy.tags.clone(),
                    environment: made.key.environment.clone(),
                    ..Payer::default()
                },
                zone: zone
                    .and_then(|home| home.zone.parse().ok())
                    .unwrap_or_default(),
                key,
            };
            self.players.push(player);
            self.plain.push(made.plain);
        }
        Ok(())
    }

    /// Keys that were blocked, forgotten, rotated, and one that ends soon.
    async fn do_what_is_done(&self, operator: &Operator, homes: &[String]) -> Result<(), Refusal> {
        let acting = self.acting::<may::WriteKeys>(operator)?;
        for (alias, lifetime) in [
            ("hackathon-2025", "never"),
            ("contractor-audit", "6d"),
            ("old-chatbot", "never"),
        ] {
            let mut new = NewKey {
                alias: Some(alias.to_owned()),
                environment: Some("development".to_owned()),
                lifetime: Given::Value(lifetime.to_owned()),
                ..NewKey::default()
            };
            new.owner.organization_id = homes.first().cloned();
            let made = keys::create(&acting, new).await?;
            if alias == "old-chatbot" {
                keys::set_blocked(&acting, made.key.id.as_str(), true).await?;
            }
        }
        let first = self.players.first();
        let used = first.and_then(|player| player.payer.key_id.clone());
        if let Some(id) = used {
            let rotation = Rotation {
                grace: Some("7d".to_owned()),
                chosen: None,
            };
            keys::rotate(&acting, &id, rotation, |_change| Ok(())).await?;
        }
        Ok(())
    }

    /// Dates teams and keys back to before the first request: forecasts go by their age.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn date_back(&self, operator: &Operator, to: TimestampMs) -> Result<(), Refusal> {
        let store = &operator.api.store;
        let (mut teams, mut keys) = (Vec::new(), Vec::new());
        for id in &self.teams {
            teams.extend(store.teams_called(id).await?);
        }
        for player in &self.players {
            let id = player.payer.key_id.as_deref().unwrap_or_default();
            keys.extend(store.virtual_key(id).await?);
        }
        let mut change = store.begin().await?;
        for mut team in teams {
            team.stamps.created_at = to;
            change.update_team(&team).await?;
        }
        for mut key in keys {
            key.stamps.created_at = to;
            change.update_key(&key).await?;
        }
        let noted = Event {
            action: "demo.dated_back",
            object_kind: "demo",
            object_id: "demo".to_owned(),
            ..Event::default()
        };
        change.commit(&self.actor, noted).await?;
        Ok(())
    }

    /// Gives a team a budget of the month.
    ///
    /// # Errors
    /// Those of the action.
    pub async fn set_budget(
        &self,
        operator: &Operator,
        team: &str,
        limit: NanoUsd,
    ) -> Result<(), Refusal> {
        let acting = self.acting::<may::UpdateTeams>(operator)?;
        let budget = Budget {
            limit_nanousd: limit,
            window: "1mo".parse().ok(),
            mode: BudgetMode::Enforce,
            increase: None,
            alert_at_percent: Some(vec![80, 95, 100]),
        };
        teams::update(&acting, team, |team| {
            team.policy.budgets = vec![budget];
            Ok(())
        })
        .await?;
        Ok(())
    }
}
