//! A signed token in place of a key: verified, and read as the team, the person and the organization
//! that it names. From there on its caller is held to budgets and limits as the holder of a key is.

use std::sync::Arc;

use domain::directory::KeyGrant;
use domain::hex;
use domain::identity::callers::{CallerRules, Named, TrustedIssuer};
use domain::identity::claims::Claims;
use domain::identity::token::{Expected, TokenFault, claimed_issuer, ends_at, verify};
use domain::ids::{KeyId, OrganizationId, TeamId, UserId};
use domain::keys::KeyHash;
use domain::policies::Policy;
use domain::teams::Team;
use domain::time::TimestampMs;
use sha2::{Digest as _, Sha256};

use super::{Caller, Shown, virtual_key};
use crate::error::GatewayError;
use crate::node::State;
use crate::tenants::Tenants;
use crate::tenants::standing::Held;
use crate::tenants::tokens::Sets;
use crate::tenants::tree::Tree;

/// What the ids of such callers begin with. They are no keys of the store.
pub(super) const ID_PREFIX: &str = "jwt_";

/// Verifies a token, and finds who is meant.
///
/// # Errors
/// 401 when the token is not to be trusted, 403 when whom it names may not call, 503 when the
/// provider's keys have never been seen here; what is said of keys holds too.
pub(super) async fn admit(
    tenants: &Tenants,
    state: &State,
    shown: Shown<'_>,
    (rules, token): (&CallerRules, &str),
) -> Result<Caller, GatewayError> {
    let now = TimestampMs::now();
    let (hash, tree) = (KeyHash::of(token), state.known.tree());
    if let Some(held) = tenants.tokens.recall(&hash, tree.number, now) {
        return virtual_key::admit_token(&held, state, shown);
    }
    let sets = tenants.tokens.sets();
    let (claims, sets) = match trusted(rules, token, &sets, now) {
        Ok(claims) => (claims, sets),
        Err(Untrusted::Keys(url)) => {
            let newer = tenants.tokens.newer(&sets, &url).await;
            let sets = newer.unwrap_or(sets);
            (trusted(rules, token, &sets, now).map_err(refusal)?, sets)
        }
        Err(untrusted) => return Err(refusal(untrusted)),
    };
    let named = rules
        .read(&claims)
        .map_err(|fault| GatewayError::TokenNotPermitted(fault.to_string()))?;
    let ends_at = ends_at(&claims);
    let grant = Arc::new(KeyGrant {
        secrets: vec![(hash, Some(ends_at))],
        ..grant_of(rules, &named, tree)?
    });
    let held = Held::all(&grant).next().ok_or(GatewayError::Internal)?;
    tenants
        .tokens
        .remember(&held, ends_at, (&sets, tree.number));
    virtual_key::admit_token(&held, state, shown)
}

/// Why a token is not to be trusted.
enum Untrusted {
    /// Newer keys from there might.
    Keys(String),
    /// Those from there have never been seen.
    NoKeys,
    Fault(TokenFault),
}

fn refusal(untrusted: Untrusted) -> GatewayError {
    match untrusted {
        Untrusted::Keys(_) => GatewayError::InvalidToken(TokenFault::UnknownKey),
        Untrusted::NoKeys => GatewayError::KeysUnavailable,
        Untrusted::Fault(fault) => GatewayError::InvalidToken(fault),
    }
}

/// The claims of a token of one of the issuers.
fn trusted(
    rules: &CallerRules,
    token: &str,
    sets: &Sets,
    now: TimestampMs,
) -> Result<Claims, Untrusted> {
    let claimed = claimed_issuer(token);
    let mut fault = Untrusted::Fault(TokenFault::Issuer);
    for issuer in rules.issuers_of(claimed.as_deref()) {
        match by_issuer(issuer, token, sets, now) {
            Ok(claims) => return Ok(claims),
            // What says most is kept: of several issuers all but one have other keys.
            Err(Untrusted::Fault(found)) => fault = Untrusted::Fault(found),
            Err(keys) if matches!(fault, Untrusted::Fault(TokenFault::Issuer)) => fault = keys,
            Err(_keys) => {}
        }
    }
    Err(fault)
}

fn by_issuer(
    issuer: &TrustedIssuer,
    token: &str,
    sets: &Sets,
    now: TimestampMs,
) -> Result<Claims, Untrusted> {
    let Some(keys) = sets.at(&issuer.keys_url) else {
        return Err(Untrusted::NoKeys);
    };
    let expected = Expected {
        issuer: issuer.issuer.as_deref(),
        audiences: &issuer.audiences,
        client_id: None,
        nonce: None,
    };
    match verify(token, keys, &expected, now) {
        Ok(claims) => Ok(claims),
        Err(TokenFault::UnknownKey) => Err(Untrusted::Keys(issuer.keys_url.clone())),
        Err(fault) => Err(Untrusted::Fault(fault)),
    }
}

/// What a token gives, in the shape of a key.
fn grant_of(rules: &CallerRules, named: &Named, tree: &Tree) -> Result<KeyGrant, GatewayError> {
    let team_id = team(named, tree)?;
    let user_id = person(rules, named, tree)?;
    let organization_id = organization(named, tree, team_id.as_ref(), user_id.as_ref())?;
    let policy = Policy {
        allowed_routes: rules.allowed_routes.clone(),
        ..Policy::default()
    };
    Ok(KeyGrant {
        id: id_of(named),
        organization_id,
        team_id,
        project_id: None,
        user_id,
        service_account_id: None,
        alias: Some(named.subject.clone()),
        environment: None,
        policy: Arc::new(policy),
        expires_at: None,
        blocked: false,
        created_at: TimestampMs(0),
        secrets: Vec::new(),
    })
}

/// The same for every token of one caller: their spend is told apart, and stays together.
fn id_of(named: &Named) -> KeyId {
    let mut hash = Sha256::new();
    hash.update(named.issuer.as_bytes());
    hash.update([0]);
    hash.update(named.subject.as_bytes());
    let digest = hex::encode(&hash.finalize());
    let short: String = digest.chars().take(32).collect();
    KeyId::new(format!("{ID_PREFIX}{short}"))
}

fn unknown(what: &str) -> GatewayError {
    GatewayError::TokenNotPermitted(format!("it names {what} that is not known here"))
}

/// The team of this name: of the organization that the token names, else of `default`, else the oldest.
fn called<'t>(
    name: &str,
    tree: &'t Tree,
    within: Option<&OrganizationId>,
) -> Option<&'t Arc<Team>> {
    let all = tree.names().teams(name).filter_map(|id| tree.team(id));
    all.min_by_key(|team| {
        let named = within == Some(&team.organization_id);
        let by_default = team.organization_id == OrganizationId::default_one();
        (!named, !by_default, team.id.clone())
    })
}

/// The first team that is known and not blocked, else the first that is known.
fn team(named: &Named, tree: &Tree) -> Result<Option<TeamId>, GatewayError> {
    if named.teams.is_empty() {
        return Ok(None);
    }
    let said = named.organization.as_ref();
    let within = said.and_then(|name| tree.names().organization(name));
    let known = named.teams.iter();
    let mut known = known
        .filter_map(|name| called(name, tree, within))
        .peekable();
    let first = known.peek().map(|team| team.id.clone());
    let open = known.find(|team| !team.blocked).map(|team| team.id.clone());
    match open.or(first) {
        Some(team) => Ok(Some(team)),
        None => Err(unknown("a team")),
    }
}

fn person(rules: &CallerRules, named: &Named, tree: &Tree) -> Result<Option<UserId>, GatewayError> {
    let names = tree.names();
    let by_id = named.user.as_ref().and_then(|name| names.user(name));
    let found = by_id
        .or_else(|| names.identity(&named.issuer, &named.subject))
        .or_else(|| named.email.as_ref().and_then(|email| names.email(email)));
    match found {
        Some(user) => Ok(Some(user.clone())),
        None if named.user.is_some() && !rules.unknown_people_pass => Err(unknown("a person")),
        None => Ok(None),
    }
}

/// The organization that it names, else that of the team, else the person's only one.
fn organization(
    named: &Named,
    tree: &Tree,
    team: Option<&TeamId>,
    user: Option<&UserId>,
) -> Result<OrganizationId, GatewayError> {
    let of_team = team.and_then(|team| tree.team(team));
    let of_team = of_team.map(|team| team.organization_id.clone());
    let said = match &named.organization {
        Some(name) => {
            let found = tree.names().organization(name);
            Some(found.cloned().ok_or_else(|| unknown("an organization"))?)
        }
        None => None,
    };
    match (said, of_team, user) {
        (Some(said), Some(of_team), _) if said != of_team => Err(GatewayError::TokenNotPermitted(
            "its team is of another organization than the one it names".to_owned(),
        )),
        (Some(organization), _, _) | (None, Some(organization), _) => Ok(organization),
        (None, None, Some(user)) => Ok(tree
            .only_organization(user)
            .unwrap_or_else(OrganizationId::default_one)),
        (None, None, None) => Err(GatewayError::TokenNotPermitted(
            "it names no team, person or organization that is known here".to_owned(),
        )),
    }
}
