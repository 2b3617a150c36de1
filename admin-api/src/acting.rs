//! Who acts, and may they? A request to [`Acting`], which only this file makes; the permission stands
//! in the handler's signature.

use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, rt, web};
use domain::actors::Actor;
use domain::ids::OrganizationId;
use domain::keys::key_name;
use domain::permissions::{Action, Denied, Place, Reach, Scope, authorize};
use store::{Event, Store};

use crate::AdminApi;
use crate::credential::identify;
use crate::error::{ActionError, Envelope, Problem};

/// One action as a type.
pub trait Permission: 'static {
    /// Which.
    const ACTION: Action;
}

macro_rules! permissions {
    ($($name:ident),+ $(,)?) => {
        /// The actions as types, for the signatures of handlers.
        pub mod may {
            use super::{Action, Permission};
            $(
                #[doc = concat!("[`Action::", stringify!($name), "`]")]
                pub struct $name;
                impl Permission for $name {
                    const ACTION: Action = Action::$name;
                }
            )+
        }
    };
}

permissions!(
    ReadOrganizations,
    CreateOrganizations,
    UpdateOrganizations,
    ReadMembers,
    WriteOrganizationMembers,
    WriteTeamMembers,
    ReadTeams,
    CreateTeams,
    UpdateTeams,
    ReadProjects,
    WriteProjects,
    ReadUsers,
    WriteUsers,
    ReadKeys,
    WriteKeys,
    ResetSpend,
    ReadEndUsers,
    WriteEndUsers,
    ReadBudgets,
    WriteBudgets,
    ReadTemplates,
    WriteTemplates,
    ReadCredentials,
    WriteCredentials,
    ReadDeployments,
    WriteDeployments,
    CheckHealth,
    ReadSpend,
    CorrectSpend,
    ReadAlerts,
    WriteAlerts,
    ReadAudit,
    VerifyAudit,
    ReadSettings,
    Myself,
);

/// An actor who may do `P` somewhere. Where exactly, [`Acting::on`] and [`Acting::scope`] say.
pub struct Acting<P> {
    /// Who.
    pub actor: Actor,
    api: web::Data<AdminApi>,
    looked_at: Option<OrganizationId>,
    permission: PhantomData<P>,
}

impl<P: Permission> Acting<P> {
    /// An actor on the command line or a job of our own: whoever reaches the database and the
    /// encryption key may do everything.
    ///
    /// # Errors
    /// When the actor may not.
    pub fn of(actor: Actor, api: web::Data<AdminApi>) -> Result<Self, ActionError> {
        if actor.rights.reach(P::ACTION) == Reach::Nothing {
            return Err(ActionError::NotPermitted(P::ACTION.as_str()));
        }
        Ok(Self {
            actor,
            api,
            looked_at: None,
            permission: PhantomData,
        })
    }

    /// The same actor, whose lists show one organization alone. What they may do stays.
    #[must_use]
    pub fn looking_at(self, organization: Option<OrganizationId>) -> Self {
        Self {
            looked_at: organization,
            ..self
        }
    }

    /// The same actor with another permission, for actions that do several things.
    ///
    /// # Errors
    /// When the actor does not have it.
    pub fn also<Q: Permission>(&self) -> Result<Acting<Q>, ActionError> {
        let acting = Acting::of(self.actor.clone(), self.api.clone())?;
        Ok(acting.looking_at(self.looked_at.clone()))
    }

    /// The store.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.api.store
    }

    /// The admin side.
    #[must_use]
    pub fn api(&self) -> &AdminApi {
        &self.api
    }

    /// What a list shows this actor.
    #[must_use]
    pub fn scope(&self) -> Scope {
        match &self.looked_at {
            Some(organization) if is_listed_by_organization(P::ACTION) => {
                self.actor.rights.scope_within(P::ACTION, organization)
            }
            _ => self.whole_scope(),
        }
    }

    /// All that this actor may do it to, wherever they look.
    #[must_use]
    pub fn whole_scope(&self) -> Scope {
        self.actor.rights.scope(P::ACTION)
    }

    /// Whether the actor may do it to a thing at this place; a thing that they may not see is
    /// answered as a missing one, and the denial is noted.
    ///
    /// # Errors
    /// [`ActionError::NotFound`] or [`ActionError::NotPermitted`].
    pub async fn on(&self, place: &Place, kind: &'static str, id: &str) -> Result<(), ActionError> {
        match authorize(&self.actor.rights, P::ACTION, place) {
            Ok(()) => Ok(()),
            Err(denied) => {
                note_denial(&self.api.store, &self.actor, P::ACTION, id).await;
                Err(match denied {
                    Denied::NotPermitted => ActionError::NotPermitted(P::ACTION.as_str()),
                    Denied::NotVisible => ActionError::not_found(kind, id),
                })
            }
        }
    }
}

/// Whether lists for this action are of things of organizations, and so show those of one alone.
const fn is_listed_by_organization(action: Action) -> bool {
    matches!(
        action,
        Action::ReadTeams
            | Action::ReadProjects
            | Action::ReadUsers
            | Action::ReadMembers
            | Action::ReadKeys
            | Action::ReadEndUsers
            | Action::ReadBudgets
            | Action::ReadTemplates
            | Action::ReadSpend
            | Action::ReadAlerts
            | Action::ReadAudit
    )
}

/// Writes a denial into the audit trail. A store that is away does not make it a success: the
/// request is denied all the same.
pub(crate) async fn note_denial(store: &Store, actor: &Actor, action: Action, id: &str) {
    let event = Event {
        action: "access.denied",
        object_kind: action.as_str(),
        object_id: without_key(id),
        ..Event::default()
    };
    if let Err(cause) = store.record(actor, event).await {
        tracing::warn!("a denial could not be noted: {cause}");
    }
}

/// What somebody asked for, shortened when it is a key: the trail is read by many and for long.
fn without_key(id: &str) -> String {
    if id.starts_with("sk-") {
        return key_name(id);
    }
    id.to_owned()
}

/// Why a request has no actor, in the dialect of its path.
#[derive(Debug)]
pub enum Refused {
    /// `/api/v1`.
    Problem(Problem),
    /// LiteLLM's routes.
    Envelope(Envelope),
}

impl From<Refused> for actix_web::Error {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Problem(problem) => problem.into(),
            Refused::Envelope(envelope) => envelope.into(),
        }
    }
}

impl<P: Permission> FromRequest for Acting<P> {
    type Error = Refused;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Refused>>>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            // A task of its own: extractors beside this one that refuse at once would drop it in the
            // middle of a query, which SQLite's connections do not survive.
            let asking = request.clone();
            let found = rt::spawn(async move { acting(&asking).await }).await;
            let broken = |fault: rt::task::JoinError| ActionError::Internal(fault.to_string());
            found.map_err(broken).flatten().map_err(|error| {
                if request.path().starts_with("/api/") {
                    Refused::Problem(Problem(error))
                } else {
                    Refused::Envelope(Envelope(error))
                }
            })
        })
    }
}

async fn acting<P: Permission>(request: &HttpRequest) -> Result<Acting<P>, ActionError> {
    let api = request
        .app_data::<web::Data<AdminApi>>()
        .ok_or_else(|| ActionError::Internal("the admin side is not assembled".to_owned()))?;
    let actor = identify(api, request).await?;
    match Acting::of(actor.clone(), api.clone()) {
        Ok(acting) => Ok(acting),
        Err(denied) => {
            // The route's pattern, not the path: LiteLLM's clients put keys into paths.
            let route = request.match_pattern().unwrap_or_default();
            note_denial(&api.store, &actor, P::ACTION, &route).await;
            Err(denied)
        }
    }
}
