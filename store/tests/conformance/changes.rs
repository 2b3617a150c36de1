//! One write and its audit entry, as a test makes them; what a test of lists asks for.

use domain::ids::OrganizationId;
use domain::organizations::Organization;
use domain::permissions::Scope;
use domain::policies::Policy;
use domain::stamps::Stamps;
use store::Store;

/// Makes one write and commits it with an audit entry; gives what the write answered.
macro_rules! change {
    ($store:expr, $write:ident($($argument:expr),*)) => {{
        let mut change = $store.begin().await.unwrap();
        match change.$write($($argument),*).await {
            Ok(answer) => {
                let actor = domain::actors::Actor::system();
                let event = store::Event { action: stringify!($write), ..store::Event::default() };
                change.commit(&actor, event).await.unwrap();
                Ok(answer)
            }
            Err(refused) => Err(refused),
        }
    }};
}

pub(crate) use change;

/// An organization that is there.
pub async fn organization(store: &Store, name: &str) -> OrganizationId {
    let organization = Organization {
        id: OrganizationId::generate(),
        external_id: None,
        name: name.to_owned(),
        time_zone: "UTC".to_owned(),
        policy: Policy::default(),
        blocked: false,
        stamps: Stamps::now("test"),
    };
    change!(store, insert_organization(&organization)).unwrap();
    organization.id
}

/// The scope of the operator.
pub fn everything() -> Scope {
    Scope {
        everything: true,
        ..Scope::default()
    }
}

/// The scope of somebody who sees one organization.
pub fn within(organization: &OrganizationId) -> Scope {
    Scope {
        organizations: [organization.clone()].into(),
        ..Scope::default()
    }
}
